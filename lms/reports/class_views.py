"""Classes in figures: which there are, one of them by units, who still lacks it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit import log
from cms.workbooks import workbook_stream
from lms.classes.models import TrainingClass
from lms.reports.asking import Asked, asked_context, figures_asked, number_asked
from lms.reports.class_figures import PER_PAGE, ClassFigures, class_figures, class_missing
from lms.reports.months import first_day
from lms.reports.naming import Names
from lms.reports.sheets import reporting_lines
from organizations.models import Organization
from organizations.people.viewer import Viewer

CLASSES = 30


@never_cache
@login_required
@require_safe
def classes(request: HttpRequest) -> HttpResponse:
    """Classes of the own units, or in which their people learn, that ran in these months."""
    asked = figures_asked(request)
    found = _classes(request).filter(
        starts_on__lt=first_day(asked.months.last + 1), ends_on__gte=first_day(asked.months.first)
    )
    page = Paginator(found, CLASSES).get_page(request.GET.get("p"))
    context = {"page": page, "query_prefix": f"{asked.address()}&"}
    return render(request, "reports/classes.html", asked_context(asked) | context)


def _classes(request: HttpRequest) -> Any:
    runs = TrainingClass.objects.managed_by(request.user).select_related("organization")
    return runs.order_by("-starts_on", "-pk")


@never_cache
@login_required
@require_safe
def one_class(request: HttpRequest, pk: int) -> HttpResponseBase:
    """`?unit=&from=&to=`; `?export=xlsx` for the workbook."""
    run, asked = get_object_or_404(_classes(request), pk=pk), figures_asked(request)
    total, rows = class_figures(run, asked.unit, asked.months)
    if request.GET.get("export") == "xlsx":
        log.record("training_class.export", target=run, request=request, unit=asked.unit.code)
        return _workbook(request, run, asked, total, rows)
    context = {
        "run": run,
        "total": total,
        "rows": [
            {"name": unit.name, "url": f"?{asked.address(unit=unit.code)}", "figures": figures}
            if unit != asked.unit
            else {"name": _("%(unit)s itself") % {"unit": unit.name}, "figures": figures}
            for unit, figures in rows
        ],
        "export_url": f"?{asked.address(export='xlsx')}",
    }  # fmt: skip
    return render(request, "reports/class.html", asked_context(asked) | context)


def _workbook(
    request: HttpRequest,
    run: TrainingClass,
    asked: Asked,
    total: ClassFigures,
    rows: list[tuple[Organization, ClassFigures]],
) -> HttpResponseBase:
    def cells(one: ClassFigures) -> list[str]:
        numbers = (
            one.enrolled, one.completed, one.completed_before, one.completed_percent, one.missing,
            one.exempt,
        )  # fmt: skip
        return [str(value) for value in numbers]

    return workbook_stream(
        title=_("A class in figures"),
        lines=reporting_lines(asked, request.user, run.title),
        user=request.user,
        head=[
            _("No."), _("Unit code"), _("Unit"), _("Enrolled"),
            _("Completed in these months"), _("Completed before"),
            _("Completion rate, per cent"), _("Still lacking it"), _("Exempt, outside these"),
        ],
        widths=(8, 16, 34, *(12,) * 6),
        rows=[
            *([str(n), unit.code, unit.name, *cells(one)] for n, (unit, one) in enumerate(rows, 1)),
            ["合计", asked.unit.code, asked.unit.name, *cells(total)],
        ],
    )  # fmt: skip


@never_cache
@login_required
@require_safe
def class_lacking(request: HttpRequest, pk: int) -> HttpResponse:
    """Who has not completed it, to call them."""
    run, asked = get_object_or_404(_classes(request), pk=pk), figures_asked(request)
    found = class_missing(run, asked.unit, asked.months, after=number_asked(request, "after"))
    shown, more = found[:PER_PAGE], found[PER_PAGE:]
    names = Names(Viewer.of(request), [one.user_id for one in shown])
    context = {
        "run": run,
        "people": [
            {
                "pk": one.user_id if one.user_id in names.seen else None,
                "name": names.name(one.user, one.organization_id),
                "unit": one.organization.name if one.organization else "",
                "phone": names.phone(one.user),
            }
            for one in shown
        ],
        "next_url": f"?{asked.address(after=str(shown[-1].pk))}" if more else "",
        "first_url": f"?{asked.address()}" if "after" in request.GET else "",
    }
    return render(request, "reports/class_missing.html", asked_context(asked) | context)
