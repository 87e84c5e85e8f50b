"""Viewings that stood out: found in the night, shown in order, decided by a person."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from audit.models import AuditEntry
from lms.watching.checks import (
    CheckRefused,
    check_all_right,
    check_void,
    checks_find,
    devices_forget,
)
from lms.watching.models import PlaySession, ViewingCheck
from lms.watching.noticing import CROWD
from lms.watching.tasks import find_checks
from notices.models import Message
from organizations.models import Membership, Post
from organizations.privacy.retention import retention_clean
from tests.factories import (
    LecturePageFactory,
    MembershipFactory,
    OrganizationFactory,
    PlaySessionFactory,
    UserFactory,
    ViewingCheckFactory,
)

pytestmark = pytest.mark.django_db
State = ViewingCheck.State
GUESS = {"act": "all_right", "words": ""}


@pytest.fixture
def township():
    return OrganizationFactory(township=True)


@pytest.fixture
def branch(township):
    return OrganizationFactory(parent=township)


@pytest.fixture
def person(branch):
    return UserFactory(home=branch, name="周示例")


@pytest.fixture
def officer(township):
    return UserFactory(officer=True, unit=township)


def watched(user, *, ago=3600, lasts=1200, **more):
    """`ago` counts from the last three o'clock in the afternoon: days are looked at one by one."""
    at_three = timezone.localtime().replace(hour=15, minute=0, second=0, microsecond=0)
    if at_three > timezone.now():
        at_three -= dt.timedelta(days=1)
    began = at_three - dt.timedelta(seconds=ago)
    return PlaySessionFactory(
        user=user,
        started_at=began,
        last_beat_at=began + dt.timedelta(seconds=lasts),
        **{"accepted": lasts, "lecture": LecturePageFactory(asset__duration=3600.0), **more},
    )


# -- finding


def test_the_night_finds_what_stands_out_and_twice_is_once(person):
    first = watched(person, device="a", cut=600)
    second = watched(person, device="b")
    watched(UserFactory())

    find_checks()
    assert checks_find() == 0

    cut, beside = ViewingCheck.objects.order_by("what")
    assert (cut.what, cut.user, cut.facts) == ("cut", person, {"seconds": 600})
    assert list(cut.sessions.all()) == [first]
    assert set(beside.sessions.all()) == {first, second}


def test_a_later_night_completes_what_nobody_has_decided(person):
    watched(person, cut=600)
    checks_find()
    later = watched(person, ago=1800, cut=900)

    assert checks_find() == 0
    check = ViewingCheck.objects.get()
    assert later in check.sessions.all()
    assert check.facts == {"seconds": 900}


def test_what_was_decided_is_left_as_it_was_decided(person, officer):
    watched(person, cut=600)
    checks_find()
    check_all_right(check=ViewingCheck.objects.get(), actor=officer, words="断网半天")
    watched(person, ago=1800, cut=900)
    checks_find()

    check = ViewingCheck.objects.get()
    assert (check.state, check.facts, check.words) == ("all_right", {"seconds": 600}, "断网半天")
    assert check.sessions.count() == 1


def test_many_people_on_one_device_are_found_one_by_one():
    people = UserFactory.create_batch(CROWD)
    lecture = LecturePageFactory(asset__duration=3600.0)
    for number, one in enumerate(people):
        watched(one, ago=3600 - number * 60, device="village", lecture=lecture, lasts=300)
    checks_find()

    assert ViewingCheck.objects.filter(what="crowd").count() == CROWD


def test_voided_viewings_stand_out_no_more(person):
    watched(person, cut=600, voided_at=timezone.now())

    assert checks_find() == 0


def test_what_is_longer_ago_than_a_beat_can_come_is_not_looked_at(person):
    watched(person, ago=10 * 86400, cut=600)

    assert checks_find() == 0


def test_browsers_are_told_apart_for_a_month_only(person):
    old = watched(person, ago=31 * 86400, device="a")
    new = watched(person, device="b")

    assert devices_forget() == 1
    assert set(PlaySession.objects.values_list("pk", "device")) == {(old.pk, ""), (new.pk, "b")}


def test_the_queries_do_not_grow_with_the_viewings(person, django_assert_max_num_queries):
    for _ in range(5):
        watched(UserFactory())
    with django_assert_max_num_queries(4):
        checks_find()


# -- who sees what


