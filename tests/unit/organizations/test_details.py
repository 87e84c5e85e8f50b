"""Names, phones and codes are cleaned, and no identity-card number is ever taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organizations.people.details import (
    PeopleError,
    clean_code,
    clean_name,
    clean_phone,
    looks_like_identity_card,
)

CARDS = st.builds(
    lambda area, year, month, day, tail, check: f"{area}{year}{month:02}{day:02}{tail:03}{check}",
    st.integers(110000, 659999),
    st.integers(1920, 2025),
    st.integers(1, 12),
    st.integers(1, 28),
    st.integers(0, 999),
    st.sampled_from("0123456789Xx"),
)


@given(CARDS, st.sampled_from(["", " ", "-", " "]), st.sampled_from([clean_name, clean_code]))
def test_identity_card_numbers_are_refused_however_they_are_written(card, gap, clean):
    written = gap.join((card[:6], card[6:14], card[14:]))
    assert looks_like_identity_card(written)
    with pytest.raises(PeopleError):
        clean(written)


@given(CARDS)
def test_they_are_refused_within_other_text_and_in_full_width(card):
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in card)
    for text in (f"张三{card}", wide, card[:6] + card[8:17]):
        assert looks_like_identity_card(text)


@pytest.mark.parametrize("code", ["211302100-0001-00002", "P000001", "2113021000001"])
def test_ordinary_codes_are_taken(code):
    assert clean_code(code) == code


@pytest.mark.parametrize("code", ["a b", "-1", "党员1", "x" * 33, "a/b"])
def test_codes_that_would_not_stand_in_a_workbook_or_address_are_refused(code):
    with pytest.raises(PeopleError):
        clean_code(code)


@pytest.mark.parametrize(
    "phone", ["13812345678", "138 1234 5678", "+86 138-1234-5678", "１３８１２３４５６７８"]
)
def test_phones_have_one_spelling(phone):
    assert clean_phone(phone) == "13812345678"


@pytest.mark.parametrize("phone", ["0421-2811111", "1381234567", "hello", "12345678901"])
def test_other_phones_are_refused(phone):
    with pytest.raises(PeopleError):
        clean_phone(phone)


def test_nothing_is_no_phone_and_no_code():
    assert clean_phone("  ") is None
    assert clean_code("") is None


@pytest.mark.parametrize(
    ("name", "clean"), [(" 张 建国 ", "张 建国"), ("阿不都·热合曼", "阿不都·热合曼")]
)
def test_names_lose_their_margins(name, clean):
    assert clean_name(name) == clean


@pytest.mark.parametrize("name", ["", "   ", "张" * 61, "张\x00三", "张\u202e三"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(PeopleError):
        clean_name(name)
