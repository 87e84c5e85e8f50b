"""What a year asks of somebody who was this and that."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from lms.ledger.targets import Category, Month, Target, hours_asked, target_of

MEMBER, LEADING = Month(Category.MEMBER, "0001"), Month(Category.LEADING, "0001")


def test_a_whole_year_asks_for_the_target_of_the_category():
    assert target_of([], year=2026, months=[MEMBER] * 12) == 32
    assert target_of([], year=2026, months=[LEADING] * 12) == 56


def test_the_months_of_each_category_weigh():
    assert target_of([], year=2026, months=[MEMBER] * 6 + [LEADING] * 6) == 44


def test_months_before_joining_or_exempt_ask_for_nothing():
    exempt = Month(Category.MEMBER, "0001", is_exempt=True)
    assert target_of([], year=2026, months=[Month(None)] * 3 + [MEMBER] * 9) == 24
    assert target_of([], year=2026, months=[exempt] * 3 + [MEMBER] * 9) == 24


def test_the_nearest_unit_and_the_newest_year_decide():
    known = [
        Target(2025, Category.MEMBER, "", Decimal(30)),
        Target(2027, Category.MEMBER, "", Decimal(40)),
        Target(2026, Category.MEMBER, "00010002", Decimal(24)),
    ]

    def asked(year, path):
        return hours_asked(known, year=year, category=Category.MEMBER, path=path)

    assert [asked(2024, "0001"), asked(2026, "0001"), asked(2028, "0001")] == [32, 30, 40]
    assert [asked(2026, "000100020003"), asked(2025, "000100020003")] == [24, 30]
    assert hours_asked(known, year=2028, category=Category.LEADING, path="0001") == 56


months = st.lists(
    st.sampled_from([MEMBER, LEADING, Month(None), Month(Category.MEMBER, "0001", True)]),
    min_size=12,
    max_size=12,
)


@given(months)
def test_a_target_lies_between_nothing_and_the_highest_in_quarters(one):
    asked = target_of([], year=2026, months=one)
    assert 0 <= asked <= 56
    assert asked * 4 == int(asked * 4)
    more = [LEADING if month == MEMBER else month for month in one]
    assert target_of([], year=2026, months=more) >= asked