def test_whoever_may_void_sees_the_list_in_the_order_of_arrival(client, branch, officer):
    now = timezone.now()
    for number, name in enumerate(("钱示例", "孙示例")):
        ViewingCheckFactory(
            user=UserFactory(home=branch, name=name),
            found_at=now - dt.timedelta(hours=number),
            facts={"seconds": 600 + number},
        )
    client.force_login(officer)

    text = client.get("/viewings/").content.decode()
    # Names are masked in a list; the one that was noticed first stands first.
    assert text.index("10分1秒") < text.index("10分钟")
    assert "钱示例" not in text


@pytest.mark.parametrize(
    ("where", "role", "sees"),
    [
        ("township", Post.Role.AFFAIRS_OFFICER, True),
        ("township", Post.Role.SECRETARY, True),
        ("branch", Post.Role.SECRETARY, False),  # a neighbour
        ("township", Post.Role.REVIEWER, False),
        ("elsewhere", Post.Role.SECRETARY, False),
    ],
)
def test_only_those_above_see_it(client, township, branch, person, where, role, sees):
    units = {"township": township, "branch": branch, "elsewhere": OrganizationFactory()}
    check = ViewingCheckFactory(user=person)
    viewer = UserFactory()
    Post.objects.create(user=viewer, organization=units[where], role=role)
    client.force_login(viewer)

    assert ViewingCheck.objects.visible_to(viewer).exists() is sees
    assert client.get(f"/viewings/{check.pk}/").status_code == (200 if sees else 404)
    assert client.post(f"/viewings/{check.pk}/", GUESS).status_code == (302 if sees else 404)


def test_a_guest_is_judged_by_the_home_branch_only(township, branch):
    guest = UserFactory(home=OrganizationFactory())
    MembershipFactory(user=guest, organization=branch, kind=Membership.Kind.HOST)
    ViewingCheckFactory(user=guest)

    assert not ViewingCheck.objects.visible_to(UserFactory(officer=True, unit=township)).exists()


def test_the_person_concerned_sees_nothing_of_it(client, person):
    check = ViewingCheckFactory(user=person)
    client.force_login(person)

    assert client.get("/viewings/").status_code == 403
    assert client.get(f"/viewings/{check.pk}/").status_code == 404
    for address in ("/me/", "/inbox/", "/me/data/", "/me/hours/"):
        assert "待核实" not in client.get(address).content.decode()


def test_nobody_decides_on_themselves(township, officer):
    MembershipFactory(user=officer, organization=OrganizationFactory(parent=township))
    check = ViewingCheckFactory(user=officer)

    assert not ViewingCheck.objects.visible_to(officer).exists()
    with pytest.raises(PermissionDenied):
        check_all_right(check=check, actor=officer)


def test_my_page_says_how_many_wait(client, person, officer):
    ViewingCheckFactory(user=person)
    ViewingCheckFactory(user=person, what="cadence", state="all_right", decided_at=timezone.now())
    client.force_login(officer)

    text = client.get("/me/").content.decode()
    assert "/viewings/" in text
    assert "1 条待核实" in text


def test_one_shows_the_viewings_side_by_side_and_looking_is_logged(client, person, officer):
    watched(person, device="a")
    watched(person, device="b", beats=12, gap_least=3.0, gap_most=30.2)
    checks_find()
    client.force_login(officer)

    text = client.get(f"/viewings/{ViewingCheck.objects.get().pk}/").content.decode()
    assert "周示例" in text
    assert "同时" in text
    assert ">A<" in text
    assert ">B<" in text
    assert "3.0" in text
    assert AuditEntry.objects.filter(action="person.view", target_id=str(person.pk)).exists()


# -- deciding


def test_nothing_wrong_changes_nothing_but_the_list_and_is_logged(client, person, officer):
    session = watched(person, cut=600)
    checks_find()
    check = ViewingCheck.objects.get()
    client.force_login(officer)

    answer = client.post(f"/viewings/{check.pk}/", {"act": "all_right", "words": "问过，断网"})
    assert answer.status_code == 302
    assert client.post(f"/viewings/{check.pk}/", GUESS).status_code == 302

    check.refresh_from_db()
    session.refresh_from_db()
    assert (check.state, check.decided_by, check.words) == ("all_right", officer, "问过，断网")
    assert session.voided_at is None
    assert AuditEntry.objects.filter(action="viewing_check.all_right").count() == 1
    assert "周" not in client.get("/viewings/").content.decode()
    assert "问过" not in str(AuditEntry.objects.values_list("detail", flat=True))


