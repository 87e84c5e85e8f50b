"""Whatever was written, a roster shows those who were asked for, in their order, on every page."""

import datetime as dt
from dataclasses import dataclass, field
from unittest import mock

import hypothesis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from organizations.models import Membership, Post, Tag, User, dimension_of, today
from organizations.people.listing import COUNTED, ORDER, roster_page, ties_in
from organizations.people.marks import FEW, ties_asked
from organizations.people.viewer import Viewer
from organizations.people.wish import RosterWish
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db

NAMES = st.sampled_from(["王伟", "王", "张三", "张三丰", "li", "Li", "", "欧阳"])
VALUES = st.sampled_from(["rural", "school", "full", "exempt", "retired"])
ROLES = st.sampled_from(["secretary", "reviewer"])
# Days from today on which something begins and ends.
SPANS = st.sampled_from([(-9, None), (-9, 0), (-9, 1), (0, None), (1, None), (-9, -3)])


@dataclass
class Person:
    name: str
    is_waiting: bool
    # Each with its span.
    ties: list[tuple[int, str, tuple[int, int | None]]]
    tags: list[tuple[str, tuple[int, int | None]]]
    posts: list[tuple[str, tuple[int, int | None]]]
    user: User = field(default_factory=User)


def some(values, most):
    return st.lists(st.tuples(values, SPANS), max_size=most, unique_by=lambda one: one[0])


PEOPLE = st.lists(
    st.builds(
        Person,
        name=NAMES,
        is_waiting=st.booleans(),
        ties=st.lists(
            st.tuples(st.integers(0, 5), st.sampled_from(["learner", "floating_host"]), SPANS),
            min_size=1,
            max_size=2,
        ),
        tags=some(VALUES, 3),
        posts=some(ROLES, 2),
    ),
    max_size=10,
)
WISHES = st.builds(
    RosterWish,
    kind=st.sampled_from(["", "", "learner", "home"]),
    tags=st.sets(VALUES, max_size=3).map(lambda them: {dimension_of(v): v for v in them}),
    role=st.sampled_from(["", "", "any", "secretary"]),
    account=st.sampled_from(["", "waiting", "active"]),
    query=st.sampled_from(["", "", "王", "张三", "欧"]),
)


def dates(span):
    since, until = span
    day = today()
    return {
        "valid_from": day + dt.timedelta(days=since),
        "valid_to": None if until is None else day + dt.timedelta(days=until),
    }


def holds(span):
    since, until = span
    return since <= 0 and (until is None or until > 0)


def fill(people, units):
    for number, person in enumerate(people):
        person.user.username, person.user.name = f"w{number}", person.name
        person.user.activated_at = None if person.is_waiting else person.user.date_joined
    User.objects.bulk_create([person.user for person in people])
    put(Membership, people, "ties", lambda unit, kind: {"organization": units[unit], "kind": kind})
    put(Tag, people, "tags", lambda value: {"dimension": dimension_of(value), "value": value})
    put(Post, people, "posts", lambda role: {"organization": units[0], "role": role})


def put(model, people, held, facts):
    model.objects.bulk_create(
        model(user=person.user, **facts(*said), **dates(span))
        for person in people
        for *said, span in getattr(person, held)
    )


def is_asked(person, wish):
    tags = {value for value, span in person.tags if holds(span)}
    posts = {role for role, span in person.posts if holds(span)}
    return (
        set(wish.tags.values()) <= tags
        and (not wish.role or (bool(posts) if wish.role == "any" else wish.role in posts))
        and (not wish.account or (wish.account == "waiting") == person.is_waiting)
        and person.name.startswith(wish.query)
    )


def expected(people, wish, node, readable):
    """The ids of the rows, worked out from what was put in."""
    by_user = {person.user.pk: person for person in people}
    rows = [
        tie
        for tie in Membership.objects.select_related("user", "organization")
        if tie.valid_from <= today() < (tie.valid_to or dt.date.max)
        and tie.organization.path.startswith(node.path)
        and tie.organization.path.startswith(tuple(readable))
        and (not wish.kind or tie.kind == wish.kind)
        and is_asked(by_user[tie.user_id], wish)
    ]
    rows.sort(key=lambda tie: (tie.organization.path, tie.user.name, tie.pk))
    return [tie.pk for tie in rows]


def walk(asked, within, size, *, back):
    """The ids of all pages, forwards, or from the end back to the beginning."""
    found, place = [], {}
    if back:
        last = within.order_by(*ORDER).last()
        if last is None:
            return []
        # The row from which one goes back is not on the page before it.
        found = list(asked.filter(pk=last.pk).values_list("pk", flat=True))
        place = {"before": last.pk}
    while True:
        page = roster_page(asked, within=within, size=size, **place)
        ids = [row.tie.pk for row in page.rows]
        found = ids + found if back else found + ids
        if not (page.has_previous if back else page.has_next):
            return found
        place = {"before": page.first} if back else {"after": page.last}


class Rosters(TestCase):
    @classmethod
    def setUpTestData(cls):
        city = OrganizationFactory(city=True)
        county = OrganizationFactory(county=True, parent=city)
        township = OrganizationFactory(township=True, parent=county)
        other = OrganizationFactory(county=True, parent=city)
        branches = [OrganizationFactory(parent=unit) for unit in (township, other)]
        cls.units = [city, county, township, other, *branches]

    @settings(max_examples=hypothesis.settings.default.max_examples // 2)
    @given(
        people=PEOPLE,
        wish=WISHES,
        size=st.integers(1, 4),
        node=st.integers(0, 5),
        readable=st.sets(st.integers(0, 5), min_size=1, max_size=3),
        counted=st.sampled_from([1, 3, COUNTED]),
        few=st.sampled_from([0, 2, FEW]),
    )
    def test_every_page_gives_what_was_asked(
        self, people, wish, size, node, readable, counted, few
    ):
        units = self.units
        fill(people, units)
        viewer = Viewer(user=None, is_open=False)
        viewer.__dict__["readable"] = {units[number].path for number in readable}
        within = ties_in(units[node], viewer=viewer)
        with mock.patch("organizations.people.marks.FEW", few):
            asked = ties_in(units[node], viewer=viewer, of=ties_asked(wish))
        right = expected(people, wish, units[node], viewer.readable)

        with mock.patch("organizations.people.listing.COUNTED", counted):
            assert walk(asked, within, size, back=False) == right
            assert walk(asked, within, size, back=True) == right
        assert roster_page(asked).total.count == len(right) <= COUNTED
