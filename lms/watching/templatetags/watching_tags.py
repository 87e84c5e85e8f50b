"""Template tags for watch strips and lengths of time."""

from __future__ import annotations

from typing import Any

from django import template

from cms.durations import duration_text
from lms.watching.strips import Strip
from lms.watching.wording import span_text

register = template.Library()


@register.inclusion_tag("components/watch_strip.html")
def watch_strip(strip: Strip | None, label: str = "") -> dict[str, Any]:
    """Draw a strip; nothing watched when there is none."""
    return {
        "segments": strip.segments() if strip else [],
        "percent": strip.percent if strip else 0,
        "completed": strip.completed if strip else False,
        "label": label,
    }


@register.filter
def duration(seconds: float | None) -> str:
    """750 → "12分30秒"."""
    return duration_text(seconds)


@register.filter
def missing(span: tuple[int, int] | int) -> str:
    """A span (from, to) or a number of seconds → "这1分20秒还没看"."""
    return span_text(span if isinstance(span, int) else span[1] - span[0])
