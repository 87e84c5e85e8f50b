"""The three administrations of the topmost unit: nobody in the site appoints them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from organizations.models import Organization, Post, User
from organizations.people.services import (
    PeopleError,
    post_close_by_operator,
    post_open_by_operator,
)
from organizations.permissions import ADMINISTRATIONS


class Command(BaseCommand):
    help = (
        "Make somebody on record system, security or audit administrator of a unit, the topmost "
        "one without --unit; --end takes the post away. Both are logged."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("role", choices=[str(role) for role in ADMINISTRATIONS])
        parser.add_argument("--unit", metavar="CODE", help="code of the unit")
        parser.add_argument("--end", action="store_true", help="end the post instead")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(username=options["username"]).first()
        if person is None:
            raise CommandError("There is no such account. Import the roster first.")
        unit = self.unit(options["unit"])
        try:
            if options["end"]:
                post_close_by_operator(post=self.post(person, unit, options["role"]))
            else:
                post_open_by_operator(person=person, unit=unit, role=options["role"])
        except PeopleError as problem:
            raise CommandError(str(problem)) from problem
        done = "ended" if options["end"] else "appointed"
        self.stdout.write(f"{person.username}: {options['role']} of {unit.code} {done}")

    def unit(self, code: str | None) -> Organization:
        if code is not None:
            found = Organization.objects.filter(code=code).first()
            if found is None:
                raise CommandError("There is no unit with this code.")
            return found
        roots = list(Organization.get_root_nodes()[:2])
        if len(roots) != 1:
            raise CommandError("There is not one topmost unit: name the unit with --unit.")
        return roots[0]

    def post(self, person: User, unit: Organization, role: str) -> Post:
        held = Post.objects.current().filter(
            user=person, organization=unit, role=role, valid_to=None
        )
        post = held.first()
        if post is None:
            raise CommandError("This account holds no such post.")
        return post
