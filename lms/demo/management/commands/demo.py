"""`manage.py demo`: fill the demo, or only its accounts. Idempotent."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lms.demo.people import people_seed
from lms.demo.seed import demo_fill


class Command(BaseCommand):
    help = "Fills the demo through the product's own ways, by the running site or one of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=settings.DEMO_LECTURES)
        parser.add_argument("--accounts-only", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo is never filled in production.")
        if options["accounts_only"]:
            people_seed()
            return
        demo_fill(limit=options["limit"], say=lambda text: self.stdout.write(text))
