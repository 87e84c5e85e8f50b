"""A lecture's cell is what its rows say, whatever wrote them."""

import copy
import datetime as dt
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from cms.curated import Audience, Topic
from cms.finding.cells import (
    cells_differing,
    cells_install,
    cells_refresh,
    cells_remove,
)
from cms.finding.counting import choice_counts
from cms.finding.facets import FACETS, cell_of
from cms.finding.indexing import index_sweep
from cms.finding.models import LectureCell
from cms.finding.searching import cell_counts, search
from cms.models import LecturePage, ShelfPage
from cms.shelves import shelf_for
from media_pipeline.models import VideoAsset
from tests.factories import (
    AudienceFactory,
    LecturePageFactory,
    OrganizationFactory,
    TopicFactory,
    many_lectures,
)

pytestmark = pytest.mark.django_db

WHICH = st.integers(0, 2)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("subject"), WHICH, st.sampled_from(["theory", "skills"])),
        st.tuples(st.just("year"), WHICH, st.sampled_from([None, 2024, 2026])),
        st.tuples(st.just("flags"), WHICH, st.booleans(), st.booleans()),
        st.tuples(st.just("open"), WHICH, st.booleans()),
        st.tuples(st.just("live"), WHICH, st.booleans()),
        st.tuples(st.just("published"), WHICH, st.integers(0, 3)),
        st.tuples(st.just("length"), WHICH, st.sampled_from([None, 200.0, 300.0, 301.0, 5000.0])),
        st.tuples(st.just("recording"), WHICH, WHICH),
        st.tuples(st.just("topics"), WHICH, st.sets(WHICH)),
        st.tuples(st.just("audiences"), WHICH, st.sets(WHICH)),
        st.tuples(st.just("tie_is_another's"), WHICH, WHICH),
        st.tuples(st.just("topic_goes"), WHICH),
        st.tuples(st.just("saved"), WHICH),
        st.tuples(st.just("moved"), st.booleans()),
        st.tuples(st.just("shelf_moved"), st.booleans()),
        st.tuples(st.just("deleted"), WHICH),
        st.tuples(st.just("many"), st.integers(1, 3)),
        st.tuples(st.just("taken_back"), WHICH),
    ),
    max_size=10,
)


def in_words(lecture: LecturePage) -> tuple[Any, ...]:
    """What the cell must say, worked out in Python."""
    length = lecture.asset.duration if lecture.asset else None
    ends = ((300, "5"), (600, "10"), (1200, "20"), (float("inf"), "more"))
    keys = (
        {lecture.subject},
        {str(one.pk) for one in Topic.objects.filter(lectures=lecture)},
        {str(one.pk) for one in Audience.objects.filter(lectures=lecture)},
        {next(key for end, key in ends if length <= end)} if length is not None else set(),
        {str(lecture.recorded_on.year)} if lecture.recorded_on else set(),
        {
            name
            for name, holds in (("premium", lecture.is_premium), ("library", lecture.is_in_library))
            if holds
        },
    )
    place = (lecture.path, lecture.live, lecture.is_open, lecture.first_published_at)
    return (keys, *place)


def said(cell: LectureCell) -> tuple[Any, ...]:
    keys = tuple(set(filter(None, key.split(","))) for key in cell_of(cell.marks))
    return (keys, cell.path, cell.live, cell.is_open, cell.first_published_at)


