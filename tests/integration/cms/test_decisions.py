"""In the library, premium: each decided apart, dated, with who decided; a take-down ends them."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import strip_tags

from audit.models import AuditEntry
from cms.decisions import NotPublishedError, lecture_decide, lecture_undecide
from cms.models import LecturePage
from cms.publishing import lecture_release, lecture_unpublish
from cms.standing import FLAGS, Standing
from tests.factories import LecturePageFactory, UserFactory
from tests.factories.reviews import reviewed

pytestmark = pytest.mark.django_db
Kind = Standing.Kind
NOON = dt.datetime(2026, 5, 20, 4, tzinfo=dt.UTC)


@pytest.fixture
def curator(units):
    return UserFactory(curator=True, unit=units.county)


def held(lecture: LecturePage) -> list[str]:
    """The decisions in force; the lecture's own flags say the same."""
    found = set(Standing.objects.open().filter(lecture=lecture).values_list("kind", flat=True))
    now = LecturePage.objects.get(pk=lecture.pk)
    assert {kind: getattr(now, flag) for kind, flag in FLAGS.items()} == {
        kind: kind in found for kind in FLAGS
    }
    return sorted(found)


def bulk(action: str, *lectures: LecturePage) -> str:
    ids = "&".join(f"id={lecture.pk}" for lecture in lectures)
    return f"/admin/bulk/wagtailcore/page/{action}/?{ids}&next=/admin/lectures/"


def test_the_three_states_have_dates_and_who_decided(units, curator) -> None:
    draft = reviewed(LecturePageFactory(organization=units.branch, draft=True))
    lecture = lecture_release(lecture=draft, user=curator)
    lecture_decide(lecture=lecture, kind=Kind.PREMIUM, user=curator, now=NOON)
    assert held(lecture) == ["premium", "published"]
    premium = Standing.objects.get(kind=Kind.PREMIUM)
    assert (premium.since, premium.decided_by) == (NOON, curator)
    assert premium.organization == units.branch
    assert Standing.objects.get(kind=Kind.PUBLISHED).decided_by == curator


def test_the_editor_shows_each_state_with_its_date_and_who_decided(
    client: Client, units, curator
) -> None:
    curator.name, other = "管理员甲", UserFactory(curator=True, unit=units.county, name="管理员乙")
    curator.save()
    draft = reviewed(LecturePageFactory(organization=units.branch, draft=True))
    client.force_login(curator)
    address = f"/admin/pages/{draft.pk}/edit/"
    assert "还没有作出决定" in client.get(address).content.decode()
    lecture = lecture_release(lecture=draft, user=curator)
    lecture_decide(lecture=lecture, kind=Kind.PREMIUM, user=other, now=NOON)
    lecture_undecide(lecture=lecture, kind=Kind.PREMIUM, user=curator)
    page = client.get(address).content.decode()
    table = page[page.index("决定人") :]
    table = table[: table.index("</table>")]
    rows = [" ".join(strip_tags(row).split()) for row in table.split("<tr>")[1:]]
    ended = f"{date_format(timezone.localtime(), 'DATE_FORMAT')}"
    premium = next(row for row in rows if row.startswith("精品"))
    assert "2026年5月20日" in premium
    assert premium.index("管理员乙") < premium.index(ended) < premium.index("管理员甲")
    assert "管理员甲" in next(row for row in rows if row.startswith("已发布"))


def test_deciding_twice_is_one_decision_and_one_entry(units, curator) -> None:
    lecture = LecturePageFactory(organization=units.branch)
    assert lecture_decide(lecture=lecture, kind=Kind.LIBRARY, user=curator)
    assert not lecture_decide(lecture=lecture, kind=Kind.LIBRARY, user=curator)
    entries = AuditEntry.objects.filter(action="lecture.library", target_id=str(lecture.pk))
    assert [entry.actor_id for entry in entries] == [curator.pk]


def test_what_ends_keeps_its_dates(units, curator) -> None:
    lecture = LecturePageFactory(organization=units.branch)
    lecture_decide(lecture=lecture, kind=Kind.LIBRARY, user=curator, now=NOON)
    later = NOON + dt.timedelta(days=1)
    assert lecture_undecide(lecture=lecture, kind=Kind.LIBRARY, user=curator, now=later)
    standing = Standing.objects.get()
    assert (standing.since, standing.until, standing.ended_by) == (NOON, later, curator)


