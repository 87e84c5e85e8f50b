"""Erasing a person: what goes, what stays, who may, and that twice is once."""

import datetime as dt

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils import timezone

from audit.log import record
from audit.models import AuditEntry
from lms.watching.models import Completion, PersonClock, PlaySession
from media_pipeline.models import Upload, VideoAsset
from organizations.models import (
    Correction,
    Credential,
    Membership,
    Placement,
    Post,
    RosterImport,
    RosterRow,
    Tag,
    User,
)
from organizations.privacy.erasing import EraseError, can_erase, person_erase
from organizations.units.history import figures
from tests.factories import (
    CompletionFactory,
    EnrolmentFactory,
    LecturePageFactory,
    MembershipFactory,
    OrganizationFactory,
    PersonClockFactory,
    PlaySessionFactory,
    PostFactory,
    UploadFactory,
    UserFactory,
    VideoAssetFactory,
)

pytestmark = pytest.mark.django_db

NAME, PHONE, CODE, ACCOUNT = "欧阳示范", "13912345678", "P-778899", "ouyang-shifan"
TRACES = (NAME, PHONE, CODE, ACCOUNT, "欧阳的录像", "写错了姓")


@pytest.fixture
def branch():
    return OrganizationFactory(parent=OrganizationFactory(township=True))


@pytest.fixture
def person(branch):
    """Somebody with a row in every table that names people."""
    person = UserFactory(
        name=NAME,
        phone=PHONE,
        code=CODE,
        username=ACCOUNT,
        email="o@example.cn",
        password="a-long-password-1",
        home=branch,
        last_login=timezone.now(),
    )
    keeper = UserFactory(secretary=True, unit=branch)
    Tag.objects.create(user=person, dimension="state", value="retired")
    Tag.objects.create(user=person, dimension="position", value="team_member")
    Credential.objects.create(
        user=person, digest="d" * 64, issued_by=keeper, expires_at=timezone.now()
    )
    Correction.objects.create(user=person, text="写错了姓", answer="欧阳示范已改")
    lecture = LecturePageFactory(organization=branch, submitted_by=person, speaker=NAME)
    lecture.asset.owner = person
    lecture.asset.original_name = "欧阳的录像.mp4"
    lecture.asset.save()
    PlaySessionFactory(user=person, lecture=lecture)
    PersonClockFactory(user=person)
    CompletionFactory(user=person, lecture=lecture)
    EnrolmentFactory(user=person, organization=branch)
    UploadFactory(owner=person, original_name="欧阳的录像.mp4")
    VideoAssetFactory(owner=person, original_name="欧阳的录像.mp4")
    record("person.view", actor=keeper, target=person)
    return person


def everything_stored() -> str:
    """The text of every row of every table, published lectures and what finds them apart."""
    found = []
    for model in apps.get_models():
        if model._meta.label in {"cms.LecturePage", "cms.SearchText", "modelsearch.IndexEntry"}:
            continue
        fields = [
            field.attname
            for field in model._meta.local_fields
            if isinstance(field, (models.CharField, models.TextField, models.JSONField))
        ]
        if fields:
            found += [str(row) for row in model._base_manager.values_list(*fields)]
    return "\n".join(found)


def test_no_personal_word_stays_anywhere(person):
    assert all(trace in everything_stored() for trace in TRACES)

    person_erase(actor=person, person=person, reason="")

    left = everything_stored()
    assert [trace for trace in TRACES if trace in left] == []


def test_the_account_is_a_pseudonym_and_closed(person):
    erased = person_erase(actor=person, person=person, reason="")

    assert erased.name == f"已注销人员{erased.pk:06d}" or "Erased person" in erased.name
    assert (erased.phone, erased.code, erased.email) == (None, None, "")
    assert erased.username == f"erased-{erased.pk:06d}"
    assert not erased.is_active
    assert not erased.has_usable_password()
    assert erased.erased_at is not None
    assert erased.activated_at is None
    assert erased.last_login is None


def test_what_figures_rest_on_stays(person, branch):
    person_erase(actor=person, person=person, reason="")

    assert PlaySession.objects.filter(user=person).count() == 1
    assert Completion.objects.filter(user=person).count() == 1
    assert person.enrolments.get().organization == branch
    tie = Membership.objects.get(user=person)
    assert tie.valid_to == timezone.localdate()
    assert not PersonClock.objects.filter(user=person).exists()
    assert not Credential.objects.filter(user=person).exists()


def test_the_byline_of_a_lecture_is_content(person):
    person_erase(actor=person, person=person, reason="")

    assert person.submitted_lectures.get().speaker == NAME


def test_unfinished_uploads_run_out_and_a_recording_of_no_lecture_goes(person):
    UploadFactory(owner=person, length=1000, offset=1000)  # which waits for the storage

    person_erase(actor=person, person=person, reason="")

    assert not Upload.objects.owned_by(person).receiving(timezone.now()).exists()
    assert VideoAsset.objects.filter(owner=person).count() == 1
    assert VideoAsset.objects.get(owner=person).lectures.exists()


