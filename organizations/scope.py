"""Who may see what: the union over a person's posts of the own unit and everything below.

Every list, search, picker and report starts at a `visible_to(user)` built from here. Whether
somebody may act on what they see is decided elsewhere, in each app's `permissions`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

if TYPE_CHECKING:
    from organizations.models import Organization

NOTHING = Q(pk__in=())


def managed_units(user: Any, *, roles: tuple[str, ...] = ()) -> list[Organization]:
    """The units in which the user holds a post today; of the given roles only, if any."""
    from organizations.models import Post

    if not user.is_authenticated or not user.is_active:
        return []
    posts = Post.objects.current().filter(user=user).select_related("organization")
    if roles:
        posts = posts.filter(role__in=roles)
    return [post.organization for post in posts]


def holds_post(user: Any, *roles: str) -> bool:
    """Whether the user holds, today and anywhere, one of the posts."""
    return bool(managed_units(user, roles=roles))


def home_branch(user: Any) -> Organization | None:
    """The branch that the person belongs to today."""
    from organizations.models import Membership

    if not user.is_authenticated:
        return None
    membership = (
        Membership.objects.current()
        .filter(user=user, kind=Membership.Kind.HOME)
        .select_related("organization")
        .first()
    )
    return membership.organization if membership else None


def organization_filter(user: Any, *, field: str = "", include_home: bool = False) -> Q:
    """A filter for rows inside the user's scope.

    `field` is the path to the organisation ("organization", "enrolment__organization"), empty
    for the organisation itself. Without any post nothing is visible, except the home branch when
    `include_home` is set.
    """
    lookup = f"{field}__path" if field else "path"
    condition = NOTHING
    for unit in managed_units(user):
        condition |= Q(**{f"{lookup}__startswith": unit.path})
    if include_home and (home := home_branch(user)) is not None:
        condition |= Q(**{lookup: home.path})
    return condition
