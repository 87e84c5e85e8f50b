"""How marked text is written."""

from collections.abc import Iterable

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from cms.finding.marking import Part

register = template.Library()


@register.filter
def marked(parts: Iterable[Part]) -> SafeString:
    """Everything escaped, what was looked for in `<mark>`."""
    pieces = (
        f"<mark>{escape(part.text)}</mark>" if part.hit else escape(part.text) for part in parts
    )
    return mark_safe("".join(pieces))  # noqa: S308
