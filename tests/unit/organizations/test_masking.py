"""What masked names, phones and codes still say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organizations.people.masking import masked_code, masked_name, masked_phone

TEXTS = st.text(st.characters(exclude_characters="*", exclude_categories=("Cs",)), max_size=40)


@pytest.mark.parametrize(
    ("name", "masked"),
    [("", ""), ("张", "*"), ("王五", "王*"), ("张建国", "张*国"), ("欧阳建国", "欧**国")],
)
def test_names_keep_their_ends(name, masked):
    assert masked_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [(None, ""), ("13812345678", "138****5678"), ("0421", "0***"), ("12", "1*"), ("1", "*")],
)
def test_phones_keep_what_one_recognises_ones_own_by(phone, masked):
    assert masked_phone(phone) == masked


@given(TEXTS)
def test_every_mask_covers_something_and_invents_nothing(text):
    for mask in (masked_name, masked_phone, masked_code):
        assert len(mask(text)) <= len(text)
        assert not text or "*" in mask(text)
        assert text.startswith(mask(text).partition("*")[0])
        assert text.endswith(mask(text).rpartition("*")[2])


def test_how_long_a_long_name_is_is_not_shown():
    assert masked_name("阿依古丽买买提") == "阿**提"


@given(TEXTS)
def test_a_mask_says_no_more_than_it_did(text):
    for mask in (masked_name, masked_phone, masked_code):
        assert mask(mask(text)) == mask(text)
