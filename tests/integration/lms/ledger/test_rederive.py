"""`ledger_rederive` names what is altered, missing or without evidence, and mends by appending."""

import datetime as dt
import json
from functools import partial

import pytest
from django.utils import timezone

from lms.ledger.models import CreditEntry, DayOccupancy, YearStatement
from lms.ledger.years import closing_work, year_close, year_reopen
from lms.watching.models import Completion
from tests.commands import ended
from tests.factories import LecturePageFactory, UserFactory
from tests.integration.lms.ledger.conftest import BEGIN, watch

pytestmark = pytest.mark.django_db
ONE_MINUTE = dt.timedelta(minutes=1)


rederive = partial(ended, "ledger_rederive")


@pytest.fixture
def books(member, django_capture_on_commit_callbacks):
    """Three lectures: two apart, and one beside the first, which is cut."""
    lectures = [LecturePageFactory(asset__duration=1200.0) for _ in range(3)]
    for lecture, hour in zip(lectures, (0, 5, 0), strict=True):
        with django_capture_on_commit_callbacks(execute=True):
            watch(member, lecture, at=BEGIN.replace(hour=1 + hour))
    entries = list(CreditEntry.objects.order_by("pk"))
    assert [entry.cut > 0 for entry in entries] == [False, False, True]
    return entries


def test_books_that_are_right_are_found_right(books):
    code, said = rederive("--check")
    assert code == 0, said


COLUMNS = [
    "hours = 5",
    "full_hours = 5",
    "kind = 'collective'",
    "at = '2026-05-21 03:00:00+00:00'",
    "year = 2025",
    "rule_version = 9",
    "subject = subject + 1",
    "source_key = source_key + 1000",
    "seconds = 1",
    "cut = 7",
    "length = 4000",
    "windows = '[]'",
    "spans = '[]'",
    "organization_id = NULL",
    "turn = 3",
    "booked_at = '2020-01-01 00:00:00+00:00'",
    "seal = 'x'",
]


@pytest.mark.parametrize("change", COLUMNS)
def test_whichever_column_was_altered_the_row_is_named_and_mended(books, tamper, change):
    row = books[1].pk
    tamper(f"UPDATE ledger_creditentry SET {change} WHERE id = {row}")
    code, said = rederive("--check")
    assert code == 1
    assert f"ledger.CreditEntry {row}," in said
    assert CreditEntry.objects.count() == 3
    code, said = rederive()
    assert code == 0, said
    assert rederive("--check")[0] == 0
    standing = CreditEntry.objects.standing()
    assert sorted(one.hours for one in standing) == sorted(one.hours for one in books)
    assert sum(one.hours for one in CreditEntry.objects.filter(year=2026)) == sum(
        one.hours for one in books
    )


def test_an_entry_of_another_person_is_named(books, tamper, units):
    other = UserFactory(home=units.branch)
    tamper(f"UPDATE ledger_creditentry SET user_id = {other.pk} WHERE id = {books[0].pk}")
    code, said = rederive("--check")
    assert code == 1
    assert f"unfounded: ledger.CreditEntry {books[0].pk}, person {other.pk}" in said
    assert "missing: ledger.CreditEntry" in said
    assert rederive()[0] == 0


def test_an_entry_that_was_removed_is_missing_and_booked_again(books, tamper, member):
    tamper(f"DELETE FROM ledger_creditentry WHERE id = {books[1].pk}")
    code, said = rederive("--check")
    assert code == 1
    assert f"missing: ledger.CreditEntry , person {member.pk}, completion" in said
    assert rederive()[0] == 0
    assert CreditEntry.objects.standing().count() == 3


def test_a_credit_without_its_completion_is_unfounded_and_reversed(books):
    Completion.objects.filter(pk=books[1].source_key).delete()
    code, said = rederive("--check")
    assert code == 1
    assert f"unfounded: ledger.CreditEntry {books[1].pk}," in said
    assert rederive()[0] == 0
    assert CreditEntry.objects.get(reverses=books[1]).reason == "evidence"


