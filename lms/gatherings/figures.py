"""Gatherings counted for reports: sessions (场次), persons (人数) and attendances (人次).

Per branch and in the order of the tree; a queryset that reports narrow and join, never a ranking.
Persons are accounts, each once in the period; attendances are each time, guests among them.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from lms.gatherings.models import Attendance, Gathering
from organizations import scope
from organizations.models import Organization


def gatherings_held(unit: Organization, first: dt.date, last: dt.date) -> QuerySet[Gathering]:
    """Those that count, of the unit and what is below it, both days included."""
    rows = Gathering.objects.counted().filter(on__range=(first, last))
    return rows.filter(scope.subtree(unit.path, "organization"))


def branch_figures(unit: Organization, first: dt.date, last: dt.date) -> QuerySet[Organization]:
    """Every unit within `unit` that held something, with `sessions`, `persons`, `attendances`."""
    held = gatherings_held(unit, first, last)
    own = held.filter(organization=OuterRef("pk")).order_by().values("organization")
    there = (
        Attendance.objects.filter(
            gathering__in=held, gathering__organization=OuterRef("pk"), is_present=True
        )
        .order_by()
        .values("gathering__organization")
    )

    def number(rows: Any) -> Coalesce:
        return Coalesce(Subquery(rows.values("n"), output_field=IntegerField()), Value(0))

    return (
        Organization.objects.filter(scope.subtree(unit.path), pk__in=held.values("organization"))
        .annotate(
            sessions=number(own.annotate(n=Count("pk"))),
            persons=number(there.annotate(n=Count("user", distinct=True))),
            guests=number(own.annotate(n=Sum("guests"))),
            marked=number(there.annotate(n=Count("pk"))),
        )
        .annotate(attendances=F("marked") + F("guests"))
        .order_by("path")
    )
