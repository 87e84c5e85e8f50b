"""Which line a unit belongs to, and what that line's setting says.

A line is the territory below the prefecture, or a line unit (机关, 教育, 国资 …) with what is
below it. Where nothing was set, the township decides.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from audit.log import record
from cms.review.models import ReviewLine
from cms.review.plan import Place, Planned, review_plan
from organizations import scope
from organizations.models import Organization, Post
from organizations.permissions import units_path_covers

Kind = Organization.Kind
# Who settles how a line reviews: its own administrators and curators, and those above.
KEEPERS = (Post.Role.ADMINISTRATOR, Post.Role.CURATOR)


def chain_of(organization: Organization) -> list[Organization]:
    """The unit and everything above it, the nearest first."""
    return [organization, *reversed(organization.get_ancestors())]


def setting_for(chain: list[Organization]) -> ReviewLine:
    """The setting of the nearest line, or what holds without one."""
    heads = [unit for unit in chain if unit.kind == Kind.LINE or unit.is_root()]
    stored = {
        line.organization_id: line for line in ReviewLine.objects.filter(organization__in=heads)
    }
    head = heads[0] if heads else chain[-1]
    return stored.get(head.pk) or ReviewLine(organization=head)


def plan_for(organization: Organization) -> tuple[list[Planned], ReviewLine]:
    """The reviews that a submission of the unit goes through now."""
    chain = chain_of(organization)
    line = setting_for(chain)
    places = [Place(unit.pk, unit.kind) for unit in chain]
    return review_plan(places, levels=line.levels, above=line.above), line


def lines_kept_by(user: Any) -> list[ReviewLine]:
    """The lines whose setting the person keeps, stored or not, in the order of the tree."""
    units = scope.managed_units(user, roles=KEEPERS)
    heads = Organization.objects.open().filter(kind__in=(Kind.CITY, Kind.LINE))
    heads = heads.filter(scope.units_filter(units)).order_by("path")
    stored = {line.organization_id: line for line in ReviewLine.objects.all()}
    return [stored.get(head.pk) or ReviewLine(organization=head) for head in heads]


def check_can_keep_line(user: Any, head: Organization) -> None:
    if not units_path_covers(scope.managed_units(user, roles=KEEPERS), head):
        raise PermissionDenied(_("You do not keep the reviews of this line."))


@transaction.atomic
def line_change(
    *,
    user: Any,
    head: Organization,
    levels: list[str],
    above: str,
    separate: bool,
) -> ReviewLine:
    """Settle how a line reviews; what is under way keeps the plan it began with.

    Raises PermissionDenied.
    """
    check_can_keep_line(user, head)
    line, _made = ReviewLine.objects.update_or_create(
        organization=head,
        defaults={
            **{level: level in levels for level in ("township", "county", "city")},
            "above": above,
            "separate": separate,
        },
    )
    record("review_line.change", actor=user, target=head, levels=line.levels, kind=above)
    return line
