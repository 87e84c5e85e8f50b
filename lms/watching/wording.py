"""Sentences about watching, the same on every page."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cms.durations import duration_text


def clock_text(seconds: float) -> str:
    """A place in a recording: 200 → "3:20", 3800 → "1:03:20"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def missing_text(seconds: int) -> str:
    """ "1 min 20 s not watched yet"; "" when nothing is missing."""
    if seconds <= 0:
        return ""
    return _("%(length)s not watched yet") % {"length": duration_text(seconds)}


def span_text(seconds: int) -> str:
    """About one stretch of a recording: "This 1 min 20 s is not watched yet"."""
    return _("This %(length)s is not watched yet") % {"length": duration_text(seconds)}


def resume_text(position: float) -> str:
    """Where somebody stopped: "Last stopped at 3 min 20 s"."""
    return _("Last stopped at %(place)s") % {"place": duration_text(position)}
