"""Management commands as whoever runs them sees them."""

from __future__ import annotations

from io import StringIO

from django.core.management import call_command


def ended(command: str, *options: str) -> tuple[int, str]:
    """Its exit status, and what it said."""
    said, status = StringIO(), 0
    try:
        call_command(command, *options, stdout=said)
    except SystemExit as end:
        status = int(str(end.code))
    return status, said.getvalue()
