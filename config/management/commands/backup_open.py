"""A sealed backup from standard input, decrypted, to standard output.

A pipe cannot be taken back, so deploy/restore.sh runs it with --check first.
"""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backups import backup_key
from config.sealing import SealError, unseal


class Nowhere:
    """Takes everything and keeps nothing."""

    def write(self, piece: bytes) -> int:
        return len(piece)


class Command(BaseCommand):
    help = "Decrypts a sealed backup from standard input to standard output with BACKUP_KEY."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="write nothing: only tell whether the backup is whole and unaltered",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        target: Any = Nowhere() if options["check"] else sys.stdout.buffer
        try:
            size = unseal(sys.stdin.buffer, target, key=backup_key())
        except SealError as problem:
            raise CommandError(str(problem)) from problem
        if options["check"]:
            self.stderr.write(f"The backup is whole: {size} bytes.")
        else:
            sys.stdout.buffer.flush()