def test_a_reversal_that_was_altered_is_named(books, tamper, member):
    Completion.objects.filter(pk=books[1].source_key).delete()
    rederive()
    back = CreditEntry.objects.get(reverses=books[1])
    tamper(f"UPDATE ledger_creditentry SET hours = -5 WHERE id = {back.pk}")
    code, said = rederive("--check")
    assert code == 1
    assert f"altered (hours, seal): ledger.CreditEntry {back.pk}," in said


def test_a_day_that_was_altered_is_named_and_mended(books, member):
    DayOccupancy.objects.update(spans=[])
    code, said = rederive("--check")
    assert code == 1
    assert "altered: ledger.DayOccupancy 2026-05-20" in said
    assert rederive()[0] == 0


@pytest.fixture
def frozen(books, member, units):
    """The member's statement of 2026, closed the year after."""
    later = dt.datetime(2027, 2, 1, tzinfo=dt.UTC)
    keeper = UserFactory(officer=True, unit=units.city)
    closing = year_close(year=2026, actor=keeper, now=max(later, timezone.now()))
    closing_work()
    return YearStatement.objects.get(closing=closing, user=member)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"counted": "40.00"}, "counted"),
        ({"by_kind": {"self_study": "40.00"}}, "by_kind"),
        ({"counted": "40.00", "by_kind": {}}, "counted, by_kind"),
    ],
)
def test_a_frozen_statement_that_was_altered_is_named(frozen, member, change, fields):
    assert rederive("--check")[0] == 0
    YearStatement.objects.filter(pk=frozen.pk).update(**change)

    code, said = rederive("--check")
    named = f"altered ({fields}): ledger.YearStatement {frozen.pk}, person {member.pk}, year 2026"
    assert (code, named in said) == (1, True), said


def test_a_frozen_statement_that_was_removed_is_named(frozen, member):
    YearStatement.objects.filter(pk=frozen.pk).delete()

    code, said = rederive("--check")
    assert code == 1
    assert f"missing: ledger.YearStatement , person {member.pk}, year 2026" in said


def test_a_frozen_statement_is_never_written_by_the_proof_but_by_closing_again(frozen, units):
    YearStatement.objects.filter(pk=frozen.pk).update(counted="40.00")
    assert rederive()[0] == 1
    frozen.refresh_from_db()
    assert frozen.counted == 40

    keeper, now = UserFactory(officer=True, unit=units.city), frozen.closing.closed_at
    year_reopen(year=2026, reason="核对后重新结账", actor=keeper, now=now + ONE_MINUTE)
    year_close(year=2026, actor=keeper, now=now + 2 * ONE_MINUTE)
    closing_work()
    assert rederive("--check")[0] == 0


def test_each_doubt_is_a_line_of_json_when_asked(books, tamper):
    tamper(f"UPDATE ledger_creditentry SET hours = 5 WHERE id = {books[1].pk}")
    code, said = rederive("--check", "--json")
    *doubts, last = [json.loads(line) for line in said.splitlines()]
    assert (code, last) == (1, {"ok": False, "doubts": 1, "left": 1})
    assert (doubts[0]["problem"], doubts[0]["row"]) == ("altered", str(books[1].pk))


def test_what_was_being_booked_while_it_was_read_is_no_doubt(books, monkeypatch, member):
    """Facts were read, then completions and entries were written, then entries were read."""
    from lms.ledger import rederiving

    read, looks = rederiving.sources, []

    def before_and_after():
        looks.append(None)
        return {} if len(looks) == 1 else read()

    monkeypatch.setattr(rederiving, "sources", before_and_after)
    code, said = rederive("--check")

    assert code == 0, said
    assert len(looks) == 2


def test_a_fact_of_this_moment_is_still_on_its_way(member):
    watch(member, LecturePageFactory(asset__duration=60.0), at=timezone.now() - ONE_MINUTE)
    assert Completion.objects.exists()
    assert not CreditEntry.objects.exists()

    assert rederive("--check")[0] == 0