def test_publishing_an_older_draft_changes_no_decision(units, curator) -> None:
    lecture = LecturePageFactory(organization=units.branch)
    lecture.save_revision(user=curator)
    lecture_decide(lecture=lecture, kind=Kind.PREMIUM, user=curator)
    lecture = LecturePage.objects.get(pk=lecture.pk)
    lecture.get_latest_revision().publish(user=curator)
    assert held(lecture) == ["premium", "published"]


def test_a_draft_is_not_decided_about(units, curator) -> None:
    draft = LecturePageFactory(organization=units.branch, draft=True)
    with pytest.raises(NotPublishedError):
        lecture_decide(lecture=draft, kind=Kind.LIBRARY, user=curator)


def test_taking_down_ends_all_three(units, curator) -> None:
    draft = reviewed(LecturePageFactory(organization=units.branch, draft=True))
    lecture = lecture_release(lecture=draft, user=curator)
    for kind in (Kind.LIBRARY, Kind.PREMIUM):
        lecture_decide(lecture=lecture, kind=kind, user=curator)
    lecture = lecture_unpublish(lecture=lecture, user=curator)
    assert held(lecture) == []
    lecture_release(lecture=lecture, user=curator)
    assert held(lecture) == ["published"]


@pytest.mark.parametrize(
    ("role", "seat", "kind", "may"),
    [
        ("curator", "township", Kind.LIBRARY, True),
        ("administrator", "township", Kind.LIBRARY, True),
        ("curator", "township", Kind.PREMIUM, False),
        ("curator", "county", Kind.PREMIUM, True),
        ("reviewer", "county", Kind.LIBRARY, False),
        ("secretary", "branch", Kind.LIBRARY, False),
        ("curator", "other_county", Kind.LIBRARY, False),
    ],
)
def test_each_decision_has_a_right_of_its_own(units, role, seat, kind, may) -> None:
    lecture = LecturePageFactory(organization=units.branch)
    person = UserFactory(**{role: True}, unit=getattr(units, seat))
    if may:
        assert lecture_decide(lecture=lecture, kind=kind, user=person)
    else:
        with pytest.raises(PermissionDenied):
            lecture_decide(lecture=lecture, kind=kind, user=person)


def test_several_are_decided_at_once_in_the_admin(client: Client, units, curator) -> None:
    lectures = [LecturePageFactory(organization=units.branch) for _number in range(3)]
    draft = LecturePageFactory(organization=units.branch, draft=True)
    client.force_login(curator)
    page = client.get(bulk("library", *lectures, draft)).content.decode()
    assert page.count(f"/admin/pages/{draft.pk}/edit/") == 1  # named as one that is left out
    client.post(bulk("library", *lectures, draft))
    assert [held(one) for one in lectures] == [["library"]] * 3
    assert held(draft) == []
    client.post(bulk("premium", *lectures[:2]))
    client.post(bulk("library_end", lectures[0]))
    assert [held(one) for one in lectures] == [["premium"], ["library", "premium"], ["library"]]


def test_a_township_chooses_no_premium_in_the_admin_either(client: Client, units) -> None:
    lecture = LecturePageFactory(organization=units.branch)
    client.force_login(UserFactory(curator=True, unit=units.township))
    client.post(bulk("premium", lecture))
    assert held(lecture) == []


def test_the_list_filters_by_what_was_decided(client: Client, units, curator) -> None:
    inside = LecturePageFactory(organization=units.branch, title="库里的课")
    LecturePageFactory(organization=units.branch, title="库外的课")
    lecture_decide(lecture=inside, kind=Kind.LIBRARY, user=curator)
    client.force_login(curator)
    found = client.get("/admin/lectures/?standing=library").content.decode()
    assert "库里的课" in found
    assert "库外的课" not in found
    rest = client.get("/admin/lectures/?standing=no_library").content.decode()
    assert "库外的课" in rest
    assert "库里的课" not in rest
