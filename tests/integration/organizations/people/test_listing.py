"""Paging by key: every row once, whichever way one walks, also among equal names."""

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from organizations.models import Membership, Organization, Tag, User
from organizations.people.listing import ORDER, roster_page, ties_in
from organizations.people.marks import ties_asked
from organizations.people.viewer import Viewer
from organizations.people.wish import RosterWish
from tests.factories import OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db
# Few names, so that many are equal; of several lengths and scripts, so that order matters.
NAMES = st.sampled_from(["王伟", "王", "张三", "张三丰", "li", "Li", "", "欧阳"])


def walk(ties, *, size, back=False):
    """The ids of all pages, forwards or from the last one back."""
    pages, cursor = [], None
    page = roster_page(ties, size=size)
    while page.rows:
        pages.append([row.tie.pk for row in page.rows])
        if not page.has_next:
            break
        page = roster_page(ties, size=size, after=page.last)
    if not back or not pages:
        return pages
    found = [pages[-1]]
    cursor = pages[-1][0]
    while True:
        page = roster_page(ties, size=size, before=cursor)
        if not page.rows:
            return found
        found.insert(0, [row.tie.pk for row in page.rows])
        cursor = page.first
        if not page.has_previous:
            return found


class Walks(TestCase):
    @settings(max_examples=15, deadline=None)
    @given(
        people=st.lists(st.tuples(st.integers(0, 3), NAMES), max_size=24),
        size=st.integers(1, 7),
    )
    def test_every_row_is_met_once_forwards_and_back(self, people, size):
        city = OrganizationFactory(city=True)
        # Deep first, so that ids do not follow the tree.
        township = OrganizationFactory(township=True, parent=city)
        branches = [OrganizationFactory(parent=township), OrganizationFactory(parent=city)]
        units = [*branches, township, city]
        for number, (unit, name) in enumerate(people):
            user = User.objects.create(username=f"w{number}", name=name)
            Membership.objects.create(user=user, organization=units[unit], kind="learner")
        viewer = Viewer(user=None, is_open=False)
        viewer.__dict__["readable"] = {city.path}
        ties = ties_in(Organization.objects.get(pk=city.pk), viewer=viewer)
        expected = list(ties.order_by(*ORDER).values_list("pk", flat=True))
        forwards, backwards = walk(ties, size=size), walk(ties, size=size, back=True)
        assert [pk for page in forwards for pk in page] == expected
        assert [pk for page in backwards for pk in page] == expected


@pytest.fixture
def viewer(units):
    viewer = Viewer(user=None, is_open=False)
    viewer.__dict__["readable"] = {units.city.path}
    return viewer


@pytest.fixture
def asked(units, viewer):
    def names(unit="city", **wish):
        query = QueryDict(mutable=True)
        query.update(wish)
        node = getattr(units, unit)
        found = ties_in(node, viewer=viewer, of=ties_asked(RosterWish.of(query)))
        return {row.tie.user.name for row in roster_page(found).rows}

    return names


@pytest.fixture
def people(units):
    rural = UserFactory(name="王建国", home=units.branch, phone="13800000001", code="P1")
    UserFactory(name="王建", home=units.foreign_branch, activated_at=None)
    Tag.objects.create(user=rural, dimension="field", value="rural")
    Tag.objects.create(
        user=rural,
        dimension="state",
        value="exempt",
        valid_from="2019-01-01",
        valid_to="2020-01-01",
    )
    UserFactory(name="张王", secretary=True, unit=units.branch, home=units.branch)
    guest = UserFactory(name="客人")
    Membership.objects.create(user=guest, organization=units.branch, kind="floating_host")
    gone = UserFactory(name="走了")
    past = {"valid_from": "2023-01-01", "valid_to": "2024-01-01"}
    Membership.objects.create(user=gone, organization=units.branch, **past)


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        ({}, {"王建国", "王建", "张王", "客人"}),
        ({"unit": "township"}, {"王建国", "张王", "客人"}),
        ({"q": "王建"}, {"王建国", "王建"}),
        ({"q": "王"}, {"王建国", "王建"}),
        ({"q": "建"}, set()),
        ({"q": "%"}, set()),
        ({"q": "138 0000 0001"}, {"王建国"}),
        ({"q": "1380000000"}, set()),
        ({"q": "p1"}, {"王建国"}),
        ({"kind": "floating_host"}, {"客人"}),
        ({"kind": "x", "stage": "rural", "role": "'"}, {"王建国", "王建", "张王", "客人"}),
        ({"field": "rural"}, {"王建国"}),
        ({"state": "exempt"}, set()),
        ({"role": "secretary"}, {"张王"}),
        ({"role": "any"}, {"张王"}),
        ({"role": "auditor"}, set()),
        ({"account": "waiting"}, {"王建"}),
        ({"account": "active", "q": "王"}, {"王建国"}),
        ({"q": "王\x00建国"}, {"王建国"}),
    ],
)
def test_filters_and_search(people, asked, wish, found):
    assert asked(**wish) == found


def test_a_row_outside_the_unit_is_no_place_to_go_on_from(units, people, viewer):
    ties = ties_in(units.township, viewer=viewer)
    foreign = Membership.objects.get(organization=units.foreign_branch)

    first = [row.tie.pk for row in roster_page(ties).rows]
    for place in ({"after": foreign.pk}, {"before": foreign.pk}, {"after": 10**15}):
        page = roster_page(ties, **place)
        assert [row.tie.pk for row in page.rows] == first
        assert not page.has_previous


def test_a_row_that_left_the_filter_is_still_a_place_to_go_on_from(units, viewer):
    waiting = [UserFactory(name=f"王{n}", home=units.branch, activated_at=None) for n in range(3)]
    within = ties_in(units.branch, viewer=viewer)
    first = within.get(user=waiting[0])
    of = ties_asked(RosterWish(account="waiting"))
    asked = ties_in(units.branch, viewer=viewer, of=of)
    waiting[0].activated_at = waiting[0].date_joined
    waiting[0].save()

    page = roster_page(asked, within=within, after=first.pk)
    assert [row.tie.user for row in page.rows] == waiting[1:]


def test_totals_are_exact_as_far_as_they_are_counted(units, people, viewer, monkeypatch):
    ties = ties_in(units.city, viewer=viewer)
    for counted, known in ((4, (4, False)), (3, (3, True))):
        monkeypatch.setattr("organizations.people.listing.COUNTED", counted)
        found = roster_page(ties).total
        assert (found.count, found.is_more) == known


def test_wishes_stand_in_addresses_without_what_is_not_asked():
    wish = RosterWish.of(QueryDict("kind=home&state=exempt&q=&role=x"))
    assert wish.address() == "kind=home&state=exempt"
    assert wish.address(kind="", after="5") == "state=exempt&after=5"
    assert RosterWish.of(QueryDict("q=211302196001011234")).query == ""
