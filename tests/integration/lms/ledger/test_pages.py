"""The statement as the member and as those above read it, voiding, the department's pages."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from lms.ledger.entries import person_settle
from lms.ledger.models import CreditEntry, CreditRule, HourTarget, YearClosing
from lms.ledger.years import year_close
from lms.watching.models import Completion, PlaySession
from tests.factories import UserFactory
from tests.integration.lms.ledger.conftest import watch

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(hour=1, minute=0, second=0, microsecond=0) - dt.timedelta(days=1)


@pytest.fixture
def leader(units):
    """The secretary of the township."""
    return UserFactory(home=units.other_branch, secretary=True, unit=units.township)


@pytest.fixture
def keeper(units):
    return UserFactory(home=units.branch, officer=True, unit=units.city)


@pytest.fixture
def learnt(member, lecture):
    session = watch(member, lecture, at=NOW)
    person_settle(user_id=member.pk)
    return session


def read(client, user, name, *args):
    client.force_login(user)
    return client.get(reverse(name, args=args))


def test_a_member_reads_what_counted_and_what_is_missing(client, member, learnt, lecture):
    page = read(client, member, "ledger:mine").content.decode()
    assert lecture.title in page
    assert "<b>0.5</b> / 32 学时" in page
    assert "还差 <b>31.5</b> 学时" in page


def test_a_voided_viewing_is_crossed_out_with_its_reason(client, member, learnt, lecture, leader):
    client.force_login(leader)
    address = reverse("watching_people:void", args=[member.pk, learnt.pk])
    for _ in range(2):
        answer = client.post(address, {"reason": "两台设备同时播放，经核实不计"})
        assert answer.status_code == 302
    assert not Completion.objects.exists()
    page = read(client, member, "ledger:mine").content.decode()
    assert f"<s>{lecture.title}</s>" in page
    assert "两台设备同时播放，经核实不计" in page
    assert CreditEntry.objects.count() == 2
    assert AuditEntry.objects.filter(action="play_session.void", actor=leader).count() == 1


def test_voiding_asks_for_a_reason(client, member, learnt, leader):
    client.force_login(leader)
    address = reverse("watching_people:void", args=[member.pk, learnt.pk])
    assert client.post(address, {"reason": " "}).status_code == 422
    assert PlaySession.objects.counted().exists()


def test_nobody_voids_their_own_or_a_neighbours(client, member, learnt, units):
    secretary = UserFactory(home=units.branch, secretary=True, unit=units.branch)
    for user, status in ((member, 403), (secretary, 403)):
        client.force_login(user)
        for name, args in (("sessions", ()), ("void", (learnt.pk,))):
            address = reverse(f"watching_people:{name}", args=[member.pk, *args])
            assert client.get(address).status_code == status
    client.post(address, {"reason": "x"})
    assert PlaySession.objects.counted().exists()


def test_those_above_read_it_and_looking_is_logged(client, member, learnt, lecture, leader):
    assert lecture.title in read(client, leader, "ledger:person", member.pk).content.decode()
    seen = AuditEntry.objects.get(action="person.view")
    assert (seen.actor, seen.target_id) == (leader, str(member.pk))


def test_for_others_there_is_no_such_person(client, member, units):
    foreign = UserFactory(home=units.foreign_branch, secretary=True, unit=units.other_county)
    assert read(client, foreign, "ledger:person", member.pk).status_code == 404


def test_a_year_that_was_not_is_not_found(client, member):
    client.force_login(member)
    for year in ("1999", "x", "99999"):
        answer = client.get(reverse("ledger:mine"), {"year": year})
        assert answer.status_code == 404


def test_the_statement_asks_the_same_for_any_number_of_lines(
    client, member, lecture, django_assert_num_queries, django_assert_max_num_queries
):
    with django_assert_max_num_queries(45):
        read(client, member, "ledger:mine")
    watch(member, lecture, at=NOW)
    person_settle(user_id=member.pk)
    with django_assert_max_num_queries(45):
        read(client, member, "ledger:mine")


def rule_said(**changes):
    bands = {
        f"{kind}_{size}": hours
        for kind in ("self_study", "class")
        for size, hours in (("short", "0.5"), ("middle", "1"), ("long", "2"))
    }
    return {
        "valid_from": (timezone.localdate() + dt.timedelta(days=9)).isoformat(),
        "short_until": "15",
        "middle_until": "30",
        "session_minutes": "45",
        "half_day_most": "4",
        "day_most": "8",
        "counted": ["class", "collective"],
        **bands,
    } | changes


def test_the_department_sets_a_version_of_the_rule(client, keeper):
    client.force_login(keeper)
    for _ in range(2):
        assert client.post(reverse("ledger:rule"), rule_said()).status_code == 302
    row = CreditRule.objects.get()
    assert (row.version, row.rule().counted) == (2, {"class", "collective"})
    assert "第2版" in client.get(reverse("ledger:rule")).content.decode()


@pytest.mark.parametrize(
    "change",
    [
        {"valid_from": "2001-01-01"},
        {"middle_until": "10"},
        {"class_long": "0.1"},
        {"half_day_most": "9"},
        {"counted": []},
        {"session_minutes": "x"},
    ],
)
def test_a_rule_that_cannot_be_is_said_so(client, keeper, change):
    client.force_login(keeper)
    assert client.post(reverse("ledger:rule"), rule_said(**change)).status_code == 422
    assert not CreditRule.objects.exists()


def target_said(client, year, hours="24", **more):
    said = {"category": "member", "hours": hours} | more
    return client.post(f"{reverse('ledger:targets')}?year={year}", said)


def targets_page(client, year=None):
    return client.get(reverse("ledger:targets"), {"year": year} if year else {}).content.decode()


def test_the_department_sets_a_target(client, keeper, units):
    client.force_login(keeper)
    year = timezone.localdate().year
    answer = client.post(
        reverse("ledger:targets"),
        {"category": "member", "organization": units.county.code, "hours": "24"},
    )
    assert answer.status_code == 302
    made = HourTarget.objects.get()
    assert (made.organization, made.year) == (units.county, year)
    assert units.county.name in targets_page(client)
    client.post(reverse("ledger:targets"), {"act": "remove", "target": made.pk})
    assert not HourTarget.objects.exists()


def test_next_years_targets_are_prepared_and_change_nothing_of_this_year(client, keeper):
    client.force_login(keeper)
    year = timezone.localdate().year
    assert target_said(client, year + 1).status_code == 302
    assert HourTarget.objects.get().year == year + 1
    assert f"自 {year + 1} 年起" in targets_page(client, year + 1)
    assert f"自 {year + 1} 年起" not in targets_page(client, year)


def test_what_was_set_before_holds_until_another_is_set(client, keeper):
    client.force_login(keeper)
    year = timezone.localdate().year
    target_said(client, year - 1, "20")
    assert f"自 {year - 1} 年起" in targets_page(client, year)
    target_said(client, year, "30")
    assert f"自 {year - 1} 年起" not in targets_page(client, year)
    assert f"自 {year - 1} 年起" in targets_page(client, year - 1)


def test_a_closed_years_targets_are_read_only(client, keeper):
    client.force_login(keeper)
    last = timezone.localdate().year - 1
    target_said(client, last)
    year_close(year=last, actor=keeper)
    page = targets_page(client, last)
    assert "目标不能再改" in page
    assert 'name="hours"' not in page
    assert 'value="remove"' not in page
    assert target_said(client, last, "30").status_code == 422
    assert HourTarget.objects.get().hours == 24


@pytest.mark.parametrize("year", ["2019", "2101", "x", "２０２６", ""])
def test_another_year_has_no_targets_page(client, keeper, year):
    client.force_login(keeper)
    assert client.get(f"{reverse('ledger:targets')}?year={year}").status_code == 404


def test_the_department_closes_a_year_and_opens_it_again(client, keeper):
    client.force_login(keeper)
    last = timezone.localdate().year - 1
    client.post(reverse("ledger:years"), {"act": "close", "year": last})
    assert YearClosing.objects.get().year == last
    client.post(reverse("ledger:years"), {"act": "reopen", "year": last, "reason": "补录"})
    assert YearClosing.objects.get().reason == "补录"
    assert "补录" in client.get(reverse("ledger:years")).content.decode()


@pytest.mark.parametrize("name", ["rule", "targets", "years"])
def test_the_departments_pages_are_closed_to_others(client, leader, name):
    assert read(client, leader, f"ledger:{name}").status_code == 403
