"""Who may see what: the union over a person's posts of the own unit and everything below, and
what was granted to a line unit for reading.

Every list, search, picker and report starts at a `visible_to(user)` built from here. Whether
somebody may act on what they see is decided elsewhere, in each app's `permissions`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q
from django.db.models.functions import Left
from django.db.models.lookups import In

if TYPE_CHECKING:
    from organizations.models import Organization
    from organizations.models.dated import DatedQuerySet

NOTHING = Q(pk__in=())
# As many subtrees are one range each. SQLite takes some hundred of them in one condition, and
# PostgreSQL plans them slowly.
RANGES = 40


# The highest step of treebeard's alphabet: no child ever has it.
LAST_STEP = "ZZZZ"


def subtree(path: str, field: str = "") -> Q:
    """A node's path and everything below it, as one range that a plain index answers."""
    lookup = f"{field}__path" if field else "path"
    return Q(**{f"{lookup}__gte": path, f"{lookup}__lt": path + LAST_STEP})


def managed_units(user: Any, *, roles: tuple[str, ...] = ()) -> list[Organization]:
    """The units in which the user holds a post today; of the given roles only, if any.

    The post of an audit administrator opens the audit log and nothing else, so it counts only
    when it is asked for.
    """
    from organizations.models import Post

    if not user.is_authenticated or not user.is_active:
        return []
    posts = Post.objects.current().filter(user=user).select_related("organization")
    posts = posts.filter(role__in=roles) if roles else posts.exclude(role=Post.Role.AUDITOR)
    return [post.organization for post in posts]


def readable_units(user: Any) -> list[Organization]:
    """The managed units, and those that were granted to one of them for reading."""
    units = managed_units(user)
    grants = _grants((unit.pk, unit.kind) for unit in units)
    if grants is None:
        return units
    return units + [grant.organization for grant in grants.select_related("organization")]


def readable_paths(user: Any) -> set[str]:
    """The paths of `readable_units`, without making units of them: what a filter needs."""
    from organizations.models import Post

    if not user.is_authenticated or not user.is_active:
        return set()
    posts = Post.objects.current().filter(user=user).exclude(role=Post.Role.AUDITOR)
    unit = ("organization_id", "organization__path", "organization__kind")
    managed = list(posts.values_list(*unit))
    return {path for _, path, _ in managed} | granted_paths((pk, kind) for pk, _, kind in managed)


def granted_paths(units: Iterable[tuple[int, str]]) -> set[str]:
    """The paths of what was granted, as of today, to the line units among these ids and kinds."""
    grants = _grants(units)
    return set(grants.values_list("organization__path", flat=True)) if grants is not None else set()


def _grants(units: Iterable[tuple[int, str]]) -> DatedQuerySet | None:
    from organizations.models import Organization, ScopeGrant

    lines = [pk for pk, kind in units if kind == Organization.Kind.LINE]
    return ScopeGrant.objects.current().filter(holder__in=lines) if lines else None


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
    condition = paths_filter(readable_paths(user), field=field)
    if include_home and (home := home_branch(user)) is not None:
        condition |= Q(**{f"{field}__path" if field else "path": home.path})
    return condition


def units_filter(units: Iterable[Organization], *, field: str = "") -> Q:
    """A filter for rows of the units and everything below them; nothing without units."""
    return paths_filter({unit.path for unit in units}, field=field)


def paths_filter(paths: set[str], *, field: str = "") -> Q:
    """A filter for rows of nodes and everything below them; nothing without paths.

    Rows of something else than units are filtered by the ids of many units, which are asked for
    at once: one small query.
    """
    from organizations.models import Organization

    outer = outermost(paths)
    if not field or len(outer) <= RANGES:
        return subtrees(outer, field)
    inside = Organization.objects.order_by().filter(subtrees(outer))
    return Q(**{f"{field}__in": list(inside.values_list("pk", flat=True))})


def subtree_of(readable: set[str], path: str, *, field: str = "") -> Q:
    """A filter for rows of a node and everything below it, as far as they lie within what is
    readable, given by the paths of its units.

    Inside one of them it is the node's own range and nothing else; otherwise only the units below
    the node count, however many there are elsewhere.
    """
    if path.startswith(tuple(readable)):
        return subtree(path, field)
    return paths_filter({one for one in readable if one.startswith(path)}, field=field)


def subtrees(paths: list[str], field: str = "") -> Q:
    """Nodes and everything below them: a range of the index for each of a few paths, for many
    the beginning of a row's own path looked up among them, by length.
    """
    condition = NOTHING
    if len(paths) <= RANGES:
        for path in paths:
            condition |= subtree(path, field)
        return condition
    own = F(f"{field}__path" if field else "path")
    for length in sorted({len(path) for path in paths}):
        some = [path for path in paths if len(path) == length]
        condition |= Q(In(Left(own, length), some))
    return condition


def outermost(paths: set[str]) -> list[str]:
    """The paths that lie below no other one of them, in the order of the tree."""
    found: list[str] = []
    for path in sorted(paths):
        if not (found and path.startswith(found[-1])):
            found.append(path)
    return found