def test_voiding_voids_what_was_chosen_with_the_reason(client, person, officer):
    chosen, other = watched(person, device="a"), watched(person, device="b")
    checks_find()
    check = ViewingCheck.objects.get()
    client.force_login(officer)
    body = {"act": "void", "sessions": [str(chosen.pk)], "words": "两台设备同时播放"}

    assert client.post(f"/viewings/{check.pk}/", body).status_code == 302
    assert client.post(f"/viewings/{check.pk}/", body).status_code == 302

    chosen.refresh_from_db()
    other.refresh_from_db()
    check.refresh_from_db()
    assert (chosen.void_reason, chosen.voided_by) == ("两台设备同时播放", officer)
    assert other.voided_at is None
    assert check.state == State.VOIDED
    assert AuditEntry.objects.filter(action="viewing_check.void").count() == 1
    assert AuditEntry.objects.filter(action="play_session.void").count() == 1


def test_the_person_is_told_once_which_viewings_were_voided_and_why(person, officer, township):
    both = [watched(person, device="a"), watched(person, device="b")]
    checks_find()
    check = ViewingCheck.objects.get()
    for _twice in range(2):
        keys = [one.pk for one in both]
        check_void(check=check, sessions=keys, actor=officer, words="两台设备同时播放")
    message = Message.objects.get()
    assert (message.recipient, message.cause, message.edition) == (person, "viewing", 1)
    for said in ("2 次", "两台设备同时播放", township.name):
        assert said in message.words


def test_a_viewing_voided_on_the_persons_page_is_told_with_its_lecture(client, person, officer):
    session = watched(person)
    client.force_login(officer)
    address = f"/people/{person.pk}/watching/{session.pk}/"
    for _twice in range(2):
        assert client.post(address, {"reason": "不是本人观看"}).status_code == 302
    message = Message.objects.get()
    assert (message.recipient, message.path) == (person, "/me/hours/")
    for said in (session.lecture.title, "不是本人观看"):
        assert said in message.words


@pytest.mark.parametrize(
    "body",
    [
        {"act": "void", "sessions": [], "words": "原因"},
        {"act": "void", "words": ""},
        {"act": "void", "sessions": ["7f3c2f2e-0d6c-4a56-8d52-4c8f6f4a1d11"], "words": "原因"},
        {"act": "void", "sessions": ["no id"], "words": "原因"},
    ],
)
def test_voiding_needs_a_viewing_of_the_check_and_a_reason(client, person, officer, body):
    session = watched(person, cut=600)
    stranger = watched(UserFactory())
    checks_find()
    check = ViewingCheck.objects.get()
    client.force_login(officer)

    answer = client.post(f"/viewings/{check.pk}/", body)
    assert answer.status_code == 422
    assert not PlaySession.objects.exclude(voided_at=None).exists()
    assert ViewingCheck.objects.get().state == State.OPEN
    with pytest.raises(CheckRefused):
        check_void(check=check, sessions=[stranger.pk], actor=officer, words="原因")
    assert session.pk != stranger.pk


def test_of_two_who_decide_at_once_the_second_is_told(client, person, officer, township):
    session = watched(person, cut=600)
    checks_find()
    check = ViewingCheck.objects.get()
    check_all_right(check=check, actor=UserFactory(secretary=True, unit=township))
    client.force_login(officer)
    body = {"act": "void", "sessions": [str(session.pk)], "words": "原因"}

    text = client.post(f"/viewings/{check.pk}/", body, follow=True).content.decode()
    assert "已由他人处理" in text
    session.refresh_from_db()
    assert session.voided_at is None


# -- what is kept


def test_checks_go_after_their_time(person, settings):
    settings.RETENTION = {"viewing_checks": 365}
    now = timezone.now()
    ViewingCheckFactory(user=person, found_at=now - dt.timedelta(days=366))
    kept = ViewingCheckFactory(user=person, what="cadence")
    retention_clean()

    assert list(ViewingCheck.objects.all()) == [kept]


def test_checks_go_with_their_person_and_sessions_forget_the_browser(person):
    from organizations.privacy.erasing import person_erase

    watched(person, device="a", cut=600)
    checks_find()
    person_erase(person=person, actor=person, reason="")

    assert not ViewingCheck.objects.exists()
    assert PlaySession.objects.get().device == ""
