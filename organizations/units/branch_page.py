"""The own branch: for its members whom to ask, for its secretary what there is to keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from organizations import permissions, scope
from organizations.models import Membership, Organization, Post
from organizations.people.masking import masked_phone
from organizations.units.history import Figures, figures
from organizations.units.pages import posts_of

KINDS = (Membership.Kind.HOME, Membership.Kind.HOST, Membership.Kind.LEARNER)


@dataclass(frozen=True)
class Contact:
    """Whoever holds a post at the branch. Its own people may ring up; guests, whom another branch
    enters without asking this one, see the number as lists show it.
    """

    title: str
    name: str
    phone: str
    is_whole: bool


@dataclass(frozen=True)
class BranchView:
    unit: Organization
    path: list[str]
    kind: str
    contacts: list[Contact]
    figures: Figures | None
    can_keep_people: bool


def branch_context(user: Any) -> dict[str, Any]:
    """The branch that the person belongs to first, then host branches and those one keeps."""
    ties = (
        Membership.objects.current()
        .filter(user=user, organization__kind=Organization.Kind.BRANCH)
        .select_related("organization")
    )
    order = sorted(ties, key=lambda tie: (KINDS.index(Membership.Kind(tie.kind)), tie.pk))
    kept = scope.managed_units(user)
    branches: dict[int, tuple[Organization, Membership | None]] = {}
    for tie in order:
        branches.setdefault(tie.organization_id, (tie.organization, tie))
    for unit in kept:
        if unit.kind == Organization.Kind.BRANCH:
            branches.setdefault(unit.pk, (unit, None))
    views = [_view(user, unit, tie, kept) for unit, tie in branches.values()]
    return {"branches": views}


def _view(
    user: Any, unit: Organization, tie: Membership | None, kept: list[Organization]
) -> BranchView:
    manages = any(unit.path.startswith(one.path) for one in kept)
    is_guest = tie is not None and tie.kind == Membership.Kind.HOST
    posts = [post for post in posts_of(unit) if post.role in permissions.BRANCH_ROLES]
    return BranchView(
        unit=unit,
        path=list(unit.get_ancestors().values_list("name", flat=True)),
        kind=tie.get_kind_display() if tie else "",
        contacts=[_contact(post, is_whole=manages or not is_guest) for post in posts],
        figures=figures(unit) if manages else None,
        can_keep_people=permissions.can_keep_people(user, unit),
    )


def _contact(post: Post, *, is_whole: bool) -> Contact:
    phone = post.user.phone or ""
    return Contact(
        title=post.get_role_display(),
        name=post.user.name,
        phone=phone if is_whole else masked_phone(phone),
        is_whole=is_whole,
    )