def test_it_is_logged_once_with_counts_only(person):
    person_erase(actor=person, person=person, reason="")
    person_erase(actor=person, person=person, reason="")

    entry = AuditEntry.objects.get(action="person.erase")
    assert entry.target_id == str(person.pk)
    assert entry.detail["how"] == "own"
    assert entry.detail["removed"]["tags that no figure counts"] == 1
    assert all(trace not in str(entry.detail) for trace in TRACES)


def test_a_tie_that_would_begin_later_never_does(person, branch):
    later = timezone.localdate() + dt.timedelta(days=30)
    MembershipFactory(user=person, organization=branch, kind="learner", valid_from=later)

    person_erase(actor=person, person=person, reason="")

    assert not Membership.objects.filter(user=person, valid_from=later).exists()


def test_tags_of_state_and_stage_end_and_the_others_go(person):
    today = timezone.localdate()
    later = today + dt.timedelta(days=30)
    Tag.objects.create(user=person, dimension="stage", value="full", valid_from=later)
    Tag.objects.create(
        user=person,
        dimension="field",
        value="rural",
        valid_from=dt.date(2020, 1, 1),
        valid_to=today,
    )

    person_erase(actor=person, person=person, reason="")

    assert list(Tag.objects.filter(user=person).values_list("value", "valid_to")) == [
        ("retired", today)
    ]


def test_figures_of_past_days_stay(person, branch):
    since, yesterday = dt.date(2024, 1, 1), timezone.localdate() - dt.timedelta(days=1)
    Membership.objects.filter(user=person).update(valid_from=since)
    Placement.objects.filter(organization=branch).update(valid_from=since)
    for value in ("exempt", "floating_out"):
        Tag.objects.create(user=person, dimension="state", value=value, valid_from=since)
    before = figures(branch, on=yesterday)
    assert (before.home, before.exempt, before.floating_out) == (1, 1, 1)

    person_erase(actor=person, person=person, reason="")

    assert figures(branch, on=yesterday) == before
    assert figures(branch).exempt == 0


# -- who may


def test_a_keeper_of_the_branch_may_with_a_reason(person, branch):
    keeper = UserFactory(secretary=True, unit=branch)
    with pytest.raises(EraseError):
        person_erase(actor=keeper, person=person, reason="because")
    person.refresh_from_db()
    assert person.name == NAME

    person_erase(actor=keeper, person=person, reason="asked")

    assert User.objects.get(pk=person.pk).erased_at is not None
    detail = AuditEntry.objects.get(action="person.erase").detail
    assert (detail["how"], detail["reason"]) == ("keeper", "asked")


def test_a_keeper_elsewhere_may_not(person):
    stranger = UserFactory(secretary=True)

    assert not can_erase(stranger, person)
    with pytest.raises(PermissionDenied):
        person_erase(actor=stranger, person=person, reason="asked")
    assert not AuditEntry.objects.filter(action="person.erase").exists()


def test_another_member_of_the_branch_may_not(person, branch):
    assert not can_erase(UserFactory(home=branch), person)


def test_a_keeper_below_does_not_erase_who_holds_a_post_above(person, branch):
    PostFactory(user=person, organization=branch.get_parent(), role=Post.Role.CURATOR)

    assert not can_erase(UserFactory(secretary=True, unit=branch), person)


@pytest.mark.parametrize("role", ["administrator", "security", "auditor"])
def test_the_last_of_an_administration_cannot_leave(role):
    last = UserFactory(**{role: True})
    with pytest.raises(EraseError):
        person_erase(actor=last, person=last, reason="")
    last.refresh_from_db()
    assert last.erased_at is None
    assert last.is_active

    UserFactory(**{role: True})
    assert person_erase(actor=last, person=last, reason="").erased_at is not None


def test_posts_end_with_the_account(branch):
    person = UserFactory(secretary=True, unit=branch, home=branch)

    person_erase(actor=person, person=person, reason="")

    assert not Post.objects.current().filter(user=person).exists()


def test_staged_rows_that_name_the_person_by_phone_are_emptied(branch):
    keeper = UserFactory(secretary=True, unit=branch)
    person = UserFactory(home=branch, name=NAME, phone=PHONE, code=None)
    work = RosterImport.objects.create(who=keeper, unit=branch, state="checked", file_name="x")
    for number, phone, plan in ((2, PHONE, "change"), (3, PHONE, "refuse"), (4, "1390000", "same")):
        RosterRow.objects.create(
            roster_import=work, number=number, plan=plan, data={"name": NAME, "phone": phone}
        )
    person_erase(actor=keeper, person=person, reason="mistake")
    rows = RosterRow.objects.order_by("number").values_list("plan", "data")
    assert list(rows) == [
        ("refuse", {}),
        ("refuse", {}),
        ("same", {"name": NAME, "phone": "1390000"}),
    ]
