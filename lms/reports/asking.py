"""What somebody asks of the figures: a unit within their scope, and whole months."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone

from cms.unit_figures import unit_asked
from lms.reports.models import Counting
from lms.reports.months import Months, months_asked, months_choices
from organizations.models import Organization


@dataclass(frozen=True)
class Asked:
    unit: Organization
    tops: tuple[Organization, ...]
    months: Months
    problem: str

    @property
    def year(self) -> int:
        """Whose targets are shown: that in which the period ends."""
        return self.months.last // 12

    @property
    def is_branch(self) -> bool:
        return bool(self.unit.kind == Organization.Kind.BRANCH)

    def address(self, **changes: str) -> str:
        return urlencode({"unit": self.unit.code, **self.months.asked, **changes})


def figures_asked(request: HttpRequest) -> Asked:
    """Raises as `unit_asked`."""
    unit, tops = unit_asked(request)
    months, problem = months_asked(request.GET, today=timezone.localdate())
    return Asked(unit, tops, months, problem)


def asked_context(asked: Asked) -> dict[str, Any]:
    """What every page of figures shows beside them."""
    unit = asked.unit
    above = unit.get_ancestors() if not unit.is_root() else []
    crumbs = [one for one in above if any(one.path.startswith(top.path) for top in asked.tops)]
    periods = months_choices(today=timezone.localdate(), chosen=asked.months, unit=unit.code)
    return {
        "nav": "me",
        "unit": unit,
        "asked": asked,
        "tops": [top for top in asked.tops if top.pk != unit.pk],
        "crumbs": [{"name": one.name, "url": f"?{asked.address(unit=one.code)}"} for one in crumbs],
        "months": asked.months,
        "problem": asked.problem,
        "periods": periods,
        "is_usual": any(one["active"] for one in periods),
        "counted_to": Counting.objects.values_list("counted_to", flat=True).first(),
        "query": asked.address(),
    }


def number_asked(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    # Longer than any id; a database refuses numbers beyond its own.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None
