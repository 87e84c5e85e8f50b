"""Who looks after the ledger: rules, targets, years, claims. When is decided beside each act."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from lms.ledger.models import ExternalClaim
from organizations import scope
from organizations.models import Organization, Post
from organizations.permissions import passes, units_path_covers

# Who speaks for the hours of a branch and those below.
KEEPERS = (Post.Role.SECRETARY, Post.Role.AFFAIRS_OFFICER)
Units = list[Organization] | None
# Counties, and line units, which have no county above them.
COUNTY = (Organization.Kind.COUNTY, Organization.Kind.CITY, Organization.Kind.LINE)


def check_can_keep_ledger(user: Any) -> None:
    """Rules, targets and years are set by the party-affairs officers of the topmost unit."""
    units = scope.managed_units(user, roles=(Post.Role.AFFAIRS_OFFICER,))
    if not any(unit.is_root() for unit in units):
        raise PermissionDenied(
            _("Rules, targets and years are set by the party-affairs officers of the prefecture.")
        )


def can_keep_ledger(user: Any) -> bool:
    return passes(check_can_keep_ledger, user)


def claim_units(user: Any) -> list[Organization]:
    return scope.managed_units(user, roles=KEEPERS)


def check_can_check_claim(user: Any, claim: ExternalClaim, units: Units = None) -> None:
    """The branch and those above it; nobody their own. Lists pass the `claim_units` they know."""
    _not_own(user, claim)
    if not units_path_covers(units or claim_units(user), claim.organization):
        raise PermissionDenied(_("This is for the secretary of the branch and those above."))


def check_can_approve_claim(user: Any, claim: ExternalClaim, units: Units = None) -> None:
    """The county, and never who checked it for the branch."""
    _not_own(user, claim)
    counties = [unit for unit in units or claim_units(user) if unit.kind in COUNTY]
    if not units_path_covers(counties, claim.organization):
        raise PermissionDenied(_("Hours learnt elsewhere are approved by the county."))
    if claim.checked_by_id == user.pk:
        raise PermissionDenied(_("You checked this yourself; somebody else approves it."))


def _not_own(user: Any, claim: ExternalClaim) -> None:
    if claim.user_id == user.pk:
        raise PermissionDenied(_("Nobody decides on their own hours."))


def can_check_claim(user: Any, claim: ExternalClaim, units: Units = None) -> bool:
    return passes(check_can_check_claim, user, claim, units)


def can_approve_claim(user: Any, claim: ExternalClaim, units: Units = None) -> bool:
    return passes(check_can_approve_claim, user, claim, units)
