"""How hours are written."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.translation import pgettext

from lms.ledger.models import KINDS
from lms.ledger.rules import Rule

register = template.Library()


@register.filter
def hours(value: Decimal | str | int | None) -> str:
    """0.50 → "0.5", 32.00 → "32": no zeros that say nothing."""
    if value is None:
        return ""
    text = f"{Decimal(value):.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


@register.filter
def counted_kinds(rule: Rule) -> str:
    names = [str(label) for kind, label in KINDS if kind in rule.counted]
    return pgettext("between kinds", ", ").join(names)
