"""Bring an installation up to date: catalogues, tables, library, static files, demo accounts."""

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from config.messages import compile_catalogues
from config.production import refuse_demo_accounts


class Command(BaseCommand):
    help = "Compiles messages, migrates, sets up the library, collects static files. Idempotent."

    def handle(self, *args: Any, **options: Any) -> None:
        compile_catalogues(settings.LOCALE_PATHS)
        call_command("migrate", verbosity=0, interactive=False)
        refuse_demo_accounts()
        self.collect_static()
        if settings.DEMO:
            call_command("demo", accounts_only=True, verbosity=0)

    def collect_static(self) -> None:
        """Collect only when a source changed: compressing takes about ten seconds."""
        stamp = Path(settings.STATIC_ROOT) / ".collected"
        state = static_state()
        if stamp.exists() and stamp.read_text() == state:
            return
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(state)


def static_state() -> str:
    """A digest of the names, sizes and times of our files, of the locked packages and of what
    makes of both what is served.
    """
    digest = hashlib.sha256()
    others = ("package-lock.json", "requirements/base.txt", "config/static.py")
    sources = [path for path in (settings.BASE_DIR / "static").rglob("*") if path.is_file()]
    for path in sorted([*(settings.BASE_DIR / name for name in others), *sources]):
        about = path.stat()
        digest.update(f"{path}:{about.st_size}:{about.st_mtime_ns}\n".encode())
    return digest.hexdigest()
