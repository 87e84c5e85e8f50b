"""Whatever is done to the tree, in whatever order, its past stays and its present is sound."""

import datetime as dt
import random

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from organizations.models import Membership, Organization, Placement
from organizations.units import tree
from tests.factories import OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db
START = dt.date(2026, 1, 1)
Snapshot = dict[int, tuple[int | None, str, str]]


def today_tree() -> Snapshot:
    units = list(Organization.objects.open())
    by_path = {unit.path: unit.pk for unit in Organization.objects.all()}
    return {unit.pk: (by_path.get(unit.path[:-4]), unit.name, unit.path) for unit in units}


def placed_tree(day: dt.date) -> Snapshot:
    rows = Placement.objects.current(day)
    return {row.organization_id: (row.parent_id, row.name, row.path) for row in rows}


def check_ranges(snapshot: Snapshot, day: dt.date) -> None:
    """A subtree by range is the subtree by the chain of superiors."""
    for unit, (_, _, path) in snapshot.items():
        by_range = set(
            Placement.objects.current(day).within(path).values_list("organization", flat=True)
        )
        assert by_range == {one for one in snapshot if unit in chain(snapshot, one)}


def chain(snapshot: Snapshot, unit: int | None) -> list[int]:
    found = []
    while unit is not None:
        found.append(unit)
        unit = snapshot[unit][0]
    return found


def act(chance: random.Random, day: dt.date, number: int) -> None:
    """One random act; most of those that make no sense are refused."""
    units = list(Organization.objects.all())
    one, other = chance.choice(units), chance.choice(units)
    match chance.choice(["create", "rename", "move", "move", "merge", "close", "reopen"]):
        case "create":
            kind = chance.choice(["branch", "township", "county", "line", "village"])
            tree.organization_create(
                actor=None, parent=one, code=f"n{number}", name=f"新{number}", kind=kind, on=day
            )
        case "rename":
            tree.organization_rename(actor=None, organization=one, name=f"名{number}", on=day)
        case "move":
            tree.organization_move(actor=None, organization=one, parent=other, on=day)
        case "merge":
            tree.organization_merge(actor=None, organization=one, into=other, on=day)
        case "close":
            tree.organization_close(actor=None, organization=one, on=day)
        case "reopen":
            tree.organization_reopen(actor=None, organization=one, on=day)


def plant() -> None:
    city = OrganizationFactory(city=True, opened_on=START)
    for _ in range(2):
        county = OrganizationFactory(county=True, parent=city, opened_on=START)
        for _ in range(2):
            township = OrganizationFactory(township=True, parent=county, opened_on=START)
            for _ in range(2):
                branch = OrganizationFactory(parent=township, opened_on=START)
    line = OrganizationFactory(line=True, parent=city, opened_on=START)
    OrganizationFactory(parent=line, opened_on=START)
    UserFactory(home=branch)


@settings(max_examples=8)
@given(seed=st.integers(min_value=0, max_value=2**32), acts=st.integers(min_value=5, max_value=25))
def test_the_present_is_sound_and_no_past_day_changes(seed: int, acts: int) -> None:
    with transaction.atomic():
        plant()
        play(random.Random(seed), acts)
        transaction.set_rollback(True)


def play(chance: random.Random, acts: int) -> None:
    day, seen = START, {START: placed_tree(START)}
    for number in range(acts):
        day += dt.timedelta(days=chance.choice([0, 0, 1, 3]))
        try:
            with transaction.atomic():
                act(chance, day, number)
        except tree.TreeError:
            pass
        assert Organization.find_problems() == ([], [], [], [], [])
        assert placed_tree(day) == today_tree()
        seen[day] = placed_tree(day)
    for known, snapshot in seen.items():
        assert placed_tree(known) == snapshot
        check_ranges(snapshot, known)
    homes = Membership.objects.current(day).filter(kind="home")
    assert homes.count() == 1
    assert not homes.exclude(organization__closed_on=None).exists()
