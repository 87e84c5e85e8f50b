"""Figures of a unit and the units right below it: who may ask, for which unit, in which rows.

What is counted is each caller's own. Rows stand in the order of the tree, never by size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.db.models.functions import Substr
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.periods import Period, period_asked, period_choices
from organizations import scope
from organizations.models import Organization


@dataclass(frozen=True)
class Asked:
    """One question: a unit within the person's scope, and a period."""

    unit: Organization
    tops: tuple[Organization, ...]
    period: Period
    problem: str

    def address(self, **changes: str) -> str:
        return urlencode({"unit": self.unit.code, **self.period.asked, **changes})


def unit_asked(request: HttpRequest) -> tuple[Organization, tuple[Organization, ...]]:
    """The unit that the address names, else the first of one's own, and all that are one's own.

    Raises PermissionDenied for people without a post, Http404 for units outside their scope.
    """
    units = {unit.path: unit for unit in scope.readable_units(request.user)}
    if not units:
        raise PermissionDenied(_("These figures are for those who look after units."))
    tops = tuple(units[path] for path in scope.outermost(set(units)))
    code = request.GET.get("unit", "")
    unit = Organization.objects.filter(code=code).first() if code else tops[0]
    if unit is None or not any(unit.path.startswith(top.path) for top in tops):
        raise Http404
    return unit, tops


def asked_figures(request: HttpRequest) -> Asked:
    """Raises as `unit_asked`."""
    unit, tops = unit_asked(request)
    period, problem = period_asked(request.GET, today=timezone.localdate())
    return Asked(unit, tops, period, problem)


def by_branch(rows: QuerySet[Any], unit: Organization, *, field: str) -> QuerySet[Any]:
    """`branch`: the path of the unit, or of the one right below it, that a row belongs to."""
    inside = rows.filter(scope.subtree(unit.path, field)).order_by()
    length = len(unit.path) + Organization.steplen
    return inside.annotate(branch=Substr(f"{field}__path", 1, length)).values("branch")


def unit_rows(asked: Asked, figures: dict[str, Any], *, nothing: Any) -> list[dict[str, Any]]:
    """The unit itself, if it has figures of its own, and all units below: name, figures, link."""
    unit = asked.unit
    found = []
    if unit.path in figures:
        name = _("%(unit)s itself") % {"unit": unit.name}
        found.append({"name": name, "url": "", "figures": figures[unit.path]})
    for child in _below(unit):
        if child.closed_on is None or child.path in figures:
            url = f"?{asked.address(unit=child.code)}" if child.numchild else ""
            found.append(
                {"name": child.name, "url": url, "figures": figures.get(child.path, nothing)}
            )
    return found


def figures_context(asked: Asked) -> dict[str, Any]:
    """What the page of any figures shows beside them."""
    above = asked.unit.get_ancestors() if not asked.unit.is_root() else []
    crumbs: Sequence[Organization] = [
        one for one in above if any(one.path.startswith(top.path) for top in asked.tops)
    ]
    periods = period_choices(today=timezone.localdate(), chosen=asked.period, unit=asked.unit.code)
    return {
        "unit": asked.unit,
        "tops": [top for top in asked.tops if top.pk != asked.unit.pk and len(asked.tops) > 1],
        "crumbs": [{"name": one.name, "url": f"?{asked.address(unit=one.code)}"} for one in crumbs],
        "period": asked.period,
        "problem": asked.problem,
        "periods": periods,
        "is_usual": any(one["active"] for one in periods),
        "export_url": f"?{asked.address(export='xlsx')}",
    }


def _below(unit: Organization) -> QuerySet[Organization]:
    """Also those that were merged into it: what they held or published is counted in its sum."""
    return Organization.objects.filter(scope.subtree(unit.path), depth=unit.depth + 1)
