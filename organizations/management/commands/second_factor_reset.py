"""Removing second factors from the shell: for administrators whose factors nobody above removes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from organizations.models import User
from organizations.signin.second_factor.removal import factors_remove_by_operator


class Command(BaseCommand):
    help = "Remove every second factor of an account and end its sessions; it sets up a new one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(username=options["username"]).first()
        if person is None:
            raise CommandError("There is no such account.")
        count = factors_remove_by_operator(person=person)
        self.stdout.write(f"{count} removed")
