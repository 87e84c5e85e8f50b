"""A roster: the ties of today to a unit and everything below it, a page at a time.

Sorted by place in the tree, then name, then row, and paged by key: a page begins after a row, not
after a number of rows, so the thousandth costs what the first does. The address names the row by
its id only; where it stands is looked up, so that no name ever stands in an address.

A person with two ties in the unit (the home branch and a host branch) stands in both places.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import CharField, F, Q, QuerySet, Value

from organizations import scope
from organizations.models import Membership, Organization, Post, Tag, User
from organizations.people.viewer import Viewer
from organizations.people.wish import RosterWish

PER_PAGE = 50
# Counted exactly up to here; beyond, a page says "more than".
COUNTED = 500
ORDER = ("organization__path", "user__name", "pk")


@dataclass
class RosterRow:
    tie: Membership
    tags: list[str] = field(default_factory=list)
    posts: list[str] = field(default_factory=list)

    @property
    def person(self) -> User:
        return self.tie.user

    @property
    def kind(self) -> str:
        """Named only where it is not the ordinary one."""
        if self.tie.kind == Membership.Kind.HOME:
            return ""
        return str(Membership.Kind(self.tie.kind).label)


@dataclass
class RosterPage:
    rows: list[RosterRow]
    has_previous: bool
    has_next: bool
    # Nobody stands beyond the row that was given: the list has become shorter.
    is_past_the_end: bool

    @property
    def first(self) -> int:
        return int(self.rows[0].tie.pk)

    @property
    def last(self) -> int:
        return int(self.rows[-1].tie.pk)


@dataclass(frozen=True)
class Total:
    count: int
    is_more: bool


def ties_in(unit: Organization, *, viewer: Viewer) -> QuerySet[Membership]:
    """Ties of today within the viewer's scope, in the unit and below."""
    return (
        Membership.objects.current()
        .filter(scope.units_filter(viewer.readable, field="organization"))
        .filter(scope.subtree(unit.path, "organization"))
    )


def ties_asked(ties: QuerySet[Membership], wish: RosterWish) -> QuerySet[Membership]:
    if wish.kind:
        ties = ties.filter(kind=wish.kind)
    for value in wish.tags.values():
        ties = ties.filter(user__in=Tag.objects.current().filter(value=value).values("user"))
    if wish.role:
        posts = Post.objects.current()
        posts = posts if wish.role == "any" else posts.filter(role=wish.role)
        ties = ties.filter(user__in=posts.values("user"))
    if wish.account:
        ties = ties.filter(user__activated_at__isnull=wish.account == "waiting")
    if wish.phone:
        ties = ties.filter(user__phone=wish.phone)
    elif wish.code:
        ties = ties.filter(user__code__in={wish.code, wish.code.upper()})
    elif wish.name:
        ties = ties.filter(user__name__startswith=wish.name)
    return ties


def roster_page(
    ties: QuerySet[Membership],
    *,
    within: QuerySet[Membership] | None = None,
    after: int | None = None,
    before: int | None = None,
    size: int = PER_PAGE,
) -> RosterPage:
    """The rows that follow the row `after`, or stand in front of the row `before`.

    The row is looked up in `within`, the unit's ties without filters, for it may have changed
    meanwhile; one that is not there counts as not given. At most three queries.
    """
    backwards = before is not None and after is None
    cursor = after if after is not None else before
    place = _place(ties if within is None else within, cursor) if cursor is not None else None
    if place is None:
        backwards = False
    else:
        ties = ties.filter(_beyond(place, backwards=backwards))
    order = [f"-{name}" for name in ORDER] if backwards else ORDER
    found = list(ties.select_related("user", "organization").order_by(*order)[: size + 1])
    is_more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    return RosterPage(
        rows=_with_marks(found),
        # A page of no rows has no row from which one could go on.
        has_previous=bool(found) and (is_more if backwards else place is not None),
        has_next=bool(found) and (backwards or is_more),
        is_past_the_end=place is not None and not found,
    )


def total(ties: QuerySet[Membership]) -> Total:
    """Exact up to `COUNTED`, so that no page ever waits for a count of the whole prefecture."""
    count = ties.order_by().values("pk")[: COUNTED + 1].count()
    return Total(count=min(count, COUNTED), is_more=count > COUNTED)


def _place(ties: QuerySet[Membership], pk: int) -> tuple[str, str, int] | None:
    return ties.order_by().filter(pk=pk).values_list(*ORDER).first()


def _beyond(place: tuple[str, str, int], *, backwards: bool) -> Q:
    """Rows after (before) a place. The bound on the path alone is one range of an index."""
    path, name, pk = place
    sign = "lt" if backwards else "gt"
    return Q(**{f"organization__path__{sign}e": path}) & (
        Q(**{f"organization__path__{sign}": path})
        | Q(**{f"user__name__{sign}": name})
        | Q(user__name=name, **{f"pk__{sign}": pk})
    )


def _with_marks(ties: Iterable[Membership]) -> list[RosterRow]:
    """The rows with what people are tagged with and which posts they hold. One query."""
    rows = [RosterRow(tie) for tie in ties]
    people = {row.tie.user_id for row in rows}
    if not people:
        return rows
    text = CharField()
    tags = Tag.objects.current().filter(user__in=people)
    posts = Post.objects.current().filter(user__in=people)
    marks = tags.values_list("user_id", Value("tag", text), F("value")).union(
        posts.values_list("user_id", Value("post", text), F("role"))
    )
    tag_labels, post_labels = dict(Tag.Value.choices), dict(Post.Role.choices)
    values: dict[tuple[int, str], set[str]] = {}
    for user_id, mark, value in marks:
        values.setdefault((user_id, mark), set()).add(value)
    for row in rows:
        held = values.get((row.tie.user_id, "tag"), set())
        row.tags = [str(label) for value, label in tag_labels.items() if value in held]
        held = values.get((row.tie.user_id, "post"), set())
        row.posts = [str(label) for value, label in post_labels.items() if value in held]
    return rows
