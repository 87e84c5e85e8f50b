"""Several count and book at the same moment, on different connections."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from lms.reports import counting, rebuilding
from lms.reports.counting import hand, marks_count
from lms.reports.looking import look
from lms.reports.models import Mark, Tally
from lms.reports.rebuilding import figures_doubts, figures_rebuild
from tests.factories import UserFactory
from tests.integration.lms.reports.conftest import NOW, count
from tests.services import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def apart(act):
    """Run on a connection of its own."""

    def run(*args):
        try:
            return act(*args)
        finally:
            connection.close()

    return run


def test_two_workers_count_each_person_once(units, room, monkeypatch):
    monkeypatch.setattr(counting, "BATCH", 2)
    people = [UserFactory(home=units.branch) for _ in range(9)]
    for person in people:
        room.put(person)
    work = apart(lambda _n: marks_count(now=NOW))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(6)))
    count()
    assert not Mark.objects.exists()
    assert figures_doubts(now=NOW) == []


def test_a_booking_that_ends_after_counting_began_is_not_lost(units, room):
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite has one writer at a time")
    person = UserFactory(home=units.branch)
    room.put(person)
    booked, counted = threading.Event(), threading.Event()

    def book():
        with transaction.atomic():
            room.put(person, key=2, at=NOW.replace(month=3))
            booked.set()
            assert counted.wait(30)

    with ThreadPoolExecutor(1) as pool:
        booking = pool.submit(apart(book))
        assert booked.wait(30)
        assert marks_count(now=NOW) == 1
        counted.set()
        booking.result()
    assert Mark.objects.count() == 1
    count()
    assert figures_doubts(now=NOW) == []


def test_a_worker_that_dies_in_a_batch_leaves_its_marks(units, room, monkeypatch):
    person = UserFactory(home=units.branch)
    room.put(person)

    def dies(*args, **kwargs):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(counting, "tallies_add", dies)
        with pytest.raises(RuntimeError):
            marks_count(now=NOW)
    assert Mark.objects.count() == 1
    count()
    assert figures_doubts(now=NOW) == []


def test_whoever_finds_the_hand_taken_goes_away(units, room):
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite has one writer at a time")
    count()
    room.put(UserFactory(home=units.branch))
    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        assert hand() is not None
        assert pool.submit(apart(lambda: marks_count(now=NOW))).result() == 0
    assert marks_count(now=NOW) == 1


def test_looking_gives_way_to_who_makes_all_figures_anew(units, room, monkeypatch):
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite has one writer at a time")
    count()
    monkeypatch.setattr("lms.reports.looking.PATIENCE", "50ms")
    UserFactory(home=units.branch)
    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        assert hand() is not None
        assert pool.submit(apart(lambda: look(now=NOW))).result() == 0
    assert look(now=NOW) > 0


def meanwhile(monkeypatch, name, act):
    """`act` happens on another connection, once, right after the first call of what is named."""
    plain, acts = getattr(rebuilding, name), [apart(act)]

    def then(*args, **kwargs):
        found = plain(*args, **kwargs)
        if acts:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(acts.pop()).result(60)
        return found

    monkeypatch.setattr(rebuilding, name, then)
    return acts


@pytest.mark.parametrize("name", ["people_derived", "contributed"])
def test_counting_goes_on_while_figures_are_checked_and_is_no_doubt(units, room, monkeypatch, name):
    people = [UserFactory(home=units.branch) for _ in range(3)]
    for person in people:
        room.put(person)
    count()

    def learn_and_count():
        room.put(people[0], at=NOW.replace(month=3))
        assert marks_count(now=NOW) == 1

    waiting = meanwhile(monkeypatch, name, learn_and_count)
    assert figures_doubts(now=NOW) == []
    assert waiting == []
    assert Tally.objects.get(what=1, item=0, unit=units.branch, month=2026 * 12 + 2).people == 1


def test_mending_takes_nothing_of_what_is_counted_meanwhile(units, room, monkeypatch):
    people = [UserFactory(home=units.branch) for _ in range(3)]
    for person in people:
        room.put(person)
    count()
    Tally.objects.filter(what=1, item=0, unit=units.county).update(people=9)

    def learn_and_count():
        room.put(people[0], at=NOW.replace(month=3))
        assert marks_count(now=NOW) == 1

    meanwhile(monkeypatch, "_compared", learn_and_count)
    (found,) = figures_rebuild(now=NOW)
    assert "people +6" in found.problem
    assert figures_doubts(now=NOW) == []


def test_two_who_make_all_figures_anew_take_an_error_away_once(units, room, monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    room.put(UserFactory(home=units.branch))
    count()
    Tally.objects.filter(what=1, item=0, unit=units.county).update(people=9)
    plain, second = rebuilding._sums_mend, []

    def once_the_other_has_come(wrong):
        if not second:
            second.append(pool.submit(apart(lambda: figures_rebuild(now=NOW))))
            wait_for(lambda: second[0].done() or waits(), seconds=60, what="The other one")
        plain(wrong)

    monkeypatch.setattr(rebuilding, "_sums_mend", once_the_other_has_come)
    with ThreadPoolExecutor(1) as pool:
        figures_rebuild(now=NOW)
        assert second[0].result(60) == []
    assert Tally.objects.get(what=1, item=0, unit=units.county).people == 1
    assert figures_doubts(now=NOW) == []


def waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return cursor.fetchone() is not None
