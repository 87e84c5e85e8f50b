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

from django.db.models import CharField, F, OrderBy, Q, QuerySet, Value

from organizations import scope
from organizations.models import Membership, Organization, Post, Tag, User
from organizations.people.viewer import Viewer

PER_PAGE = 50
# Totals are exact up to here; beyond, a page says "more than".
COUNTED = 200
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
    # Of all pages, told by the first one.
    total: Total | None

    @property
    def first(self) -> int:
        return int(self.rows[0].tie.pk)

    @property
    def last(self) -> int:
        return int(self.rows[-1].tie.pk)


def ties_in(
    unit: Organization, *, viewer: Viewer, of: QuerySet[Membership] | None = None
) -> QuerySet[Membership]:
    """Ties of today within the viewer's scope, in the unit and below; all of them, or `of` some."""
    inside = scope.subtree_of(viewer.readable, unit.path, field="organization")
    ties: Any = Membership.objects.all() if of is None else of
    current: QuerySet[Membership] = ties.current().filter(inside)
    return current


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
    meanwhile; one that is not there counts as not given. At most five queries.
    """
    backwards = before is not None and after is None
    cursor = after if after is not None else before
    inside = ties if within is None else within
    place = _place(inside, cursor) if cursor is not None else None
    way = _Way(place, backwards=backwards and place is not None)
    found, total = way.rows(ties, size + 1)
    is_more, found = len(found) > size, found[:size]
    if way.backwards:
        found.reverse()
    return RosterPage(
        rows=_with_marks(found),
        # A page of no rows has no row from which one could go on.
        has_previous=bool(found) and (is_more if way.backwards else place is not None),
        has_next=bool(found) and (way.backwards or is_more),
        is_past_the_end=place is not None and not found,
        total=total if place is None else None,
    )


def _place(ties: QuerySet[Membership], pk: int) -> Place | None:
    return ties.order_by().filter(pk=pk).values_list(*ORDER).first()


@dataclass(frozen=True)
class _Way:
    """From the beginning, or from a place, onwards or back.

    The list is walked through by its units alone, and names are looked up for those of the page
    only: they take longest.
    """

    place: Place | None = None
    backwards: bool = False

    def rows(self, ties: QuerySet[Membership], wanted: int) -> tuple[list[Membership], Total]:
        """The first so many rows, and how many there are on the way."""
        rows = self.places(ties)
        total = Total.of(len(rows))
        # Of the last unit some may be missing; of the place's own some may lie before it.
        cut = rows[-1][1] if total.is_more else None
        own = self.place[0] if self.place is not None else None
        units = [unit for _, unit in rows if unit not in {cut, own}]
        if total.is_more and len(units) < wanted:
            return self._sorted(ties, wanted), total
        shown = {own, *units[:wanted]}
        ids = [pk for pk, unit in rows if unit in shown]
        return self._sorted(Membership.objects.filter(pk__in=ids), wanted), total

    def places(self, ties: QuerySet[Membership]) -> list[tuple[int, str]]:
        """Ids of ties and paths of their units, from the place's own unit on."""
        path = ORDER[0]
        if self.place is not None:
            ties = ties.filter(**{f"{path}__{'lte' if self.backwards else 'gte'}": self.place[0]})
        return list(ties.order_by(*self._order(path)).values_list("pk", path)[: COUNTED + 1])

    def _sorted(self, ties: QuerySet[Membership], wanted: int) -> list[Membership]:
        if self.place is not None:
            ties = ties.filter(self._beyond(self.place))
        shown = ties.select_related("user", "organization").only(*SHOWN)
        return list(shown.order_by(*self._order(*ORDER))[:wanted])

    def _order(self, *keys: str) -> list[OrderBy]:
        return [F(key).desc() if self.backwards else F(key).asc() for key in keys]

    def _beyond(self, place: Place) -> Q:
        """Rows after (before) a place. The bound on the path alone is one range of an index."""
        path, name, pk = place
        sign = "lt" if self.backwards else "gt"
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
