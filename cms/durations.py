"""Lengths of time in words, as they stand on cards and lists."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def duration_text(seconds: float | None) -> str:
    """750 → "12分30秒"; whole minutes without seconds, hours without seconds; "" when unknown."""
    if seconds is None or seconds < 0:
        return ""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if hours and minutes:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    if hours:
        return ngettext("%(hours)s hour", "%(hours)s hours", hours) % {"hours": hours}
    if minutes and left:
        return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": left}
    if minutes:
        return ngettext("%(minutes)s minute", "%(minutes)s minutes", minutes) % {"minutes": minutes}
    return ngettext("%(seconds)s second", "%(seconds)s seconds", left) % {"seconds": left}


def clock_text(second: int) -> str:
    """192 → "3:12", 3792 → "1:03:12"."""
    hours, rest = divmod(second, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
