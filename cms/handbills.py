"""A notice on one sheet for the village's board, and the same as text for a chat group.

Whoever may see the page that it leads to may print it: it says what that page says, names nobody
but speakers, and opens nothing to those who scan it without an account.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from organizations.qr import qr

# What fits on the sheet; the rest is behind the code.
MOST_LINES = 12


@dataclass(frozen=True)
class Handbill:
    """`kind` is the line above the title, `facts` pairs of words, `lines` what is taught in order,
    `call` what to do, `sender` who signs it.
    """

    kind: str
    title: str
    facts: Sequence[tuple[str, str]]
    call: str
    path: str
    sender: str
    lines: Sequence[str] = ()

    @property
    def shown(self) -> Sequence[str]:
        return self.lines[:MOST_LINES]

    @property
    def more(self) -> int:
        return max(len(self.lines) - MOST_LINES, 0)


def chat_text(bill: Handbill, address: str) -> str:
    """To be pasted into a group: what, when, where, the link; no names of members."""
    parts = [_("[%(kind)s] %(title)s") % {"kind": bill.kind, "title": bill.title}]
    parts += [
        _("%(label)s: %(value)s") % {"label": label, "value": value} for label, value in bill.facts
    ]
    parts += [f"{number}. {line}" for number, line in enumerate(bill.shown, start=1)]
    if bill.more:
        parts.append(_("and %(n)s more") % {"n": bill.more})
    return "\n".join([*parts, bill.call, address])


def handbill_page(request: HttpRequest, bill: Handbill, *, nav: str) -> HttpResponse:
    address = request.build_absolute_uri(bill.path)
    context = {
        "nav": nav,
        "bill": bill,
        "address": address,
        "qr": qr(address, "handbill-qr"),
        "chat_text": chat_text(bill, address),
        "day": date_format(timezone.localdate(), "DATE_FORMAT"),
    }
    return render(request, "handbills/handbill.html", context)
