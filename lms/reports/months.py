"""Months as numbers, and a span of whole months that somebody asks figures for.

A month is year * 12 + month - 1, in Asia/Shanghai.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

FIRST_YEAR = 2020
_TEXT = re.compile(r"(\d{4})-(\d{2})")


def month_of(day: dt.date) -> int:
    return day.year * 12 + day.month - 1


def first_day(month: int) -> dt.date:
    return dt.date(month // 12, month % 12 + 1, 1)


def midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=timezone.get_current_timezone())


def month_text(month: int) -> str:
    """ "2026-05", as browsers write a month."""
    return f"{month // 12:04}-{month % 12 + 1:02}"


def month_name(month: int) -> str:
    """ "2026年5月"."""
    return date_format(first_day(month), "YEAR_MONTH_FORMAT")


@dataclass(frozen=True)
class Months:
    """Both the first and the last month are within."""

    first: int
    last: int

    @property
    def text(self) -> str:
        if self.first == self.last:
            return month_name(self.first)
        return _("%(first)s to %(last)s") % {
            "first": month_name(self.first),
            "last": month_name(self.last),
        }

    @property
    def asked(self) -> dict[str, str]:
        return {"from": month_text(self.first), "to": month_text(self.last)}


def months_asked(asked: Any, *, today: dt.date) -> tuple[Months, str]:
    """The months of `?from=&to=`, and a sentence when they cannot be meant: then this year's."""
    year = Months(today.year * 12, month_of(today))
    first, last = asked.get("from", ""), asked.get("to", "")
    if not first and not last:
        return year, ""
    begin = _read(first) if first else year.first
    end = _read(last) if last else year.last
    if begin is None or end is None:
        return year, _("This is no month. The figures below are those of this year.")
    if end < begin:
        return year, _("The last month lies before the first. The figures below are of this year.")
    if begin < FIRST_YEAR * 12 or end > year.first + 11:
        return year, _("There are no figures for these years; below are those of this year.")
    return Months(begin, end), ""


def _read(text: str) -> int | None:
    found = _TEXT.fullmatch(text) if text.isascii() else None
    if found is None:
        return None
    year, month = map(int, found.groups())
    return year * 12 + month - 1 if 1 <= month <= 12 else None


def months_choices(*, today: dt.date, chosen: Months, unit: str) -> list[dict[str, Any]]:
    """What people ask for most, as links."""
    now = month_of(today)
    year = today.year * 12
    found = [
        (_("This month"), Months(now, now)),
        (_("This quarter"), Months(now - now % 3, now)),
        (_("This year"), Months(year, now)),
        (_("Last year"), Months(year - 12, year - 1)),
    ]
    return [
        {
            "label": label,
            "url": f"?{urlencode({'unit': unit, **months.asked})}",
            "active": months == chosen,
        }
        for label, months in found
    ]
