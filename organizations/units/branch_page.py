"""The own branch: for its members whom to ask, for its secretary what there is to keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from organizations import permissions, scope
from organizations.models import Membership, Organization, Post
from organizations.units.history import Figures, figures
from organizations.units.pages import posts_of

KINDS = (Membership.Kind.HOME, Membership.Kind.HOST, Membership.Kind.LEARNER)


@dataclass(frozen=True)
class Contact:
    """Whoever holds a post at the branch. Its own people may ring up."""

    title: str
    name: str
    phone: str


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
    branches = {tie.organization_id: (tie.organization, tie.get_kind_display()) for tie in order}
    for unit in kept:
        if unit.kind == Organization.Kind.BRANCH:
            branches.setdefault(unit.pk, (unit, ""))
    views = [_view(user, unit, kind, kept) for unit, kind in branches.values()]
    return {"branches": views}


def _view(user: Any, unit: Organization, kind: str, kept: list[Organization]) -> BranchView:
    manages = any(unit.path.startswith(one.path) for one in kept)
    posts = [post for post in posts_of(unit) if post.role in permissions.BRANCH_ROLES]
    return BranchView(
        unit=unit,
        path=list(unit.get_ancestors().values_list("name", flat=True)),
        kind=kind,
        contacts=[_contact(post) for post in posts],
        figures=figures(unit) if manages else None,
        can_keep_people=permissions.can_keep_people(user, unit),
    )


def _contact(post: Post) -> Contact:
    return Contact(post.get_role_display(), post.user.name, post.user.phone or "")
