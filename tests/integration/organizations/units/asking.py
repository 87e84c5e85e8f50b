"""What tests ask of the tree and of the log after an act."""

import datetime as dt

from audit.models import AuditEntry
from organizations.models import Organization, Placement

DAY = dt.date(2026, 6, 1)
BEFORE = DAY - dt.timedelta(days=1)


def fresh(unit: Organization) -> Organization:
    return Organization.objects.get(pk=unit.pk)


def tree_on(day: dt.date) -> dict[int, tuple[str, str]]:
    rows = Placement.objects.current(day)
    return {row.organization_id: (row.path, row.name) for row in rows}


def tree_today() -> dict[int, tuple[str, str]]:
    units = Organization.objects.open()
    return {unit.pk: (unit.path, unit.name) for unit in units}


def entry() -> AuditEntry:
    return AuditEntry.objects.order_by("-pk")[0]
