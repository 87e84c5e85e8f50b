"""Targets by what people were, and years that are closed."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.utils import timezone

from audit.models import AuditEntry
from lms.ledger import years
from lms.ledger.entries import person_settle
from lms.ledger.keeping import KeepingError, rule_make, target_remove, target_set
from lms.ledger.models import CreditEntry, HourTarget, YearClosing, YearStatement
from lms.ledger.rules import FIRST_RULE
from lms.ledger.standings import people_standing
from lms.ledger.statements import person_statement
from lms.ledger.years import YearError, closing_work, year_close, year_reopen
from lms.watching.play import play_session_void
from organizations.models import Tag
from tests.factories import PostFactory, UserFactory
from tests.integration.lms.ledger.conftest import watch

pytestmark = pytest.mark.django_db
LAST = timezone.localdate().year - 1
IN_LAST = dt.datetime(LAST, 5, 20, 1, 0, tzinfo=dt.UTC)


@pytest.fixture
def keeper(units):
    return UserFactory(home=units.branch, officer=True, unit=units.city)


def standing(user, year=2025):
    return people_standing([user.pk], year=year, today=dt.date(year, 12, 31))[user.pk]


def tag(user, value, first, end=None):
    dimension = "state" if value == "exempt" else "position"
    Tag.objects.create(user=user, dimension=dimension, value=value, valid_from=first, valid_to=end)


def test_members_owe_32_and_secretaries_56(units, member):
    secretary = UserFactory(home=units.branch, secretary=True, unit=units.branch)
    team = UserFactory(home=units.branch)
    tag(team, "team_member", dt.date(2024, 1, 1))
    assert [standing(one).target for one in (member, secretary, team)] == [32, 56, 56]


def test_whoever_becomes_secretary_in_july_owes_a_half_of_each(member, units):
    PostFactory(user=member, organization=units.branch, valid_from=dt.date(2025, 6, 15))
    assert standing(member).target == 44


def test_exempt_members_stand_outside_the_denominators(member):
    tag(member, "exempt", dt.date(2025, 9, 1))
    found = standing(member)
    assert (found.target, found.is_exempt) == (None, True)


def test_months_of_an_exemption_that_ended_are_not_asked_for(member):
    tag(member, "exempt", dt.date(2025, 1, 1), dt.date(2025, 4, 1))
    assert standing(member).target == 24


def test_nothing_is_asked_of_learners_who_are_no_members(units):
    assert standing(UserFactory()).target is None


def test_a_unit_has_a_target_of_its_own(keeper, member, units):
    this = timezone.localdate().year
    for unit, hours in ((None, 30), (units.county, 20)):
        target_set(
            actor=keeper, year=this, category="member", organization=unit, hours=Decimal(hours)
        )
    other = UserFactory(home=units.foreign_branch)
    assert standing(member, this).target == 20
    assert standing(other, this).target == 30
    assert standing(member, this - 1).target == 32


def test_setting_a_target_twice_is_one_row_and_one_entry_of_the_log(keeper):
    for _ in range(2):
        target_set(
            actor=keeper, year=LAST + 1, category="member", organization=None, hours=Decimal(30)
        )
    assert HourTarget.objects.count() == 1
    assert AuditEntry.objects.filter(action="hour_target.set").count() == 1


def test_targets_rules_and_years_are_for_the_department_alone(units):
    county = UserFactory(home=units.branch, officer=True, unit=units.county)
    with pytest.raises(PermissionDenied):
        year_close(year=LAST, actor=county)
    with pytest.raises(PermissionDenied):
        rule_make(actor=county, valid_from=dt.date(2090, 1, 1), terms=FIRST_RULE.terms())
    with pytest.raises(PermissionDenied):
        target_set(
            actor=county, year=LAST + 1, category="member", organization=None, hours=Decimal(1)
        )


def test_a_rule_never_begins_today_or_before(keeper):
    with pytest.raises(KeepingError):
        rule_make(actor=keeper, valid_from=timezone.localdate(), terms=FIRST_RULE.terms())


def test_a_slip_in_the_year_does_not_lock_the_rule_for_ever(keeper):
    with pytest.raises(KeepingError):
        rule_make(actor=keeper, valid_from=dt.date(2206, 1, 1), terms=FIRST_RULE.terms())


def test_the_running_year_is_not_closed(keeper):
    with pytest.raises(YearError):
        year_close(year=LAST + 1, actor=keeper)


def test_closing_freezes_every_statement(keeper, member, lecture, units):
    watch(member, lecture, at=IN_LAST)
    person_settle(user_id=member.pk)
    year_close(year=LAST, actor=keeper)
    closing_work()
    before = person_statement(user_id=member.pk, year=LAST)
    assert (before.target, before.counted) == (Decimal(32), Decimal("0.50"))
    # What would change a running year.
    PostFactory(user=member, organization=units.branch, valid_from=dt.date(LAST, 1, 1))
    HourTarget.objects.create(year=LAST, category="member", hours=10)
    after = person_statement(user_id=member.pk, year=LAST)
    assert (after.target, after.counted) == (before.target, before.counted)
    assert after.closed_at is not None


def test_what_is_found_later_is_booked_to_the_running_year(keeper, member, lecture):
    year_close(year=LAST, actor=keeper)
    watch(member, lecture, at=IN_LAST)
    person_settle(user_id=member.pk)
    entry = CreditEntry.objects.get()
    assert (entry.year, timezone.localdate(entry.at).year) == (LAST + 1, LAST)
    call_command("ledger_rederive", "--check")
    (line,) = person_statement(user_id=member.pk, year=LAST + 1).lines
    assert line.is_correction


def test_what_is_voided_later_is_taken_from_the_running_year(keeper, member, lecture):
    session = watch(member, lecture, at=IN_LAST)
    person_settle(user_id=member.pk)
    year_close(year=LAST, actor=keeper)
    closing_work()
    play_session_void(session=session, reason="核查后不计")
    assert person_statement(user_id=member.pk, year=LAST).counted == Decimal("0.50")
    assert person_statement(user_id=member.pk, year=LAST + 1).counted == Decimal("-0.50")
    call_command("ledger_rederive", "--check")


def test_no_target_is_set_for_a_closed_year(keeper):
    year_close(year=LAST, actor=keeper)
    with pytest.raises(KeepingError):
        target_set(actor=keeper, year=LAST, category="member", organization=None, hours=Decimal(1))


def test_statements_go_on_where_a_killed_process_stopped(keeper, units, monkeypatch):
    monkeypatch.setattr(years, "BATCH", 2)
    people = [UserFactory(home=units.branch) for _ in range(5)]
    closing = year_close(year=LAST, actor=keeper)
    assert years._batch(closing.pk) == 2
    closing.refresh_from_db()
    assert (closing.done, closing.finished_at) == (2, None)
    closing_work()
    closing.refresh_from_db()
    assert closing.finished_at is not None
    made = YearStatement.objects.filter(user__in=people)
    assert (made.count(), made.values("user").distinct().count()) == (5, 5)


def test_closing_twice_is_once(keeper):
    assert year_close(year=LAST, actor=keeper) == year_close(year=LAST, actor=keeper)
    assert AuditEntry.objects.filter(action="year.close").count() == 1


def test_opening_again_asks_for_a_reason_and_is_logged(keeper, member):
    year_close(year=LAST, actor=keeper)
    closing_work()
    with pytest.raises(YearError):
        year_reopen(year=LAST, actor=keeper, reason=" ")
    year_reopen(year=LAST, actor=keeper, reason="补录集中培训")
    assert AuditEntry.objects.filter(action="year.reopen").count() == 1
    assert person_statement(user_id=member.pk, year=LAST).closed_at is None
    # The statements of then stay with the closing that made them.
    assert YearClosing.objects.get().statements.filter(user=member).exists()
    year_close(year=LAST, actor=keeper)
    assert YearClosing.objects.count() == 2


def test_a_target_that_was_a_mistake_goes_and_the_one_before_it_holds(keeper, member, units):
    this = timezone.localdate().year
    made = target_set(
        actor=keeper, year=this, category="member", organization=units.county, hours=Decimal(320)
    )
    assert standing(member, this).target == 320
    for _ in range(2):
        target_remove(actor=keeper, target_id=made.pk)
    assert standing(member, this).target == 32
    assert AuditEntry.objects.filter(action="hour_target.remove").count() == 1


def test_the_target_of_a_closed_year_stays(keeper):
    made = HourTarget.objects.create(
        year=LAST, category="member", organization=None, hours=Decimal(30)
    )
    year_close(year=LAST, actor=keeper)
    with pytest.raises(KeepingError):
        target_remove(actor=keeper, target_id=made.pk)
    assert HourTarget.objects.exists()