class Library:
    def __init__(self) -> None:
        self.county = OrganizationFactory(county=True)
        towns = [OrganizationFactory(township=True, parent=self.county) for _ in range(2)]
        self.shelves = [ShelfPage.objects.get(pk=shelf_for(town).pk) for town in towns]
        self.lectures = [LecturePageFactory(organization=towns[0]) for _ in range(3)]
        self.assets = [lecture.asset for lecture in self.lectures]
        self.topics = [TopicFactory() for _ in range(3)]
        self.audiences = [AudienceFactory() for _ in range(3)]

    def act(self, name: str, *asked: Any) -> None:
        # Whose number is out of range is none of the three, as the count of "many".
        rows = LecturePage.objects.filter(pk__in=[one.pk for one in self.lectures[asked[0] :][:1]])
        match name, *asked:
            case "subject", _, value:
                rows.update(subject=value)
            case "year", _, value:
                rows.update(recorded_on=value and dt.date(value, 5, 1))
            case "flags", _, premium, library:
                rows.update(is_premium=premium, is_in_library=library)
            case "open", _, value:
                rows.update(is_open=value)
            case "live", _, value:
                rows.update(live=value)
            case "published", _, day:
                rows.update(first_published_at=dt.datetime(2026, 1, 1 + day, tzinfo=dt.UTC))
            case "length", which, value:
                VideoAsset.objects.filter(pk=self.assets[which].pk).update(duration=value)
            case "recording", _, other:
                rows.update(asset=self.assets[other])
            case ("topics" | "audiences") as field, _, which:
                if lecture := rows.first():
                    getattr(lecture, field).set([getattr(self, field)[one] for one in which])
                    lecture.save()
            case "tie_is_another's", _, other:
                ties = LecturePage.topics.through.objects
                held = ties.filter(lecturepage__in=rows)
                taken = ties.filter(lecturepage=self.lectures[other].pk).values("topic")
                if LecturePage.objects.filter(pk=self.lectures[other].pk).exists():
                    held.exclude(topic__in=list(taken.values_list("topic", flat=True))).update(
                        lecturepage=self.lectures[other].pk
                    )
            case "topic_goes", which:
                Topic.objects.filter(pk=self.topics[which].pk).delete()
                self.topics[which] = TopicFactory()
            case "saved", _:
                for lecture in rows:
                    lecture.save()
            case "moved", back:
                for lecture in LecturePage.objects.filter(pk=self.lectures[0].pk):
                    lecture.move(self.shelf(0 if back else 1), "last-child")
            case "shelf_moved", into:
                target = self.shelf(1) if into else ShelfPage.objects.get(organization=self.county)
                self.shelf(0).move(target, "last-child")
            case "deleted", _:
                for lecture in rows:
                    lecture.delete()
            case "many", count:
                unit, asset = self.shelves[1].organization, self.assets[1]
                if not ShelfPage.objects.get(pk=self.shelves[1].pk).numchild:
                    many_lectures(count, organization=unit, asset=asset)
            case "taken_back", which:
                with transaction.atomic():
                    self.act("subject", which, "theory")
                    self.act("deleted", which)
                    transaction.set_rollback(True)

    def shelf(self, which: int) -> ShelfPage:
        found: ShelfPage = ShelfPage.objects.get(pk=self.shelves[which].pk)
        return found


class TestEveryWriter(TestCase):
    library: Library

    @classmethod
    def setUpTestData(cls) -> None:
        cls.library = Library()

    @given(ACTS)
    def test_the_cell_follows_whatever_is_written(self, acts: list[tuple[Any, ...]]) -> None:
        library = copy.copy(self.library)
        library.topics = list(library.topics)
        for name, *asked in acts:
            library.act(name, *asked)
        lectures = {one.pk: one for one in LecturePage.objects.select_related("asset")}
        cells = {cell.pk: cell for cell in LectureCell.objects.all()}
        assert cells.keys() == lectures.keys()
        for pk, lecture in lectures.items():
            assert said(cells[pk]) == in_words(lecture)
        assert cells_differing(connection) == []


def test_what_was_written_while_nobody_watched_is_put_right() -> None:
    gone, changed = LecturePageFactory(), LecturePageFactory(subject="skills")
    key = gone.pk
    cells_remove(connection)
    gone.delete()
    LecturePage.objects.filter(pk=changed.pk).update(subject="theory")
    new = LecturePageFactory()
    cells_install(connection)
    assert cells_differing(connection) == sorted([key, changed.pk, new.pk])
    assert cells_refresh(connection) == 3
    assert cells_refresh(connection) == 0
    assert cell_of(LectureCell.objects.get(pk=changed.pk).marks)[0] == "theory"


def test_the_sweep_puts_cells_right() -> None:
    lecture = LecturePageFactory()
    LectureCell.objects.update(marks=",", live=False)
    index_sweep()
    assert LectureCell.objects.get(pk=lecture.pk).live
    assert cells_differing(connection) == []


def test_cells_are_counted_as_lectures_are() -> None:
    topics = [TopicFactory(), TopicFactory()]
    first, second = LecturePageFactory(), LecturePageFactory(live=False)
    for lecture in (first, second):
        lecture.topics.set(topics)
        lecture.save()
    LecturePageFactory(subject="theory")
    counts = choice_counts(cell_counts(LectureCell.objects.filter(live=True)), [""] * len(FACETS))
    assert counts[0] == {"": 2, "skills": 1, "theory": 1}
    assert counts[1] == {"": 2} | {str(topic.pk): 1 for topic in topics}


def test_lectures_of_a_shelf_share_a_cell_beside_the_shelves_below() -> None:
    county = OrganizationFactory(county=True)
    shelf = shelf_for(county)
    below = shelf_for(OrganizationFactory(township=True, parent=county))
    for unit in (county, county, county, below.organization):
        LecturePageFactory(organization=unit)
    depth = len(below.path)
    seen = LectureCell.objects.below(shelf)
    for counts in (cell_counts(seen, depth=depth), search(seen, "微党课", depth=depth).cells):
        assert {cell[-1]: number for cell, number in counts.items()} == {"": 3, below.path: 1}
