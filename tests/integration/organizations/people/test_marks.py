"""Marks at a tie hold at least what is in force, whoever wrote it; the night takes the rest off."""

import datetime as dt
import itertools

import pytest
from django.db import connection
from django.db.models import F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from organizations.models import Membership, Post, Tag, User, dimension_of, today
from organizations.people.mark_bits import (
    FIRST_FROM,
    FIRSTS,
    NUMBERS,
    PAIR_FROM,
    PAIRS,
    bits,
    marks_install,
    marks_refresh,
    marks_remove,
    name_bits,
)
from organizations.people.tasks import refresh_marks
from tests.factories import OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_everything_that_is_asked_for_has_a_bit_of_its_own():
    asked = [
        *(f"tag.{value}" for value in Tag.Value.values),
        *(f"post.{role}" for role in [*Post.Role.values, "any"]),
        *(f"kind.{kind}" for kind in Membership.Kind.values),
        "account.waiting",
        "account.active",
    ]
    assert sorted(asked) == sorted(NUMBERS)
    names = *range(FIRST_FROM, FIRST_FROM + FIRSTS), *range(PAIR_FROM, PAIR_FROM + PAIRS)
    numbers = [*NUMBERS.values(), *names]
    assert len(set(numbers)) == len(numbers)
    assert max(numbers) < 63


def in_force(tie):
    """The marks of a tie, worked out from its rows."""
    person = tie.user
    keys = [f"kind.{tie.kind}", f"account.{'active' if person.activated_at else 'waiting'}"]
    keys += [f"tag.{tag.value}" for tag in Tag.objects.current().filter(user=person)]
    for post in Post.objects.current().filter(user=person):
        keys += [f"post.{post.role}", "post.any"]
    found = name_bits(person.name) if person.name else 0
    for key in keys:
        found |= bits(key)
    return found


def check_marks():
    ties = list(Membership.objects.select_related("user"))
    for tie in ties:
        assert tie.marks & in_force(tie) == in_force(tie)
    return ties


NAMES = st.sampled_from(["王", "李四", "", "Wu", "王é", "Ü𠮷"])
VALUES = st.sampled_from(["rural", "school", "full", "retired"])
DAYS = st.sampled_from([-40, -2, 0, 3])
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("tag"), st.integers(0, 2), VALUES),
        st.tuples(st.just("tag_ends"), VALUES, DAYS),
        st.tuples(st.just("tag_goes"), VALUES),
        st.tuples(st.just("tag_is"), VALUES, VALUES),
        st.tuples(st.just("post"), st.integers(0, 2), st.sampled_from(["secretary", "curator"])),
        st.tuples(st.just("post_goes"), st.integers(0, 2)),
        st.tuples(st.just("tie"), st.integers(0, 2), st.sampled_from(["learner", "floating_host"])),
        st.tuples(st.just("tie_is_saved"), st.integers(0, 2)),
        st.tuples(st.just("tie_is_another's"), st.integers(0, 2), st.integers(0, 2)),
        st.tuples(
            st.just("named"),
            st.integers(0, 2),
            st.sampled_from(["王", "李四", "", "Wu", "王é", "Ü𠮷"]),
        ),
        st.tuples(st.just("activated"), st.integers(0, 2), st.booleans()),
    ),
    max_size=12,
)


class Writers(TestCase):
    """Past the services, one row or many at a time, as a shell or a file would."""

    @classmethod
    def setUpTestData(cls):
        cls.unit = OrganizationFactory(city=True)
        cls.people = [UserFactory(name=name) for name in ("张三", "王五", "李")]

    @given(acts=ACTS)
    def test_marks_follow_every_writer(self, acts):
        for act, *said in acts:
            getattr(self, act.replace("'", ""))(*said)
            check_marks()

    def tag(self, who, value):
        facts = {"dimension": dimension_of(value), "value": value}
        facts["valid_from"] = today() - dt.timedelta(days=60)
        people = self.people[who:]
        has = set(Tag.objects.filter(value=value, valid_to=None).values_list("user", flat=True))
        Tag.objects.bulk_create(Tag(user=one, **facts) for one in people if one.pk not in has)

    def tag_ends(self, value, days):
        Tag.objects.filter(value=value).update(valid_to=today() + dt.timedelta(days=days))

    def tag_goes(self, value):
        Tag.objects.filter(value=value).delete()

    def tag_is(self, before, after):
        for tag in Tag.objects.filter(value=before, valid_to=None):
            if not Tag.objects.filter(user=tag.user, value=after, valid_to=None).exists():
                tag.value = after
                tag.save()

    def post(self, who, role):
        Post.objects.get_or_create(
            user=self.people[who], organization=self.unit, role=role, valid_to=None
        )

    def post_goes(self, who):
        with connection.cursor() as cursor:
            sql = "DELETE FROM organizations_post WHERE user_id = %s"
            cursor.execute(sql, [self.people[who].pk])

    def tie(self, who, kind):
        person, other = self.people[who], self.people[who - 1]
        Membership.objects.create(user=person, organization=self.unit, kind=kind)
        Membership.objects.bulk_create([Membership(user=other, organization=self.unit, kind=kind)])

    def tie_is_saved(self, who):
        # As it was in memory before the database worked its marks out, or with marks that lie.
        for tie, marks in zip(self._ties(who), itertools.cycle((0, -1)), strict=False):
            tie.marks, tie.kind = marks, "learner"
            tie.save()

    def tie_is_anothers(self, who, other):
        Membership.objects.filter(user=self.people[who]).update(user=self.people[other])

    def named(self, who, name):
        User.objects.filter(pk=self.people[who].pk).update(name=name)

    def activated(self, who, is_active):
        person = User.objects.get(pk=self.people[who].pk)
        person.activated_at = person.date_joined if is_active else None
        person.save()

    def _ties(self, who):
        return list(Membership.objects.filter(user=self.people[who]))


def test_the_night_takes_off_what_has_ended_and_leaves_the_rest(units):
    person = UserFactory(name="王", home=units.branch)
    day = dt.timedelta(days=1)
    for value, ends in (("rural", None), ("retired", today() + 9 * day), ("exempt", today())):
        since = today() - 30 * day
        facts = {"dimension": dimension_of(value), "value": value, "valid_from": since}
        Tag.objects.create(user=person, valid_to=ends, **facts)
    # As an evening leaves them on which one more tag was in force.
    marks_remove(connection)
    Membership.objects.update(marks=F("marks").bitor(bits("tag.school")))
    marks_install(connection)

    refresh_marks()
    (tie,) = check_marks()
    assert not tie.marks & bits("tag.school")
    assert tie.marks & bits("tag.retired")
    assert marks_refresh(connection) == 0
