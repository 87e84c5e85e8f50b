"""Plans: the list, one plan with its runs, coverage by category."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from audit import log
from cms.workbooks import workbook_response
from lms.classes.coverage import (
    CATEGORIES,
    SHOWS,
    Coverage,
    Covered,
    coverage,
    label_of,
    people_of,
)
from lms.classes.forms import PlanForm
from lms.classes.models import ClassPlan, TrainingClass
from lms.classes.permissions import can_organise, check_can_organise, plans_offered
from lms.classes.planning import ClassError, plan_change, plan_create, plan_delete
from lms.classes.views import NAV
from organizations import scope
from organizations.models import Organization
from organizations.people.viewer import Viewer

PER_PAGE = 30
PEOPLE = 50


def offered_plan(request: HttpRequest, pk: int) -> ClassPlan:
    check_can_organise(request.user)
    plans = ClassPlan.objects.filter(plans_offered(request.user)).select_related("organization")
    return get_object_or_404(plans, pk=pk)


def kept_plan(request: HttpRequest, pk: int) -> ClassPlan:
    found = offered_plan(request, pk)
    check_can_organise(request.user, found.organization)
    return found


@never_cache
@require_safe
@login_required
def plan_list(request: HttpRequest) -> HttpResponse:
    """Plans of the own units and those above, with how many runs there have been."""
    check_can_organise(request.user)
    plans = ClassPlan.objects.filter(plans_offered(request.user)).select_related("organization")
    counted = plans.annotate(run_count=Count("runs")).order_by("-created_at", "-pk")
    page = Paginator(counted, PER_PAGE).get_page(request.GET.get("p"))
    return render(request, "classes/plan_list.html", NAV | {"plans": page, "query_prefix": ""})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def plan_new(request: HttpRequest) -> HttpResponse:
    check_can_organise(request.user)
    form = PlanForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data["key"]
        made = plan_create(user=request.user, key=key, **form.facts())
        return redirect("classes:plan_items", made.pk)
    return _form(request, form, _("New class plan"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    found = offered_plan(request, pk)
    keeps = can_organise(request.user, found.organization)
    if request.method == "POST":
        if request.POST.get("act") != "delete":
            raise Http404
        try:
            plan_delete(plan=found, user=request.user)
        except ClassError as problem:
            messages.error(request, str(problem))
            return redirect("classes:plan", pk)
        messages.success(request, _("The plan is deleted."))
        return redirect("classes:plans")
    runs = TrainingClass.objects.managed_by(request.user).filter(plan=found)
    context = {
        "plan": found,
        "keeps": keeps,
        "items": found.items.select_related("lecture", "collection"),
        "runs": runs.select_related("organization").order_by("-number")[:PER_PAGE],
        "may_go": keeps and not found.runs.exists(),
    }
    return render(request, "classes/plan.html", NAV | context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def plan_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = kept_plan(request, pk)
    posted = request.POST if request.method == "POST" else None
    form = PlanForm(posted, user=request.user, plan=found)
    if request.method == "POST" and form.is_valid():
        try:
            plan_change(plan=found, user=request.user, **form.facts())
        except ClassError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("The plan is changed."))
            return redirect("classes:plan", pk)
    return _form(request, form, _("Change the plan"), plan=found)


def _form(request: HttpRequest, form: Any, title: str, **more: Any) -> HttpResponse:
    context = {"form": form, "title": title, "offered_units": form.offered, **more}
    status = 422 if form.errors else 200
    return render(request, "classes/plan_form.html", NAV | context, status=status)


# -- coverage --------------------------------------------------------------------------------------


@never_cache
@require_safe
@login_required
def plan_coverage(request: HttpRequest, pk: int) -> HttpResponse:
    """Of each category who is taught; `?tag=&show=missing` the people, `?export=xlsx` a list."""
    found = offered_plan(request, pk)
    unit = _unit(request)
    tag, show = request.GET.get("tag", ""), request.GET.get("show", "")
    base = {"plan": found, "unit": unit, "units": _below(unit), "above": _above(request, unit)}
    if tag in CATEGORIES and show in SHOWS:
        return _people(request, found, unit, tag, show, base)
    counted = coverage(found, unit)
    if request.GET.get("export") == "xlsx":
        log.record("class_plan.export", target=found, request=request, unit=unit.code)
        return workbook_response(
            title=_("Coverage by category"),
            about=f"{found.title}　{unit.name}",
            user=request.user,
            head=[_("Category"), *_heads()],
            widths=(28, 12, 12, 12, 12),
            rows=_lines(counted),
        )
    return render(request, "classes/coverage.html", NAV | base | {"coverage": counted})


def _people(
    request: HttpRequest, found: ClassPlan, unit: Organization, tag: str, show: str,
    base: dict[str, Any],
) -> HttpResponse:  # fmt: skip
    viewer = Viewer.of(request)
    ties = people_of(found, unit, tag, show)
    label = label_of(tag)
    head = dict(zip(("eligible", "enrolled", "completed", "missing"), _heads(), strict=True))[show]
    if request.GET.get("export") == "xlsx":

        def lines() -> Iterator[list[str]]:
            for number, tie in enumerate(ties.iterator(chunk_size=2000), 1):
                name = viewer.name(tie.user, tie.organization_id)
                yield [str(number), tie.organization.name, name]

        log.record("class_plan.export", target=found, request=request, unit=unit.code, value=tag)
        return workbook_response(
            title=f"{label}：{head}",
            about=f"{found.title}　{unit.name}",
            user=request.user,
            head=[_("No."), _("Unit"), _("Name")],
            widths=(8, 36, 16),
            rows=lines(),
        )
    page = Paginator(ties, PEOPLE).get_page(request.GET.get("p"))
    context = {
        "label": label,
        "head": head,
        "tag": tag,
        "show": show,
        "page": page,
        "rows": [
            {"name": viewer.name(tie.user, tie.organization_id), "unit": tie.organization.name}
            for tie in page
        ],
        "query_prefix": f"unit={unit.code}&tag={tag}&show={show}&",
    }
    return render(request, "classes/coverage_people.html", NAV | base | context)


def _heads() -> list[str]:
    return [_("To be taught"), _("Enrolled"), pgettext("class", "Completed"), _("Still missing")]


def _lines(counted: Coverage) -> Iterator[list[str]]:
    """Category by category, each group under its name; the sum last."""
    for name, rows in counted.groups:
        yield [name, "", "", "", ""]
        yield from ([row.label, *_cells(row)] for row in rows)
    yield ["合计", *_cells(counted.total)]


def _cells(row: Covered) -> list[str]:
    return [str(row.eligible), str(row.enrolled), str(row.completed), str(row.missing)]


def _unit(request: HttpRequest) -> Organization:
    """The unit asked for within what the person reads; without one the topmost of the own."""
    readable = scope.readable_paths(request.user)
    code = request.GET.get("unit", "")
    if code:
        found = Organization.objects.filter(code=code).first()
    else:
        found = Organization.objects.filter(path__in=scope.outermost(readable)[:1]).first()
    if found is None or not found.path.startswith(tuple(readable)):
        raise Http404
    return found


def _below(unit: Organization) -> Any:
    return Organization.objects.open().filter(scope.subtree(unit.path), depth=unit.depth + 1)


def _above(request: HttpRequest, unit: Organization) -> list[Organization]:
    readable = tuple(scope.readable_paths(request.user))
    above = unit.get_ancestors() if not unit.is_root() else []
    return [one for one in above if one.path.startswith(readable)]
