"""Who keeps a gathering, and who decides on it."""

from __future__ import annotations

from collections.abc import Collection
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
    if held_or_attended(user, [gathering.pk]):
        raise PermissionDenied(_("Nobody decides on a session that they held or attended."))


def decided_by_unit(user: Any, gathering: Gathering) -> Organization:
    """For which of their units whoever may decide does so: the nearest to the session."""
    path = gathering.organization.path
    above = [unit for unit in deciding_units(user) if path.startswith(unit.path)]
    return max(above, key=lambda unit: len(unit.path))


def held_or_attended(user: Any, gatherings: Collection[int]) -> set[int]:
    """Those that the user planned, helped to run or was at, whoever did so after them."""
    there = Q(is_present=True) | Q(scanned_at__isnull=False) | Q(voided_at__isnull=False)
    attended = Attendance.objects.filter(there, gathering__in=gatherings, user=user.pk)
    made = Gathering.objects.filter(pk__in=gatherings, made_by=user.pk)
    # The rows hold only who acted last; the log holds everybody.
    acts = AuditEntry.objects.filter(
        target_type=Gathering._meta.label,
        target_id__in=[str(pk) for pk in gatherings],
        actor=user.pk,
    ).exclude(action__in=DECISIONS)
    return {
        *attended.values_list("gathering_id", flat=True),
        *made.values_list("pk", flat=True),
        *(int(pk) for pk in acts.order_by().values_list("target_id", flat=True).distinct()),
    }


def can_decide(user: Any, gathering: Gathering) -> bool:
    return passes(check_can_decide, user, gathering)
