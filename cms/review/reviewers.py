"""Who may hold a review: found by the posts held today in the unit of the step.

Acting follows from posts alone, as everywhere (`organizations.permissions`); a granted read scope
never makes a reviewer. Who is barred by the rules is in `plan`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from cms.review.lines import chain_of
from cms.review.models import Kind, Review, ReviewStep
from cms.review.plan import TERRITORIAL, THREE, is_staffed, may_decide, may_proofread
from organizations.models import Organization, Post

Role = Post.Role
# The one in charge, the section, the leader. System administrators judge no content.
DECIDERS = {
    Kind.SELF: (Role.SECRETARY, Role.AFFAIRS_OFFICER, Role.REVIEWER, Role.CURATOR),
    Kind.FIRST: (Role.REVIEWER, Role.CURATOR),
    Kind.FINAL: (Role.SECRETARY, Role.REVIEWER, Role.CURATOR),
}
# Of one review: who uploaded and recorded it, and who held the others of the longest round.
MOST_BARRED = 2 + len(THREE) * len(TERRITORIAL)
PROOFREADERS = (Role.SECRETARY, Role.AFFAIRS_OFFICER, Role.REVIEWER, Role.CURATOR)


@dataclass
class Staff:
    """Who could hold a review in a unit, by id, before the rules bar some of them."""

    reviewers: set[int] = field(default_factory=set)
    proofreaders: set[int] = field(default_factory=set)


def staff_by_kind(units: Iterable[int]) -> dict[str, dict[int, Staff]]:
    """The people of each unit, by kind of review and unit; one query."""
    posts = Post.objects.current().filter(
        organization__in=list(units), role__in=PROOFREADERS, user__is_active=True
    )
    found: dict[str, dict[int, Staff]] = {kind: defaultdict(Staff) for kind in Kind}
    for unit, role, user in posts.values_list("organization_id", "role", "user_id"):
        for kind, staff in found.items():
            staff[unit].proofreaders.add(user)
            if role in DECIDERS[Kind(kind)]:
                staff[unit].reviewers.add(user)
    return found


def barred_from(review: Review) -> set[int | None]:
    """Who recorded it and who handed it in."""
    return {review.uploader_id, review.asset.owner_id}


def deciders_of(steps: Iterable[ReviewStep], step: ReviewStep) -> set[int | None]:
    """Who has held another review of the same round."""
    return {
        one.decided_by_id
        for one in steps
        if one.round == step.round and one.pk != step.pk and one.decided_by_id
    }


def unit_for(
    step: ReviewStep, *, review: Review, steps: Iterable[ReviewStep]
) -> Organization | None:
    """Where a review can be held: in its own unit, or in the nearest above that has people.

    None when nobody up to the top can.
    """
    chain = chain_of(step.planned_unit)
    staff = staff_by_kind([unit.pk for unit in chain])[step.kind]
    barred, deciders = barred_from(review), deciders_of(steps, step)
    for unit in chain:
        people = staff[unit.pk]
        if is_staffed(
            people.reviewers,
            people.proofreaders,
            barred=barred,
            deciders=deciders,
            proofreader=step.proofread_by_id,
            separate=step.separate,
        ):
            return unit
    return None


def check_can_see(user: Any, review: Review) -> None:
    """Look at a submission: whoever holds a post of review in a unit that reviews it."""
    units = {one.unit_id or one.planned_unit_id for one in review.steps.all()}
    if not _posts(user, units):
        raise PermissionDenied(_("This submission is reviewed elsewhere."))


def check_can_read(user: Any, review: Review, step: ReviewStep) -> None:
    """Check for secrets, and proofread if that leaves somebody who decides."""
    if not _posts(user, {step.unit_id}):
        raise PermissionDenied(_("Proofreading is for the reviewers of the unit it is with."))
    if not may_proofread(user.pk, barred=barred_from(review)):
        raise PermissionDenied(_("Nobody reviews or proofreads their own lecture."))


def check_can_proofread(user: Any, review: Review, step: ReviewStep) -> None:
    check_can_read(user, review, step)
    if step.separate and _is_last_decider(user, review, step):
        raise PermissionDenied(
            _(
                "Please let somebody else proofread this one: nobody but you is left in your unit "
                "who could decide about it."
            )
        )


def _is_last_decider(user: Any, review: Review, step: ReviewStep) -> bool:
    """Whether the person may decide and nobody else of the unit may."""
    unit = step.unit_id or 0
    people = staff_by_kind([unit])[step.kind][unit]
    gone = barred_from(review) | deciders_of(review.steps.all(), step)
    return people.reviewers - gone == {user.pk}


def check_can_decide(user: Any, review: Review, step: ReviewStep) -> None:
    if not _posts(user, {step.unit_id}, DECIDERS[Kind(step.kind)]):
        raise PermissionDenied(_("This review is for others of the unit it is with."))
    barred, deciders = barred_from(review), deciders_of(review.steps.all(), step)
    if user.pk in barred:
        raise PermissionDenied(_("Nobody reviews or proofreads their own lecture."))
    if user.pk in deciders:
        raise PermissionDenied(
            _("You have held another review of this round already; this one is for somebody else.")
        )
    if not may_decide(
        user.pk,
        barred=barred,
        deciders=deciders,
        proofreader=step.proofread_by_id,
        separate=step.separate,
    ):
        raise PermissionDenied(
            _("You have proofread this one, so somebody else of your unit decides about it.")
        )


def _posts(user: Any, units: Iterable[int | None], roles: tuple[str, ...] = PROOFREADERS) -> bool:
    if not user.is_authenticated or not user.is_active:
        return False
    found = Post.objects.current().filter(
        user=user, organization__in=[unit for unit in units if unit], role__in=roles
    )
    return bool(found.exists())
