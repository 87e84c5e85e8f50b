"""The index follows the library in the transaction of each change."""

import json
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from cms.finding.fields import CAPTION, TITLE
from cms.finding.indexing import differences, index_sweep, lecture_index
from cms.finding.models import LectureCell, SearchText
from cms.finding.searching import search
from cms.models import LecturePage
from cms.publishing import lecture_release, lecture_unpublish
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.captions.tracks import captions_delete
from tests.factories import UserFactory, VideoAssetFactory, many_lectures
from tests.factories.reviews import reviewed
from tests.integration.cms.finding.conftest import caption

pytestmark = pytest.mark.django_db

LectureOf = Callable[..., LecturePage]


def found(query: str) -> set[int]:
    return {hit.lecture_id for hit in search(LecturePage.objects.live(), query).hits}


def text_of(lecture: LecturePage, number: int = TITLE.number) -> str:
    return SearchText.objects.get(lecture=lecture, field=number, initials=False).text


def test_what_is_published_can_be_found_and_its_draft_cannot(
    lecture_of: LectureOf, units: object
) -> None:
    curator = UserFactory(curator=True, unit=units.county)  # type: ignore[attr-defined]
    lecture = lecture_of("旧题")
    lecture.title = "新题"
    lecture.save_revision(user=curator)
    assert found("旧题") == {lecture.pk}
    assert found("新题") == set()
    lecture_release(lecture=lecture, user=curator)
    assert found("旧题") == set()
    assert found("新题") == {lecture.pk}


def test_of_a_lecture_that_is_not_published_the_latest_draft_is_kept(
    lecture_of: LectureOf, units: object
) -> None:
    curator = UserFactory(curator=True, unit=units.county)  # type: ignore[attr-defined]
    lecture = reviewed(lecture_of("初稿", draft=True))
    lecture.title = "改过"
    lecture.save_revision(user=curator)
    assert text_of(lecture) == "改过"
    assert found("改过") == set()
    lecture_release(lecture=lecture, user=curator)
    assert found("改过") == {lecture.pk}
    lecture_unpublish(lecture=lecture, user=curator)
    assert found("改过") == set()


def test_captions_are_found_when_they_are_there_and_gone_when_they_are_gone(
    lecture_of: LectureOf,
) -> None:
    lecture = lecture_of("题", said=("春耕",))
    assert found("春耕") == {lecture.pk}
    caption(lecture, "秋收")
    assert found("春耕") == set()
    assert found("秋收") == {lecture.pk}
    captions_delete(asset=lecture.asset, actor=lecture.asset.owner)
    assert found("秋收") == set()


def test_another_recording_brings_its_own_captions(lecture_of: LectureOf) -> None:
    lecture = lecture_of("题", said=("春耕",))
    lecture.asset = VideoAssetFactory(ready=True)
    lecture.save()
    assert found("春耕") == set()
    caption(lecture, "秋收")
    assert found("秋收") == {lecture.pk}


def test_what_is_rolled_back_was_never_in_the_index(lecture_of: LectureOf) -> None:
    lecture = lecture_of("旧题")
    with transaction.atomic():
        lecture.title = "新题"
        lecture.save()
        caption(lecture, "春耕")
        assert found("新题") == found("春耕") == {lecture.pk}
        transaction.set_rollback(True)
    assert found("新题") == found("春耕") == set()
    assert found("旧题") == {lecture.pk}
    assert list(differences()) == []


def test_a_deleted_lecture_leaves_nothing(lecture_of: LectureOf) -> None:
    lecture_of("春耕", draft=True, said=("春耕",)).delete()
    lecture_of("秋收")
    assert found("春耕") == set()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT rowid FROM cms_searchtext_grams WHERE pairs MATCH '\"春耕\"'")
            assert cursor.fetchall() == []


def test_writing_again_writes_nothing(lecture_of: LectureOf) -> None:
    lecture = lecture_of("题", said=("春耕",))
    rows = set(SearchText.objects.values_list("pk", flat=True))
    assert lecture_index(lecture.pk) == 0
    assert set(SearchText.objects.values_list("pk", flat=True)) == rows


def test_captions_of_a_long_talk_are_found_to_their_last_word(lecture_of: LectureOf) -> None:
    lecture = lecture_of("题", asset=VideoAssetFactory(ready=True, duration=7200.0))
    caption(lecture, *(f"{'讲' * 150}{number}止" for number in range(600)))
    assert found("讲0止") == found("讲599止") == {lecture.pk}
    assert found("讲600止") == set()


def test_captions_that_cannot_be_read_keep_nothing_from_being_published(
    lecture_of: LectureOf,
) -> None:
    lecture = lecture_of("春耕")
    CaptionTrack.objects.create(asset=lecture.asset, text="WEBVTT\n\nbroken", cues=3)
    assert found("春耕") == {lecture.pk}
    assert not SearchText.objects.filter(lecture=lecture, field=CAPTION.number).exists()


def test_the_sweep_takes_in_what_came_without_a_signal(
    lecture_of: LectureOf, units: object
) -> None:
    lecture = lecture_of("题")
    many_lectures(3, organization=units.township, asset=lecture.asset)  # type: ignore[attr-defined]
    assert found("批量") == set()
    assert index_sweep(most=2) == 2
    assert index_sweep() == 1
    assert index_sweep() == 0
    assert len(found("批量")) == 3


def index(*options: str) -> dict:
    answer = StringIO()
    call_command("library_index", *options, "--json", stdout=answer)
    return json.loads(answer.getvalue())


def test_the_check_proves_that_stored_is_derived(lecture_of: LectureOf) -> None:
    lecture = lecture_of("春耕", said=("春耕",))
    assert index("--check") == {"lectures": 1, "differing": []}
    LecturePage.objects.filter(pk=lecture.pk).update(title="秋收", summary="新的")
    LectureCell.objects.update(live=False)
    answer = StringIO()
    with pytest.raises(CommandError):
        call_command("library_index", "--check", "--json", stdout=answer)
    differing = [{"lecture": lecture.pk, "texts": ["summary", "title"], "cell": True}]
    assert json.loads(answer.getvalue())["differing"] == differing
    assert index() == {"lectures": 1, "written": 4}  # two texts and their initials
    assert index("--check")["differing"] == []
    assert found("秋收") == {lecture.pk}


def test_the_check_sees_what_cannot_be_looked_up(lecture_of: LectureOf) -> None:
    lecture_of("春耕")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "INSERT INTO cms_searchtext_grams(cms_searchtext_grams) VALUES ('delete-all')"
            )
        else:
            # An index row follows its table row by itself; a text that was changed differs.
            cursor.execute("UPDATE cms_searchtext SET folded = 'x'")
    assert len(list(differences())) == 1
    assert index("--rebuild") == {"lectures": 1}
    assert list(differences()) == []
    assert len(found("春耕")) == 1
