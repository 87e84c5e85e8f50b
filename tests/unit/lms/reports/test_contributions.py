"""What people add to the sums of units, against counting the people themselves."""

from hypothesis import given
from hypothesis import strategies as st

from lms.reports.contributions import (
    ANYTHING,
    Amount,
    Key,
    Learnt,
    Lesson,
    Person,
    What,
    Year,
    added,
    contributed,
    contributions,
    difference,
    person_of,
    plain,
)

# The city 1, counties 2 and 3, branches 4 to 7.
PLACES = ((1, 2, 4), (1, 2, 5), (1, 3, 6), (1, 3, 7))
MONTHS = st.integers(24_312, 24_320)
place = st.sampled_from(PLACES)
number = st.integers(-3, 5)
learnt = st.builds(Learnt, MONTHS, st.integers(1, 4), place, number, number, number)
lesson = st.builds(Lesson, MONTHS, st.integers(1, 3), place, number)
year = st.builds(Year, st.integers(2025, 2026), place, st.integers(0, 1), number, number)
person = st.builds(
    Person,
    home=st.one_of(st.just(()), place),
    is_exempt=st.booleans(),
    learnt=st.lists(learnt, max_size=6).map(tuple),
    lessons=st.lists(lesson, max_size=6).map(tuple),
    years=st.lists(year, max_size=2).map(tuple),
)
people = st.lists(person, max_size=5)
units = st.integers(1, 7)


def asked(sums, unit, what, item, first, last):
    """What a page adds up: people, times."""
    rows = [
        (key, amount)
        for key, amount in sums.items()
        if (key.unit, key.what, key.item) == (unit, what, item) and first <= key.month <= last
    ]
    return (
        sum(amount.people for key, amount in rows if key.before < first),
        sum(amount.times for _, amount in rows),
    )


def in_months(rows):
    """The months in which more was earned than taken back."""
    return {
        month
        for month in {row.month for row in rows}
        if sum(row.times for row in rows if row.month == month) > 0
    }


@given(people, units, MONTHS, MONTHS)
def test_different_people_of_any_months_and_unit(everybody, unit, first, last):
    sums = added(map(contributions, everybody))
    rows = [[row for row in one.learnt if unit in row.place] for one in everybody]
    wanted = sum(any(first <= m <= last for m in in_months(own)) for own in rows)
    times = sum(row.times for own in rows for row in own if first <= row.month <= last)
    assert asked(sums, unit, What.LEARNT, ANYTHING, first, last) == (wanted, times)


@given(people, st.integers(1, 3), st.integers(1, 3), MONTHS, MONTHS)
def test_different_people_of_a_lecture(everybody, unit, lecture, first, last):
    sums = added(map(contributions, everybody))
    rows = [
        [row for row in one.lessons if unit in row.place and row.lecture == lecture]
        for one in everybody
    ]
    wanted = sum(any(first <= m <= last for m in in_months(own)) for own in rows)
    assert asked(sums, unit, What.LECTURE, lecture, first, last)[0] == wanted


@given(people, units, MONTHS, MONTHS)
def test_covered_are_those_asked_who_learnt_anywhere(everybody, unit, first, last):
    sums = added(map(contributions, everybody))
    wanted = sum(
        one.is_asked and unit in one.home and any(first <= m <= last for m in in_months(one.learnt))
        for one in everybody
    )
    assert asked(sums, unit, What.COVERED, ANYTHING, first, last)[0] == wanted


@given(person, person, people)
def test_adding_the_difference_is_counting_the_new(old, new, others):
    before = added(map(contributions, [old, *others]))
    after = added([before, difference(contributions(new), contributions(old))])
    assert after == added(map(contributions, [new, *others]))


@given(person)
def test_what_is_stored_says_the_same_person(one):
    assert person_of(plain(one)) == one


def test_whoever_is_exempt_stands_outside_what_is_asked():
    own = Learnt(24_315, 1, (1, 2, 4), 1, 25, 25)
    one = Person(home=(1, 2, 4), is_exempt=True, learnt=(own,))
    found = {key[:3]: amount for key, amount in contributions(one).items()}
    assert found[1, What.MEMBERS, 1] == Amount(people=1)
    assert (1, What.MEMBERS, 0) not in found
    assert (1, What.COVERED, 0) not in found
    assert found[1, What.LEARNT, 0] == Amount(1, 1, 25, 25)


at_one_place = place.flatmap(
    lambda one: st.builds(
        Person,
        home=st.sampled_from([(), one]),
        is_exempt=st.booleans(),
        learnt=st.lists(
            st.builds(Learnt, MONTHS, st.integers(1, 4), st.just(one), number, number, number),
            max_size=6,
        ).map(tuple),
        lessons=st.lists(
            st.builds(Lesson, MONTHS, st.integers(1, 3), st.just(one), number), max_size=6
        ).map(tuple),
        years=st.lists(
            st.builds(
                Year, st.integers(2025, 2026), st.just(one), st.integers(0, 1), number, number
            ),
            max_size=2,
        ).map(tuple),
    )
)


@given(st.lists(st.one_of(person, at_one_place), max_size=8))
def test_many_people_at_once_add_what_each_of_them_adds(everybody):
    sums = {Key(*key): Amount(*sums) for key, sums in contributed(everybody).items() if any(sums)}
    assert sums == added(map(contributions, everybody))
