"""Tells deploy/backup.sh and deploy/restore.sh where the database and the audit anchor are."""

from typing import Any

from django.core.management.base import BaseCommand

from config.backups import shell_assignments


class Command(BaseCommand):
    help = "Prints shell assignments that name the database and the audit anchor, for eval."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for line in shell_assignments():
            self.stdout.write(line)
