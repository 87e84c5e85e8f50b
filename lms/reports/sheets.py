"""Figures and rows as workbooks in the official layout: a merged title, unit, who and date, sums in
the last row, every cell text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cms.models import LecturePage
from cms.workbooks import workbook_stream
from lms.ledger.models import KINDS
from lms.ledger.rules import NOTHING as NO_HOURS
from lms.reports.asking import Asked
from lms.reports.contributions import ANYTHING, What
from lms.reports.figures import Figures, UnitRow
from lms.reports.models import Tally
from lms.reports.naming import Names
from lms.reports.rows import Row, rows_in, titles_of
from organizations.models import User
from organizations.people.viewer import Viewer

# More than a spreadsheet is any good for.
MOST = 200_000
AT_ONCE = 2000


def reporting_lines(asked: Asked, user: Any, *more: str) -> list[str]:
    return [
        _("Reporting unit: %(unit)s    Filled in by: %(who)s    Date: %(day)s")
        % {
            "unit": asked.unit.name,
            "who": user.name,
            "day": date_format(timezone.localdate(), "Y-m-d"),
        },
        _("Period: %(months)s") % {"months": asked.months.text},
        *more,
    ]


def figures_workbook(
    asked: Asked, total: Figures, rows: Sequence[UnitRow], *, user: Any
) -> StreamingHttpResponse:
    head = [
        _("No."), _("Unit code"), _("Unit"), _("Members asked"), _("Exempt"), _("Have learnt"),
        _("Coverage rate, per cent"), _("Learnt nothing yet"), _("Different people"), _("Times"),
        _("Hours"), _("With a target"), _("Target reached"), _("Hours asked"),
        _("Hours that count"), _("Enrolments in classes"), _("Completed in these months"),
        _("Completed before"), _("Completion rate, per cent"),
    ]  # fmt: skip

    def cells(one: Figures) -> list[str]:
        numbers = [
            one.asked, one.exempt, one.covered, one.covered_percent, one.missing, one.people,
            one.times, one.hours_text, one.with_target, one.reached, one.target_text,
            one.counted_text, one.enrolled, one.completed, one.completed_before,
            one.completed_percent,
        ]  # fmt: skip
        return [str(value) for value in numbers]

    body = [
        *([str(n), row.unit.code, row.name, *cells(row.figures)] for n, row in enumerate(rows, 1)),
        ["合计", asked.unit.code, asked.unit.name, *cells(total)],
    ]
    return workbook_stream(
        title=_("Learning figures"),
        lines=reporting_lines(
            asked, user, _("Targets are those of %(year)s. Different people are counted once in "
            "each unit, so the sum of units may be larger.") % {"year": asked.year},
        ),
        user=user,
        head=head,
        widths=(8, 16, 34, *(12,) * 16),
        rows=body,
    )  # fmt: skip


def lectures_workbook(
    asked: Asked, learnt: dict[int, tuple[int, int]], pages: QuerySet[LecturePage], *, user: Any
) -> StreamingHttpResponse:
    def body() -> Iterator[list[str]]:
        number = times = 0
        for number, (pk, title) in enumerate(pages.values_list("pk", "title"), 1):
            people, n = learnt[pk]
            times += n
            yield [str(number), title, str(people), str(n)]
        yield ["合计", _("%(n)s lectures") % {"n": number}, "", str(times)]

    return workbook_stream(
        title=_("Lectures learnt"),
        lines=reporting_lines(asked, user),
        user=user,
        head=[_("No."), _("Lecture"), _("Different people"), _("Times")],
        widths=(8, 50, 14, 14),
        rows=body(),
    )


def rows_fit(asked: Asked) -> bool:
    """Whether the rows are no more than a workbook is given."""
    sums = Tally.objects.filter(
        unit=asked.unit,
        what=What.LEARNT,
        item=ANYTHING,
        month__range=(asked.months.first, asked.months.last),
    ).aggregate(n=Sum("times", default=0))
    return int(sums["n"]) <= MOST


def rows_workbook(
    asked: Asked, lecture: LecturePage | None, *, user: Any, viewer: Viewer
) -> StreamingHttpResponse:
    return workbook_stream(
        title=_("Who learnt what"),
        lines=reporting_lines(asked, user, *([str(lecture.title)] if lecture is not None else [])),
        user=user,
        head=[
            _("No."), _("Unit"), pgettext("person", "Name"), _("What was learnt"), _("Kind"),
            _("Time"), _("Hours"),
        ],
        widths=(8, 34, 14, 50, 14, 18, 10),
        rows=_rows(asked, lecture.pk if lecture is not None else None, viewer),
    )  # fmt: skip


def _rows(asked: Asked, lecture: int | None, viewer: Viewer) -> Iterator[list[str]]:
    kinds = {str(kind): str(label) for kind, label in KINDS}
    found = rows_in(asked, lecture=lecture, at_once=AT_ONCE)
    number, sum_of_hours, waiting = 0, NO_HOURS, list[Row]()

    def texts(some: list[Row]) -> Iterator[list[str]]:
        titles, names = titles_of(some), Names(viewer, {row.user for row in some})
        for n, row in enumerate(some, number + 1):
            at = date_format(timezone.localtime(row.at), "Y-m-d H:i")
            title = titles.get((row.source, row.subject)) or _("no longer in the library")
            hours = f"{row.hours.normalize():f}"
            yield [str(n), row.unit_name, name_of(row, names), title, kinds[row.kind], at, hours]

    for row in found:
        waiting.append(row)
        sum_of_hours += row.hours
        if len(waiting) == AT_ONCE:
            yield from texts(waiting)
            number += len(waiting)
            waiting = []
    yield from texts(waiting)
    number += len(waiting)
    total = f"{Decimal(sum_of_hours).normalize():f}"
    yield ["合计", "", "", _("%(n)s rows") % {"n": number}, "", "", total]


def name_of(row: Row, names: Names) -> str:
    return names.name(User(pk=row.user, name=row.name, username=row.username), row.unit)
