"""Counted as it comes is counted anew, in whatever order things happen and whoever counts."""

import datetime as dt
import json
import random
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.classes.criterion import RULE_UNKNOWN
from lms.classes.models import Enrolment
from lms.ledger.entries import person_settle
from lms.ledger.models import ExternalClaim
from lms.ledger.rules import Kind
from lms.ledger.years import closing_work, year_close, year_reopen
from lms.reports import counting
from lms.reports.class_tallies import runs_count
from lms.reports.counting import marks_count
from lms.reports.looking import entries_look, look
from lms.reports.models import Counted, Mark, Tally
from lms.reports.rebuilding import figures_doubts, figures_rebuild
from lms.watching.models import PlaySession
from lms.watching.play import play_session_void
from organizations.models import Membership, Organization, Post, Tag, dimension_of
from organizations.units import tree
from tests.commands import ended
from tests.factories import (
    ClaimFactory,
    EnrolmentFactory,
    LecturePageFactory,
    MembershipFactory,
    OrganizationFactory,
    TrainingClassFactory,
    UserFactory,
)
from tests.integration.lms.ledger.conftest import watch
from tests.integration.lms.reports.conftest import NOW, count, room_made

pytestmark = pytest.mark.django_db
State = ExternalClaim.State


def unit(**facts):
    return OrganizationFactory(opened_on=dt.date(2024, 1, 1), **facts)


class World:
    """A small prefecture in which a random thing happens at a time."""

    def __init__(self, chance, room):
        self.chance, self.room, self.now = chance, room, NOW
        city = unit(city=True)
        self.counties = [unit(county=True, parent=city) for _ in range(2)]
        self.townships = [
            unit(township=True, parent=county) for county in self.counties for _ in range(2)
        ]
        self.branches = [unit(parent=one) for one in self.townships for _ in range(2)]
        self.people = [UserFactory(home=chance.choice(self.branches)) for _ in range(5)]
        self.officer = UserFactory(officer=True, unit=city)
        self.claims = [
            ClaimFactory(
                user=chance.choice(self.people),
                organization=self.branches[0],
                learnt_on=dt.date(2026, chance.randrange(1, 11), 3),
            )
            for _ in range(2)
        ]
        self.lectures = LecturePageFactory.create_batch(2, asset__duration=1200.0)
        self.run = TrainingClassFactory(organization=city)

    def act(self):
        acts = (
            *(self.learn, self.learn, self.lose, self.watch, self.watch, self.void),
            *(self.join_or_leave, self.join_or_leave, self.complete),
            *(self.move_person, self.leave, self.tag, self.post, self.move_unit, self.merge),
            *(self.claim, self.year, self.later, self.count_some, self.count_some, self.look),
        )
        try:
            with transaction.atomic():
                self.chance.choice(acts)()
        except tree.TreeError:
            pass

    def learn(self):
        days = self.chance.randrange(1, 700)
        kind = self.chance.choice([Kind.COLLECTIVE, Kind.CLASS])
        key = self.chance.randrange(1, 9)
        if key not in self.room.held:
            at = self.now - dt.timedelta(days=days)
            user = self.chance.choice(self.people)
            self.room.put(user, at=at, kind=kind, key=key, now=self.now)

    def lose(self):
        if self.room.held:
            self.room.take(self.chance.choice(sorted(self.room.held)), now=self.now)

    def watch(self):
        """A lecture as its player tells of it."""
        person = self.chance.choice(self.people)
        at = self.now - dt.timedelta(days=self.chance.randrange(1, 400))
        watch(person, self.chance.choice(self.lectures), at=at)
        person_settle(user_id=person.pk, now=self.now)

    def void(self):
        counted = list(PlaySession.objects.counted().order_by("pk"))
        if counted:
            session = self.chance.choice(counted)
            play_session_void(session=session, reason="示例", now=self.now)
            person_settle(user_id=session.user_id, now=self.now)

    def join_or_leave(self):
        person = self.chance.choice(self.people)
        rows = Enrolment.objects.open().filter(training_class=self.run, user=person)
        if not rows.update(withdrawn_at=self.now):
            home = Membership.objects.filter(user=person, valid_to=None).first()
            EnrolmentFactory(
                training_class=self.run, user=person, enrolled_at=self.now,
                organization=home.organization if home else None,
            )  # fmt: skip

    def complete(self):
        """Or no longer: it was taken back."""
        for one in Enrolment.objects.open().filter(training_class=self.run)[:1]:
            one.completed_at = None if one.completed_at else self.now
            one.completion_rule = RULE_UNKNOWN if one.completed_at else ""
            one.save(update_fields=["completed_at", "completion_rule"])

    def move_person(self):
        person = self.chance.choice(self.people)
        day = timezone.localdate(self.now)
        ties = Membership.objects.filter(user=person, valid_to=None)
        ties.update(valid_to=day)
        open_branches = [one for one in self.branches if self.fresh(one).closed_on is None]
        MembershipFactory(
            user=person, organization=self.chance.choice(open_branches), valid_from=day
        )

    def leave(self):
        person = self.chance.choice(self.people)
        day = timezone.localdate(self.now)
        Membership.objects.filter(user=person, valid_to=None).update(valid_to=day)

    def tag(self):
        value = self.chance.choice([Tag.Value.EXEMPT, Tag.Value.TEAM_MEMBER])
        person, day = self.chance.choice(self.people), timezone.localdate(self.now)
        held = Tag.objects.filter(user=person, value=value, valid_to=None)
        if not held.update(valid_to=day + dt.timedelta(days=self.chance.randrange(3))):
            Tag.objects.create(
                user=person, value=value, dimension=dimension_of(value),
                valid_from=day - dt.timedelta(days=self.chance.randrange(90)),
            )  # fmt: skip

    def post(self):
        person = self.chance.choice(self.people)
        held = Post.objects.filter(user=person)
        if not held.delete()[0]:
            Post.objects.create(
                user=person, organization=self.branches[0], role=Post.Role.SECRETARY,
                valid_from=dt.date(2026, 3, 1),
            )  # fmt: skip

    def move_unit(self):
        unit, target = self.chance.choice(
            [
                (self.chance.choice(self.townships), self.chance.choice(self.counties)),
                (self.chance.choice(self.branches), self.chance.choice(self.townships)),
            ]
        )
        day = timezone.localdate(self.now)
        tree.organization_move(actor=None, organization=unit, parent=target, on=day)

    def merge(self):
        one, other = self.chance.sample(self.branches, 2)
        day = timezone.localdate(self.now)
        tree.organization_merge(actor=None, organization=one, into=other, on=day)

    def claim(self):
        claim = self.chance.choice(self.claims)
        claim.state = State.REFUSED if claim.state == State.APPROVED else State.APPROVED
        claim.save(update_fields=["state"])
        person_settle(user_id=claim.user_id, source="external", keys=[claim.pk], now=self.now)

    def year(self):
        year = timezone.localdate(self.now).year - 1
        year_close(year=year, actor=self.officer, now=self.now)
        if self.chance.random() < 0.6:
            closing_work()
        if self.chance.random() < 0.3:
            year_reopen(year=year, actor=self.officer, reason="示例", now=self.now)

    def later(self):
        self.now += dt.timedelta(days=self.chance.choice([1, 1, 20, 60]))

    def count_some(self):
        marks_count(now=self.now, batches=self.chance.randrange(1, 3))
        runs_count(now=self.now)

    def look(self):
        look(now=self.now)

    def fresh(self, unit):
        return Organization.objects.get(pk=unit.pk)


