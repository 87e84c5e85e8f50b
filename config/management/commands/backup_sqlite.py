"""SQLite's online backup to standard output, or back from standard input."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backups import BackupError, sqlite_dump, sqlite_load


class Command(BaseCommand):
    help = "Copies the SQLite database to standard output, or puts one back from standard input."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("direction", choices=("dump", "load"))
        parser.add_argument("--replace", action="store_true", help="load over an existing database")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["direction"] == "dump":
                sqlite_dump(sys.stdout.buffer)
                sys.stdout.buffer.flush()
            else:
                sqlite_load(sys.stdin.buffer, replace=options["replace"])
        except BackupError as problem:
            raise CommandError(str(problem)) from problem
