"""Standard input, encrypted, to standard output. Starts no process: deploy/backup.sh pipes."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.backups import backup_key
from config.sealing import SealError, seal


class Command(BaseCommand):
    help = "Encrypts standard input to standard output with BACKUP_KEY."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if sys.stdout.isatty():
            raise CommandError("Please send the sealed backup into a file or a pipe.")
        try:
            seal(sys.stdin.buffer, sys.stdout.buffer, key=backup_key())
        except SealError as problem:
            raise CommandError(str(problem)) from problem
        sys.stdout.buffer.flush()