def anything_happens(seed, acts):
    """Then count, and count anew."""
    with pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(counting, "BATCH", 2)
        world = World(random.Random(seed), room_made(patch))
        for _ in range(acts):
            world.act()
        count(world.now)
        runs_count(all_of_them=True)
        assert not Mark.objects.exists()
        assert [one.text() for one in figures_doubts(now=world.now)] == []
        transaction.set_rollback(True)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(min_value=0, max_value=2**32), acts=st.integers(10, 40))
def test_whatever_happens_counting_as_it_comes_is_counting_anew(seed, acts):
    anything_happens(seed, acts)


@pytest.mark.long
@settings(max_examples=150, deadline=None)
@given(seed=st.integers(min_value=0, max_value=2**32), acts=st.integers(30, 120))
def test_whatever_happens_for_long(seed, acts):
    anything_happens(seed, acts)


@pytest.fixture
def learner(units, room):
    person = UserFactory(home=units.branch)
    room.put(person)
    count()
    return person


checked = partial(ended, "reports_rebuild")


def test_figures_that_follow_from_the_ledger_pass_the_check(learner):
    assert checked("--check")[0] == 0


def test_an_altered_sum_is_named_and_mended(learner, units):
    row = Tally.objects.filter(unit=units.county, what=1, item=0).get()
    Tally.objects.filter(pk=row.pk).update(people=5)
    status, said = checked("--check")
    assert status == 1
    assert f"reports.Tally {row.pk} (unit {units.county.pk}" in said
    assert "people +4" in said
    assert checked()[0] == 0
    row.refresh_from_db()
    assert row.people == 1
    assert checked("--check")[0] == 0


def test_an_altered_person_is_named_and_mended(learner):
    Counted.objects.filter(pk=learner.pk).update(is_asked=False)
    status, said = checked("--check", "--json")
    assert status == 1
    first = json.loads(said.splitlines()[0])
    assert (first["table"], first["row"]) == ("reports.Counted", str(learner.pk))
    assert checked()[0] == 0
    assert checked("--check")[0] == 0
    assert Counted.objects.get(pk=learner.pk).is_asked


def test_sums_that_were_lost_are_made_anew(learner):
    before = list(Tally.objects.order_by("pk").values_list("unit", "what", "people", "hours"))
    Tally.objects.all().delete()
    Counted.objects.all().delete()
    assert figures_rebuild(now=NOW)
    after = Tally.objects.order_by("pk").values_list("unit", "what", "people", "hours")
    assert sorted(after) == sorted(before)
    assert figures_doubts(now=NOW) == []


def test_who_waits_to_be_counted_is_no_doubt(learner, room):
    room.put(learner, at=NOW - dt.timedelta(days=40))
    assert figures_doubts(now=NOW) == []
    assert marks_count(now=NOW) == 1


def test_an_entry_that_nobody_marked_is_found_at_night(learner, room):
    room.put(learner, at=NOW - dt.timedelta(days=40))
    Mark.objects.all().delete()
    assert len(figures_doubts(now=NOW)) > 0
    assert entries_look() == 1
    marks_count(now=NOW)
    assert figures_doubts(now=NOW) == []


def test_counting_twice_adds_nothing(learner):
    before = sorted(Tally.objects.values_list())
    Mark.objects.create(user=learner)
    assert marks_count(now=NOW) == 1
    assert sorted(Tally.objects.values_list()) == before
