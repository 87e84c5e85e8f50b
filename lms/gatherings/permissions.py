"""Who keeps a gathering, and who decides on it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils.translation import gettext as _

from audit.models import AuditEntry
from cms.programme.permissions import check_can_hold
from lms.gatherings.models import Attendance, Gathering
from organizations import scope
from organizations.models import Organization, Post
from organizations.permissions import passes, units_path_covers

DECIDERS = (Post.Role.SECRETARY, Post.Role.AFFAIRS_OFFICER)
DECISIONS = tuple(
    f"gathering.{act}" for act in ("approve", "send_back", "void", "void_person", "photo")
)
Kind = Organization.Kind
# The township and those above; of line units, which have no township, the line unit.
DECIDING = (Kind.TOWNSHIP, Kind.COUNTY, Kind.CITY, Kind.LINE)


def check_can_keep(user: Any, gathering: Gathering) -> None:
    """Plan, open, tick, hand in: whoever holds the unit's lectures."""
    check_can_hold(user, gathering.organization)


def can_keep(user: Any, gathering: Gathering) -> bool:
    return passes(check_can_keep, user, gathering)


def deciding_units(user: Any) -> list[Organization]:
    units = scope.managed_units(user, roles=DECIDERS)
    return [unit for unit in units if unit.kind in DECIDING]


def to_decide_by(user: Any) -> Q:
    """Sessions of the units that the user decides for, save those that they are known to have held
    or attended.
    """
    units = deciding_units(user)
    if not units:
        return Q(pk__in=())
    own = [unit.pk for unit in units if not _is_over(units, unit)]
    there = Attendance.objects.filter(user=user.pk, is_present=True).values("gathering")
    held = Q(made_by=user.pk) | Q(closed_by=user.pk) | Q(pk__in=there)
    return scope.units_filter(units, field="organization") & ~Q(organization__in=own) & ~held


def _is_over(units: list[Organization], unit: Organization) -> bool:
    """Strictly above; nobody is above the topmost, there it is somebody else of its own."""
    return units_path_covers(units, unit, strictly=not unit.is_root())


def check_can_decide(user: Any, gathering: Gathering) -> None:
    """A secretary or party-affairs officer of the township or above, who did nothing to run it or
    to keep its roll, whoever did so after them, and was not there.
    """
    units = deciding_units(user)
    if not _is_over(units, gathering.organization):
        raise PermissionDenied(_("This is decided by the township or those above it."))
    there = Q(is_present=True) | Q(scanned_at__isnull=False) | Q(voided_at__isnull=False)
    took_part = Attendance.objects.filter(there, gathering=gathering, user=user.pk).exists()
    if took_part or user.pk == gathering.made_by_id or _acted(user, gathering):
        raise PermissionDenied(_("Nobody decides on a session that they held or attended."))


def decided_by_unit(user: Any, gathering: Gathering) -> Organization:
    """For which of their units whoever may decide does so: the nearest to the session."""
    path = gathering.organization.path
    above = [unit for unit in deciding_units(user) if path.startswith(unit.path)]
    return max(above, key=lambda unit: len(unit.path))


def _acted(user: Any, gathering: Gathering) -> bool:
    """The rows hold only who acted last; the log holds everybody."""
    acts = AuditEntry.objects.filter(
        target_type=Gathering._meta.label, target_id=str(gathering.pk), actor=user.pk
    )
    return acts.exclude(action__in=DECISIONS).exists()


def can_decide(user: Any, gathering: Gathering) -> bool:
    return passes(check_can_decide, user, gathering)
