"""How far a submission is, as its author sees it."""

import pytest
from django.utils import timezone

from cms.decisions import lecture_decide, lecture_undecide
from cms.review.acts import comment_add
from cms.review.standing import Stage
from cms.submission_states import submissions_of
from tests.factories import UserFactory, VideoAssetFactory
from tests.factories.reviews import pass_all, pass_step, submission
from tests.integration.cms.review.handing_in import change, item_of, send_back

pytestmark = pytest.mark.django_db


def stages(item):
    return [(step.key, step.state) for step in item.steps if step.key.startswith("review")]


def test_the_timeline_says_at_whom_it_is(review, author, staff):
    assert stages(item_of(author)) == [
        ("review-0", "current"),
        ("review-1", "waiting"),
        ("review-2", "waiting"),
    ]
    first = next(step for step in item_of(author).steps if step.key == "review-0")
    assert "经办人甲" in first.note
    pass_step(review, reader=staff.reader, decider=staff.clerk)
    second = next(step for step in item_of(author).steps if step.key == "review-1")
    assert "科室乙" in second.note
    assert "经办人甲" not in second.note


def test_after_publication_other_rooms_add_what_comes_then(review, author, staff, monkeypatch):
    def in_library(lecture):
        return Stage("library", "入库", "done")

    monkeypatch.setattr("cms.review.standing.AFTER_PUBLICATION", [in_library])
    pass_all(review, staff)
    item = item_of(author)
    assert item.state == "published"
    assert [(step.key, step.state) for step in item.steps][-2:] == [
        ("publish", "done"),
        ("library", "done"),
    ]


def test_in_the_library_and_premium_follow_with_who_decided_it(review, author, staff, units):
    pass_all(review, staff)
    assert item_of(author).steps[-1].key == "publish"
    curator = UserFactory(curator=True, unit=units.city, name="馆员己")
    for kind in ("library", "premium"):
        lecture_decide(lecture=review.lecture, kind=kind, user=curator)
    library, premium = item_of(author).steps[-2:]
    assert (library.key, library.label, library.state) == ("library", "入库", "done")
    assert (premium.key, premium.label, premium.state) == ("premium", "精品", "done")
    assert "馆员己" in library.note
    lecture_undecide(lecture=review.lecture, kind="premium", user=curator)
    assert item_of(author).steps[-1].key == "library"


def test_what_came_back_shows_the_comments_with_their_moment(phone, review, author, staff):
    comment_add(
        review_id=review.pk, version=1, user=staff.clerk, text="错字", second=5, now=timezone.now()
    )
    assert item_of(author).remarks == []
    send_back(review, staff.clerk)
    item = item_of(author)
    assert [(one.text, one.second) for one in item.remarks] == [("请补字幕", None), ("错字", 5.0)]
    page = phone.get(item.change_url).content.decode()
    assert "请补字幕" in page
    assert "错字" in page


def test_the_list_takes_as_many_queries_for_many_submissions_as_for_one(
    author, staff, django_assert_max_num_queries
):
    for number in range(6):
        review = submission(author)
        if number % 2:
            send_back(review, staff.clerk)
    with django_assert_max_num_queries(20):
        assert len(submissions_of(user=author)) == 6


def test_earlier_versions_take_no_place_on_the_page(monkeypatch, phone, review, author):
    monkeypatch.setattr("cms.submission_states.PER_PAGE", 1)
    for _ in range(2):
        new = VideoAssetFactory(owner=author, ready=True)
        change(phone, review, asset=new.pk)
    found = submissions_of(user=author)
    assert ([item.asset_id for item in found], found.paginator.num_pages) == ([new.pk], 1)


def test_the_checks_say_in_plain_words_what_they_found(author, staff):
    asset = VideoAssetFactory(
        owner=author,
        ready=True,
        duration=1000.0,
        width=720,
        height=1280,
        loudness=-45.0,
        brightness=20.0,
    )
    submission(author, asset=asset)
    codes = [finding.code for finding in item_of(author).findings]
    assert codes == ["too_long", "quiet", "sideways", "dark", "no_captions"]
    asset.has_audio, asset.duration, asset.brightness = False, 60.0, 120.0
    asset.width, asset.height = 1280, 720
    asset.save()
    assert [finding.code for finding in item_of(author).findings] == ["no_sound"]
