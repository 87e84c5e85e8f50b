"""The curated lists in the admin: who keeps which, what is logged, what stays while it is used."""

import io

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditEntry
from cms.curated import Audience, LectureCollection, Speaker, Topic
from cms.decisions import lecture_decide
from cms.models import LecturePage
from cms.standing import Standing
from organizations.models import Tag
from tests.factories import (
    BaseFactory,
    LecturePageFactory,
    SpeakerFactory,
    TopicFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
LISTS = (
    "topics", "audiences", "bases", "speakers", "productions", "lecture-collections", "menus",
)  # fmt: skip


@pytest.fixture
def curator(client: Client, units):
    user = UserFactory(curator=True, unit=units.county)
    client.force_login(user)
    return user


def formset(*lectures) -> dict[str, str]:
    data = {
        "items-TOTAL_FORMS": str(len(lectures)), "items-INITIAL_FORMS": "0",
        "items-MIN_NUM_FORMS": "0", "items-MAX_NUM_FORMS": "1000",
    }  # fmt: skip
    for number, lecture in enumerate(lectures):
        data |= {
            f"items-{number}-lecture": str(lecture.pk),
            f"items-{number}-id": "",
            f"items-{number}-ORDER": str(number + 1),
            f"items-{number}-DELETE": "",
        }
    return data


def test_a_curator_keeps_speakers_of_the_own_unit_and_below(client, units, curator) -> None:
    data = {"name": " 王\u200b芳 ", "office": "党校讲师", "introduction": ""}
    client.post("/admin/speakers/new/", {**data, "organization": units.township.pk})
    client.post("/admin/speakers/new/", {**data, "organization": units.line.pk})
    speaker = Speaker.objects.get()
    assert (speaker.name, speaker.organization) == ("王芳", units.township)
    entry = AuditEntry.objects.get(action="curated.create")
    assert (entry.actor_id, entry.target_type) == (curator.pk, "cms.Speaker")


def test_the_prefecture_ticks_which_members_an_audience_means(client, units) -> None:
    client.force_login(UserFactory(curator=True, unit=units.city))
    data = {"name": "农民党员", "position": "1"}
    assert client.get("/admin/audiences/new/").text.count('name="tags"') == len(Tag.Value)
    client.post("/admin/audiences/new/", {**data, "tags": ["rural", "retired"]})
    client.post("/admin/audiences/new/", {**data, "name": "别的", "tags": ["nobody"]})
    assert [one.tags for one in Audience.objects.all()] == [["rural", "retired"]]


def test_what_is_kept_elsewhere_cannot_be_opened(client, units, curator) -> None:
    elsewhere = SpeakerFactory(organization=units.other_county)
    assert client.get(f"/admin/speakers/edit/{elsewhere.pk}/").status_code == 404
    assert elsewhere.name not in client.get("/admin/speakers/").content.decode()


def test_topics_are_kept_by_the_prefecture_alone(client, units, curator) -> None:
    client.post("/admin/topics/new/", {"name": "乡村振兴", "position": "1"})
    assert not Topic.objects.exists()
    client.force_login(UserFactory(curator=True, unit=units.city))
    client.post("/admin/topics/new/", {"name": "乡村振兴", "position": "1"})
    assert Topic.objects.get().name == "乡村振兴"


def test_what_is_used_stays(client, units, curator) -> None:
    base = BaseFactory(organization=units.county)
    LecturePageFactory(organization=units.branch, base=base)
    client.post(f"/admin/bases/delete/{base.pk}/")
    base.refresh_from_db()
    assert not AuditEntry.objects.filter(action="curated.delete").exists()


def test_a_collection_keeps_its_order_and_takes_no_draft(client, units, curator) -> None:
    lectures = [LecturePageFactory(organization=units.branch) for _number in range(2)]
    draft = LecturePageFactory(organization=units.branch, draft=True)
    data = {
        "title": "党章十讲", "organization": str(units.county.pk), "introduction": "",
        "is_shown": "on", "position": "1",
    }  # fmt: skip
    client.post("/admin/lecture-collections/new/", data | formset(draft))
    assert not LectureCollection.objects.exists()
    client.post("/admin/lecture-collections/new/", data | formset(*reversed(lectures)))
    collection = LectureCollection.objects.get()
    order = collection.items.order_by("position").values_list("lecture_id", flat=True)
    assert list(order) == [lecture.pk for lecture in reversed(lectures)]


@pytest.mark.parametrize("name", LISTS)
def test_every_list_can_be_searched_and_costs_the_same_however_long(
    client, units, name: str
) -> None:
    client.force_login(UserFactory(curator=True, unit=units.city))
    page = f"/admin/{name}/"

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page).status_code == 200
        return len(captured)

    queries()
    few = queries()
    TopicFactory.create_batch(3)
    SpeakerFactory.create_batch(3, organization=units.county)
    assert queries() <= few + 1  # a list with rows counts them
    assert client.get(page, {"q": "示例"}).status_code == 200
    assert client.get(page, {"export": "xlsx"}).status_code == 404


def test_the_list_of_lectures_leaves_as_a_workbook(client, units, curator) -> None:
    lecture = LecturePageFactory(organization=units.branch, title="=1+1")
    lecture.topics.add(TopicFactory(name="乡村振兴"))
    lecture.save()
    decider = UserFactory(curator=True, unit=units.county, name="决定人丁")
    lecture_decide(lecture=lecture, kind=Standing.Kind.LIBRARY, user=decider)
    LecturePageFactory(organization=units.line, title="别处的课")
    response = client.get("/admin/lectures/workbook/?live=true")
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert "'=1+1" in cells
    assert "乡村振兴" in cells
    assert "别处的课" not in cells
    today = timezone.localdate().isoformat()
    assert cells[cells.index("决定人丁") - 1] == today
    assert AuditEntry.objects.get(action="library.export").detail["rows"] == 1


def test_the_title_of_a_lecture_loses_what_nobody_sees(client, units, curator) -> None:
    draft = LecturePageFactory(organization=units.branch, draft=True)
    data = {
        "title": "\u202e土豆\u200b🥔", "asset": str(draft.asset_id), "subject": "skills",
        "speaker": "\u200e王芳",
    }  # fmt: skip
    client.post(f"/admin/pages/{draft.pk}/edit/", data)
    saved = LecturePage.objects.get(pk=draft.pk).get_latest_revision_as_object()
    assert (saved.title, saved.speaker) == ("土豆🥔", "王芳")
