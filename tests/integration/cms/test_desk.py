"""The first page of the admin: each figure is of the keeper's own units, and leads to its list."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cms.dashboard import reviews_awaiting
from cms.decisions import lecture_decide
from cms.desk import desk
from cms.models import LecturePage
from cms.review.models import Review, ReviewStep
from cms.standing import Standing
from media_pipeline.models import VideoAsset
from tests.factories import (
    ActivityFactory,
    LecturePageFactory,
    TranscodeJobFactory,
    UserFactory,
    VideoAssetFactory,
)

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 5, 20, 4, tzinfo=dt.UTC)


@pytest.fixture
def keeper(units):
    return UserFactory(curator=True, unit=units.county)


def shown(user: Any) -> dict[str, str]:
    return {one.label: one.text for group in desk(user, now=NOW) for one in group.figures}


def in_review(unit: Any, *, opened_at: dt.datetime, state: str = "reviewing") -> Review:
    lecture = LecturePageFactory(draft=True, organization=unit)
    review = Review.objects.create(
        lecture=lecture,
        asset=lecture.asset,
        uploader=lecture.asset.owner,
        organization=unit,
        state=state,
    )
    ReviewStep.objects.create(
        review=review,
        round=1,
        version=1,
        position=0,
        kind="first",
        state=ReviewStep.State.OPEN,
        planned_unit=unit,
        unit=unit,
        separate=False,
        opened_at=opened_at,
    )
    return review


def test_reviews_are_those_of_the_units_and_say_how_long_the_oldest_waits(units, keeper) -> None:
    in_review(units.branch, opened_at=NOW - dt.timedelta(days=3, hours=2))
    in_review(units.county, opened_at=NOW - dt.timedelta(hours=2))
    in_review(units.township, opened_at=NOW, state="sent_back")
    in_review(units.foreign, opened_at=NOW - dt.timedelta(days=30))
    reviews = desk(keeper, now=NOW)[0]
    figures = {one.label: one.text for one in reviews.figures}
    assert figures["辖区内审核中"] == "2节"
    assert figures["已退回修改"] == "1节"
    # What the county itself is to review waits for its curator.
    assert (figures["等我审核"], reviews.figures[0].is_urgent) == ("1节", True)
    assert "3天" in reviews.note


def test_each_figure_of_reviews_is_the_number_of_rows_that_it_leads_to(
    client: Client, units, keeper
) -> None:
    in_review(units.branch, opened_at=NOW)
    in_review(units.foreign, opened_at=NOW)
    # A new version of a published lecture is in review, too.
    LecturePage.objects.filter(pk=in_review(units.county, opened_at=NOW).lecture_id).update(
        live=True, first_published_at=NOW
    )
    in_review(units.township, opened_at=NOW, state="sent_back")
    LecturePageFactory(draft=True, organization=units.branch)
    client.force_login(keeper)
    figures = desk(keeper, now=NOW)[0].figures[1:]
    rows = [client.get(one.url).context["paginator"].count for one in figures]
    assert [one.text for one in figures] == [f"{count}节" for count in rows] == ["2节", "1节"]
    assert len(reviews_awaiting(keeper)) == 2


def test_processing_counts_the_units_recordings_by_stage(units, keeper) -> None:
    secretary = UserFactory(secretary=True, unit=units.branch)
    foreign = UserFactory(secretary=True, unit=units.foreign)
    TranscodeJobFactory(asset=VideoAssetFactory(owner=secretary), state="running")
    for owner in (secretary, secretary, foreign):
        TranscodeJobFactory(asset=VideoAssetFactory(owner=owner))
    for owner in (secretary, foreign):
        VideoAssetFactory(owner=owner, failed=True, reason="stalled")
    figures = shown(keeper)
    assert (figures["处理中"], figures["等待中"]) == ("1个", "2个")
    processing = desk(keeper, now=NOW)[1].figures
    assert [one.text for one in processing if one.is_urgent] == ["1个"]


def test_storage_is_that_of_the_units_and_the_disk_is_the_prefectures(units, keeper) -> None:
    for unit in (units.branch, units.foreign):
        lecture = LecturePageFactory(organization=unit)
        type(lecture.asset.package).objects.filter(pk=lecture.asset.package_id).update(
            bytes=3 * 1024**3
        )
        VideoAsset.objects.filter(pk=lecture.asset_id).update(size=1024**3, original_key="o")
    figures = shown(keeper)
    assert figures["成品视频"].startswith("3.0")
    assert figures["原始文件"].startswith("1.0")
    assert "磁盘剩余空间" not in figures
    assert "磁盘剩余空间" in shown(UserFactory(curator=True, unit=units.city))


def test_the_month_counts_what_was_decided_and_held_since_its_first_day(units, keeper) -> None:
    this, last = NOW - dt.timedelta(days=5), NOW - dt.timedelta(days=25)
    for unit, when in ((units.branch, this), (units.branch, last), (units.foreign, this)):
        lecture = LecturePageFactory(organization=unit, submitted_at=when)
        curator = UserFactory(curator=True, unit=units.city)
        lecture_decide(lecture=lecture, kind=Standing.Kind.PREMIUM, user=curator, now=when)
        ActivityFactory(organization=unit, held_on=timezone.localdate(when), headcount=20)
    figures = shown(keeper)
    assert (figures["本月提交"], figures["评为精品"], figures["已发布"]) == ("1节", "1节", "0节")
    assert figures["党课开讲啦"] == "1场次，20人次"


def test_the_page_shows_it_in_a_fixed_number_of_queries_and_every_link_opens(
    client: Client, units, keeper
) -> None:
    client.force_login(keeper)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/admin/").status_code == 200
        return len(queries)

    count()
    few = count()
    for _number in range(3):
        in_review(units.branch, opened_at=NOW)
        TranscodeJobFactory(asset=VideoAssetFactory(owner=keeper))
    assert count() <= few + 1  # the list of what waits has rows now
    page = client.get("/admin/").content.decode()
    for group in desk(keeper, now=timezone.now()):
        for one in group.figures:
            if one.url:
                assert one.url.replace("&", "&amp;") in page
                assert client.get(one.url).status_code == 200, one.url
