"""A roster: the ties of today to a unit and everything below it, a page at a time.

Sorted by place in the tree, then name, then row, and paged by key: a page begins after a row, not
after a number of rows, so the thousandth costs what the first does. The address names the row by
its id only; where it stands is looked up, so that no name ever stands in an address.

A person with two ties in the unit (the home branch and a host branch) stands in both places.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Concat

from organizations import scope
from organizations.models import Membership, Organization, Post, Tag, User
from organizations.people.viewer import Viewer

PER_PAGE = 50
# Counted exactly up to here; beyond, a page says "more than".
COUNTED = 500
ORDER = ("organization__path", "user__name", "pk")
# What a row tells of its tie, unit and person; an account is much wider.
SHOWN = (
    *("kind", "organization__name"),
    *(f"user__{name}" for name in ("username", "name", "phone", "code", "activated_at")),
)
# Where a row stands: the path of its unit, the person's name, its id.
Place = tuple[str, str, int]


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


@dataclass(frozen=True)
class Total:
    count: int
    is_more: bool

    @classmethod
    def of(cls, found: int) -> Total:
        return cls(count=min(found, COUNTED), is_more=found > COUNTED)


@dataclass
class RosterPage:
    rows: list[RosterRow]
    has_previous: bool
    has_next: bool
    # Nobody stands beyond the row that was given: the list has become shorter.
    is_past_the_end: bool
    # Of all pages, where finding this one told it.
    total: Total | None

    @property
    def first(self) -> int:
        return int(self.rows[0].tie.pk)

    @property
    def last(self) -> int:
        return int(self.rows[-1].tie.pk)


def ties_in(unit: Organization, *, viewer: Viewer) -> QuerySet[Membership]:
    """Ties of today within the viewer's scope, in the unit and below."""
    inside = scope.subtree_of(viewer.readable, unit.path, field="organization")
    return Membership.objects.current().filter(inside)


def roster_page(
    ties: QuerySet[Membership],
    *,
    within: QuerySet[Membership] | None = None,
    is_gathered: bool = False,
    after: int | None = None,
    before: int | None = None,
    size: int = PER_PAGE,
) -> RosterPage:
    """The rows that follow the row `after`, or stand in front of the row `before`.

    The row is looked up in `within`, the unit's ties without filters, for it may have changed
    meanwhile; one that is not there counts as not given. `is_gathered`: few ties, to be found
    first and sorted then (`organizations.people.ways`). At most five queries.
    """
    backwards = before is not None and after is None
    cursor = after if after is not None else before
    place = _place(ties if within is None else within, cursor) if cursor is not None else None
    if place is None:
        backwards = False
    total = None
    if is_gathered:
        ids, total = _gathered(ties, place, backwards=backwards, size=size)
        ties = Membership.objects.filter(pk__in=ids)
    if place is not None:
        ties = ties.filter(_beyond(place, backwards=backwards))
    ties = ties.order_by(*_order(ORDER, backwards=backwards))
    found = list(ties.select_related("user", "organization").only(*SHOWN)[: size + 1])
    is_more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    return RosterPage(
        rows=_with_marks(found),
        # A page of no rows has no row from which one could go on.
        has_previous=bool(found) and (is_more if backwards else place is not None),
        has_next=bool(found) and (backwards or is_more),
        is_past_the_end=place is not None and not found,
        total=total,
    )


def _order(keys: Iterable[str | Concat], *, backwards: bool) -> list[Any]:
    named = [F(key) if isinstance(key, str) else key for key in keys]
    return [key.desc() if backwards else key.asc() for key in named]


def _gathered(
    ties: QuerySet[Membership], place: Place | None, *, backwards: bool, size: int
) -> tuple[list[int], Total | None]:
    """Ids among which the page's rows are, and the total of all pages where this is the first.

    Gathered ties are sorted by their units alone. The names of those who share a unit matter only
    in the units of this page, and to look them up takes longest.
    """
    path, *others = ORDER
    # No index has such a text in order, so that nobody walks along one after all.
    first_key = Concat(path, Value(""))
    nearer = ties
    if place is not None:
        nearer = ties.filter(**{f"{path}__{'lte' if backwards else 'gte'}": place[0]})
    order = _order([first_key], backwards=backwards)
    rows = list(nearer.order_by(*order).values_list("pk", path)[: COUNTED + 1])
    total = Total.of(len(rows)) if place is None else None
    is_cut = len(rows) > COUNTED
    # Of the last unit some may be missing, and those of the place's own may lie before it.
    units = [unit for _, unit in rows if not is_cut or unit != rows[-1][1]]
    beyond = [unit for unit in units if place is None or unit != place[0]]
    if is_cut and len(beyond) <= size:
        if place is not None:
            ties = ties.filter(_beyond(place, backwards=backwards))
        ties = ties.order_by(*_order([first_key, *others], backwards=backwards))
        return list(ties.values_list("pk", flat=True)[: size + 1]), total
    wanted = {*beyond[: size + 1], place[0] if place is not None else ""}
    return [pk for pk, unit in rows if unit in wanted], total


def total(ties: QuerySet[Membership]) -> Total:
    """Exact up to `COUNTED`, so that no page ever waits for a count of the whole prefecture."""
    return Total.of(ties.order_by().values("pk")[: COUNTED + 1].count())


def _place(ties: QuerySet[Membership], pk: int) -> Place | None:
    return ties.order_by().filter(pk=pk).values_list(*ORDER).first()


def _beyond(place: Place, *, backwards: bool) -> Q:
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
    held: dict[tuple[int, str], set[str]] = {}
    for user_id, mark, value in marks:
        held.setdefault((user_id, mark), set()).add(value)
    tag_labels = [(value, str(label)) for value, label in Tag.Value.choices]
    post_labels = [(value, str(label)) for value, label in Post.Role.choices]
    for row in rows:
        own = held.get((row.tie.user_id, "tag"), set())
        row.tags = [label for value, label in tag_labels if value in own]
        own = held.get((row.tie.user_id, "post"), set())
        row.posts = [label for value, label in post_labels if value in own]
    return rows
