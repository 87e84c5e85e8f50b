"""A one-time code from the shell: for the first administrator, whom nobody can issue one to."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import localtime

from organizations.models import User
from organizations.signin.credentials import CredentialError, credential_issue_by_operator


class Command(BaseCommand):
    help = "Print a one-time code for an account; it is set up at /accounts/first/ with it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(username=options["username"]).first()
        if person is None:
            raise CommandError("There is no such account.")
        try:
            issued = credential_issue_by_operator(person=person)
        except CredentialError as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{issued.code}  until {localtime(issued.expires_at):%Y-%m-%d %H:%M}")
