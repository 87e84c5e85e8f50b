"""The figures of a unit, and what lies behind them: who has not yet, rows, lectures."""

from __future__ import annotations

from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit import log
from cms.models import LecturePage
from lms.ledger.models import CATEGORIES, KINDS
from lms.ledger.rules import Kind
from lms.ledger.targets import Category
from lms.reports import sheets
from lms.reports.asking import Asked, asked_context, figures_asked, number_asked
from lms.reports.contributions import What
from lms.reports.figures import (
    figures_of,
    hours_text,
    kinds_figures,
    lectures_learnt,
    targets_figures,
)
from lms.reports.missing import NOTHING_LEARNT, PER_PAGE, TARGET, WHICH, is_told, lacking
from lms.reports.models import Tally
from lms.reports.naming import Names
from lms.reports.rows import lectures_in_branch, rows_in, titles_of
from organizations.models import Organization, User
from organizations.people.viewer import Viewer

LECTURES = 50


@never_cache
@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponseBase:
    """`?unit=&from=&to=`; `?export=xlsx` for the workbook."""
    asked = figures_asked(request)
    total, rows = figures_of(asked)
    if request.GET.get("export") == "xlsx":
        log.record("reports.export", target=asked.unit, request=request, **asked.months.asked)
        return sheets.figures_workbook(asked, total, rows, user=request.user)
    labels = dict(CATEGORIES)
    context = {
        "total": total,
        "rows": rows,
        "kinds": kinds_figures(asked.unit, asked.months),
        "targets": [
            (labels[Category(one.category)], one) for one in targets_figures(asked.unit, asked.year)
        ],
        "export_url": f"?{asked.address(export='xlsx')}",
        "names_targets": is_told(asked, TARGET),
    }
    return render(request, "reports/overview.html", asked_context(asked) | context)


@never_cache
@login_required
@require_safe
def missing(request: HttpRequest) -> HttpResponse:
    """`?of=nothing`: of those asked today, who learnt nothing in the months; `?of=target`: who has
    not reached the target of the year, which must be this one or closed.
    """
    asked = figures_asked(request)
    which = request.GET.get("of", NOTHING_LEARNT)
    which = which if which in WHICH else NOTHING_LEARNT
    told, after = is_told(asked, which), number_asked(request, "after")
    found = list(islice(lacking(asked, which, after=after), PER_PAGE + 1)) if told else []
    shown = found[:PER_PAGE]
    people = User.objects.in_bulk([one.user for one in shown])
    names = Names(Viewer.of(request), people)
    units = Organization.objects.in_bulk([one.unit for one in shown])
    context = {
        "which": which,
        "is_told": told,
        "this_year": f"?{urlencode({'unit': asked.unit.code, 'of': TARGET})}",
        "people": [
            {
                "pk": one.user if one.user in names.seen else None,
                "name": names.name(people[one.user], one.unit),
                "unit": units[one.unit].name,
                "phone": names.phone(people[one.user]),
                "counts": hours_text(one.counted),
                "target": hours_text(one.target or 0) if which == TARGET else "",
            }
            for one in shown
        ],
        **_ways(asked, request, shown[-1].user if found[PER_PAGE:] else None, of=which),
    }
    return render(request, "reports/missing.html", asked_context(asked) | context)


@never_cache
@login_required
@require_safe
def rows(request: HttpRequest) -> HttpResponseBase:
    """Who learnt what, when, by which way; `?lecture=` of one lecture; `?export=xlsx`."""
    asked = figures_asked(request)
    number = number_asked(request, "lecture")
    lecture = _lecture(asked, number, request.user) if number is not None else None
    viewer = Viewer.of(request)
    if request.GET.get("export") == "xlsx":
        if sheets.rows_fit(asked):
            log.record(
                "reports.export_rows", target=asked.unit, request=request, **asked.months.asked
            )
            return sheets.rows_workbook(asked, lecture, user=request.user, viewer=viewer)
        messages.error(
            request,
            _("More than %(count)s rows. Please choose a smaller unit or fewer months.")
            % {"count": sheets.MOST},
        )
    after = number_asked(request, "after")
    found = list(islice(rows_in(asked, lecture=number, after=after), PER_PAGE + 1))
    shown = found[:PER_PAGE]
    titles, kinds = titles_of(shown), dict(KINDS)
    names = Names(viewer, {row.user for row in shown})
    more = {"lecture": str(number)} if number is not None else {}
    context = {
        "lecture": lecture,
        "rows": [
            {
                "user": row.user if row.user in names.seen else None,
                "name": sheets.name_of(row, names),
                "unit": row.unit_name,
                "title": titles.get((row.source, row.subject)) or _("no longer in the library"),
                "kind": kinds[Kind(row.kind)],
                "at": row.at,
                "hours": f"{row.hours.normalize():f}",
            }
            for row in shown
        ],
        "export_url": f"?{asked.address(export='xlsx', **more)}",
        **_ways(asked, request, shown[-1].pk if found[PER_PAGE:] else None, **more),
    }
    return render(request, "reports/rows.html", asked_context(asked) | context)


def _lecture(asked: Asked, number: int, user: Any) -> LecturePage:
    """One that the user may see, or that was learnt in the unit. Raises Http404."""
    learnt = Tally.objects.filter(unit=asked.unit, what=What.LECTURE, item=number)
    seen = LecturePage.objects.all() if learnt.exists() else LecturePage.objects.visible_to(user)
    return get_object_or_404(seen, pk=number)


def _ways(asked: Asked, request: HttpRequest, last: int | None, **more: str) -> dict[str, Any]:
    """On to the next page, and back to the first."""
    return {
        "next_url": f"?{asked.address(after=str(last), **more)}" if last is not None else "",
        "first_url": f"?{asked.address(**more)}" if "after" in request.GET else "",
    }


@never_cache
@login_required
@require_safe
def lectures(request: HttpRequest) -> HttpResponseBase:
    """What was learnt in a unit, by title, each with its people and times."""
    asked = figures_asked(request)
    if asked.is_branch:
        learnt = lectures_in_branch(asked)
    else:
        learnt = lectures_learnt(asked.unit, asked.months)
    pages = LecturePage.objects.filter(pk__in=learnt).order_by("title", "pk")
    if request.GET.get("export") == "xlsx":
        log.record("reports.export", target=asked.unit, request=request, **asked.months.asked)
        return sheets.lectures_workbook(asked, learnt, pages, user=request.user)
    page = Paginator(pages.select_related("organization"), LECTURES).get_page(request.GET.get("p"))
    context = {
        "page": page,
        "lectures": [
            {
                "title": one.title,
                "unit": one.organization.name if one.organization else "",
                "people": learnt[one.pk][0],
                "times": learnt[one.pk][1],
                "query": asked.address(lecture=str(one.pk)),
            }
            for one in page
        ],
        "export_url": f"?{asked.address(export='xlsx')}",
        "query_prefix": f"{asked.address()}&",
    }
    return render(request, "reports/lectures.html", asked_context(asked) | context)
