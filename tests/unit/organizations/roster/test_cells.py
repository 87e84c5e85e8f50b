"""What people type into cells, read."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organizations.roster import cells
from organizations.roster.problems import CellProblem
from organizations.roster.safety import DANGEROUS, neutral


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2024.9", dt.date(2024, 9, 1)),
        ("2024.09", dt.date(2024, 9, 1)),
        (2024.9, dt.date(2024, 9, 1)),
        (2024.12, dt.date(2024, 12, 1)),
        ("２０２４．９", dt.date(2024, 9, 1)),
        ("20240903", dt.date(2024, 9, 3)),
        (20240903.0, dt.date(2024, 9, 3)),
        ("202409", dt.date(2024, 9, 1)),
        (202409, dt.date(2024, 9, 1)),
        ("2024年9月3日", dt.date(2024, 9, 3)),
        ("2024 年 9 月", dt.date(2024, 9, 1)),
        ("2024/9/3", dt.date(2024, 9, 3)),
        ("2024-09-03 00:00:00", dt.date(2024, 9, 3)),
        ("2024-09-03T08:30", dt.date(2024, 9, 3)),
        (45538, dt.date(2024, 9, 3)),
        ("45538", dt.date(2024, 9, 3)),
        (45538.75, dt.date(2024, 9, 3)),
        (dt.datetime(2024, 9, 3, 8, 0), dt.date(2024, 9, 3)),  # noqa: DTZ001
        (dt.date(2024, 9, 3), dt.date(2024, 9, 3)),
        ("　", None),
        (None, None),
    ],
)
def test_dates_in_every_habit(value: object, day: dt.date | None) -> None:
    assert cells.day(value) == day


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2024", "year_only"),
        (2024.0, "year_only"),
        (2024.1, "month_or_october"),
        ("2024.13", "bad_date"),
        ("2024-02-30", "bad_date"),
        ("去年", "bad_date"),
        ("24.9.3", "bad_date"),
        ("2024²", "bad_date"),
        ("²0240", "bad_date"),
        (True, "bad_date"),
        (dt.timedelta(1), "bad_date"),
    ],
)
def test_what_is_no_date_says_why(value: object, code: str) -> None:
    with pytest.raises(CellProblem) as problem:
        cells.day(value)
    assert problem.value.code == code


@given(st.dates(dt.date(1930, 1, 1), dt.date(2099, 12, 31)))
def test_a_date_survives_every_spelling(day: dt.date) -> None:
    serial = (day - cells.EPOCH).days
    for spelling in (
        day, day.isoformat(), f"{day:%Y%m%d}", int(f"{day:%Y%m%d}"), serial, float(serial),
        f"{day.year}年{day.month}月{day.day}日", f"{day.year}.{day.month}.{day.day}",
    ):  # fmt: skip
        assert cells.day(spelling) == day


@pytest.mark.parametrize(
    "value",
    [
        13812345678.0, 13812345678, "13812345678", "１３８１２３４５６７８", " 138 1234 5678 ",
        "138-1234-5678", "+86 13812345678", "8613812345678", "1.3812345678E+10",
        "138\u200b12345678",
    ],
)  # fmt: skip
def test_phones_become_text_again(value: object) -> None:
    assert cells.phone(value) == "13812345678"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("1.38E+10", "exponent"),
        (2.11302199001011e17, "rounded"),
        ("0421-2812345", "bad_phone"),
        ("211302199001011234", "identity_number"),
        (float("nan"), "not_a_number"),
    ],
)
def test_phones_that_lost_digits_are_not_guessed(value: object, code: str) -> None:
    with pytest.raises(CellProblem) as problem:
        cells.phone(value)
    assert problem.value.code == code


def test_a_masked_phone_says_nothing() -> None:
    assert cells.phone("138****5678") == "*"


@given(st.integers(0, 10**15 - 1))
def test_whole_numbers_keep_every_digit(number: int) -> None:
    assert cells.text(float(number)) == str(number)


@given(st.integers(10**15, 10**18))
def test_numbers_that_excel_rounds_are_refused(number: int) -> None:
    with pytest.raises(CellProblem):
        cells.text(float(number))


def test_names_lose_gaps_and_keep_their_dots() -> None:
    assert cells.name("张　三") == "张三"
    assert cells.name(" 买买提•艾力 ") == "买买提·艾力"
    assert cells.name("John  Smith") == "John Smith"


@pytest.mark.parametrize("value", ["=HYPERLINK(1)", "@x", "123", "+1"])
def test_what_is_no_name(value: str) -> None:
    with pytest.raises(CellProblem):
        cells.name(value)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("211302199001011234", True),
        ("21130219900101123X", True),
        ("211302900101123", True),
        ("号码211302199001011234。", True),
        ("211302199913011234", False),
        ("13812345678", False),
        ("211302001-0001", False),
    ],
)
def test_identity_numbers_are_recognised(value: str, found: bool) -> None:
    assert cells.identity_like(value) is found


@given(st.text(max_size=40))
def test_nothing_that_is_written_begins_like_a_formula(value: str) -> None:
    assert not neutral(value).startswith(DANGEROUS)


@given(st.sampled_from("=+-@"), st.text("ab1 ", max_size=10))
def test_what_was_made_harmless_comes_back_as_it_was(sign: str, rest: str) -> None:
    value = sign + rest.strip()
    assert cells.text(neutral(value)) == cells.text(value)


@given(st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(), st.datetimes()))
def test_no_value_breaks_a_reader(value: object) -> None:
    for read in (cells.text, cells.code, cells.phone, cells.name, cells.day, cells.words):
        try:
            read(value)
        except CellProblem:
            continue
