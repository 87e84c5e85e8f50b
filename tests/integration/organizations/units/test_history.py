"""Figures of a day as the tree then stood; a former superior keeps them, but not the people."""

import datetime as dt
from types import SimpleNamespace

import pytest

from organizations.models import Membership, Placement, ScopeGrant, Tag, User
from organizations.units import tree
from organizations.units.history import Figures, Tree, above, figures, figures_below, placement_on
from tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 6, 1)
BEFORE = DAY - dt.timedelta(days=1)


@pytest.fixture
def people(units: SimpleNamespace) -> SimpleNamespace:
    """Two members and a learner at the branch, a guest from its sibling."""
    member, exempt = UserFactory(home=units.branch), UserFactory(home=units.branch)
    for value in (Tag.Value.EXEMPT, Tag.Value.FLOATING_OUT, Tag.Value.FULL):
        Tag.objects.create(
            user=exempt, value=value, dimension="state", valid_from=dt.date(2025, 1, 1)
        )
    learner = UserFactory()
    MembershipFactory(user=learner, organization=units.branch, kind=Membership.Kind.LEARNER)
    guest = UserFactory(home=units.sibling)
    MembershipFactory(user=guest, organization=units.branch, kind=Membership.Kind.HOST)
    return SimpleNamespace(member=member, exempt=exempt, learner=learner, guest=guest)


BRANCH = Figures(branches=1, home=2, hosts=1, learners=1, exempt=1, floating_out=1)
TOWNSHIP = BRANCH + Figures(units=1, branches=1, home=1)


def test_figures_count_each_kind_of_tie(units: SimpleNamespace, people: SimpleNamespace) -> None:
    for day in (None, BEFORE):
        assert figures(units.branch, on=day) == BRANCH
        assert figures(units.township, on=day) == TOWNSHIP


def test_children_come_with_their_figures_in_three_queries(
    units: SimpleNamespace, people: SimpleNamespace, django_assert_num_queries
) -> None:
    with django_assert_num_queries(3):
        counts = figures_below(units.county)
    assert counts == {
        units.county.path: Figures(units=1),
        units.township.path: TOWNSHIP,
        units.neighbour.path: Figures(units=1),
    }


def test_days_before_a_move_keep_their_figures(
    units: SimpleNamespace, people: SimpleNamespace
) -> None:
    then = {unit: figures(unit, on=BEFORE) for unit in (units.county, units.other, units.branch)}
    tree.organization_move(actor=None, organization=units.township, parent=units.other, on=DAY)
    assert {unit: figures(unit, on=BEFORE) for unit in then} == then
    units.other.refresh_from_db()
    assert figures(units.other, on=DAY).home == 3
    assert figures(units.county, on=DAY).home == 0


def test_a_past_day_can_be_read_in_todays_tree(
    units: SimpleNamespace, people: SimpleNamespace
) -> None:
    tree.organization_move(actor=None, organization=units.township, parent=units.other, on=DAY)
    units.other.refresh_from_db()
    assert figures(units.other, on=BEFORE, tree=Tree.TODAY).home == 3
    assert figures(units.other, on=BEFORE).home == 0
    assert figures(units.county, on=BEFORE, tree=Tree.TODAY).home == 0


def test_people_of_a_merged_branch_count_in_todays_tree_where_it_went(
    units: SimpleNamespace, people: SimpleNamespace
) -> None:
    tree.organization_merge(actor=None, organization=units.branch, into=units.sibling, on=DAY)
    units.sibling.refresh_from_db()
    assert figures(units.sibling, on=BEFORE).home == 1
    assert figures(units.sibling, on=BEFORE, tree=Tree.TODAY).home == 3
    assert figures(units.sibling, on=DAY).home == 3
    assert figures(units.branch, on=BEFORE) == BRANCH
    assert figures(units.branch, on=DAY) == Figures()


def test_a_person_counts_by_the_ties_and_tags_of_the_day(
    units: SimpleNamespace, people: SimpleNamespace
) -> None:
    Membership.objects.filter(user=people.member).update(valid_to=DAY)
    Tag.objects.filter(user=people.exempt, value=Tag.Value.EXEMPT).update(valid_from=DAY)
    assert (figures(units.branch, on=BEFORE).home, figures(units.branch, on=BEFORE).exempt) == (
        2,
        0,
    )
    assert (figures(units.branch, on=DAY).home, figures(units.branch, on=DAY).exempt) == (1, 1)


def test_a_former_superior_finds_the_unit_on_past_days_but_not_its_people(
    units: SimpleNamespace, people: SimpleNamespace
) -> None:
    old, new = (UserFactory(officer=True, unit=unit) for unit in (units.county, units.other))
    tree.organization_move(actor=None, organization=units.township, parent=units.other, on=DAY)
    seen = Placement.objects.visible_to(old, on=BEFORE).values_list("organization", flat=True)
    assert {units.township.pk, units.branch.pk} <= set(seen)
    assert people.member not in User.objects.visible_to(old)
    today = Placement.objects.visible_to(old).values_list("organization", flat=True)
    assert units.township.pk not in today
    then = Placement.objects.visible_to(new, on=BEFORE).values_list("organization", flat=True)
    assert units.township.pk not in then


def test_a_granted_scope_reads_the_past_of_what_was_granted(units: SimpleNamespace) -> None:
    reader = UserFactory(officer=True, unit=units.line)
    ScopeGrant.objects.create(holder=units.line, organization=units.township)
    seen = Placement.objects.visible_to(reader, on=BEFORE).values_list("organization", flat=True)
    assert set(seen) == {
        unit.pk for unit in (units.line, units.township, units.branch, units.sibling)
    }


def test_who_has_no_post_sees_no_past(units: SimpleNamespace, people: SimpleNamespace) -> None:
    assert not Placement.objects.visible_to(people.member, on=BEFORE).exists()


def test_superiors_are_those_of_the_day(units: SimpleNamespace) -> None:
    tree.organization_move(actor=None, organization=units.township, parent=units.other, on=DAY)
    for day, county in ((BEFORE, units.county), (DAY, units.other)):
        place = placement_on(units.branch, day)
        assert place is not None
        path = [row.organization_id for row in above(place, day)]
        assert path == [units.city.pk, county.pk, units.township.pk]
