"""From which day to which: what somebody asks figures for. Days are those of Asia/Shanghai."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

FIRST = dt.date(2000, 1, 1)


@dataclass(frozen=True)
class Period:
    first: dt.date
    last: dt.date

    @property
    def begins(self) -> dt.datetime:
        return _midnight(self.first)

    @property
    def ends(self) -> dt.datetime:
        """The instant after the last day."""
        return _midnight(self.last + dt.timedelta(days=1))

    @property
    def text(self) -> str:
        return _("%(first)s to %(last)s") % {
            "first": date_format(self.first, "DATE_FORMAT"),
            "last": date_format(self.last, "DATE_FORMAT"),
        }

    @property
    def asked(self) -> dict[str, str]:
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}


def period_asked(asked: Any, *, today: dt.date) -> tuple[Period, str]:
    """The period of `?from=&to=`, and a sentence when it cannot be meant: then this year."""
    year = Period(dt.date(today.year, 1, 1), today)
    first, last = asked.get("from", ""), asked.get("to", "")
    if not first and not last:
        return year, ""
    try:
        begin = dt.date.fromisoformat(first) if first else year.first
        end = dt.date.fromisoformat(last) if last else today
    except ValueError:
        return year, _("This is no date. The figures below are those of this year.")
    if end < begin:
        return year, _("The last day lies before the first. The figures below are of this year.")
    if begin < FIRST or end.year > today.year + 1:
        return year, _("There are no figures for these years; below are those of this year.")
    return Period(begin, end), ""


def period_choices(*, today: dt.date, chosen: Period, unit: str) -> list[dict[str, Any]]:
    """What people ask for most, as links."""
    month = today.replace(day=1)
    quarter = month.replace(month=3 * ((today.month - 1) // 3) + 1)
    last = today.year - 1
    found = [
        (_("This month"), Period(month, today)),
        (_("This quarter"), Period(quarter, today)),
        (_("This year"), Period(dt.date(today.year, 1, 1), today)),
        (_("Last year"), Period(dt.date(last, 1, 1), dt.date(last, 12, 31))),
    ]
    return [
        {
            "label": label,
            "url": f"?{urlencode({'unit': unit, **period.asked})}",
            "active": period == chosen,
        }
        for label, period in found
    ]


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=timezone.get_current_timezone())
