import pytest
from hypothesis import given
from hypothesis import strategies as st

from organizations.signin.phones import phone_normalise


@pytest.mark.parametrize(
    "typed",
    [
        "13800138000",
        " 138 0013 8000 ",
        "138-0013-8000",
        "１３８００１３８０００",
        "+86 138 0013 8000",
        "＋86 13800138000",
        "0086-13800138000",
        "8613800138000",
    ],
)
def test_one_number_has_one_spelling(typed: str) -> None:
    assert phone_normalise(typed) == "13800138000"


@pytest.mark.parametrize("typed", ["", "zhangsan", "12345678901", "1380013800", "138001380001"])
def test_what_is_no_mobile_number_is_none(typed: str) -> None:
    assert phone_normalise(typed) is None


def test_numbers_from_elsewhere_keep_their_country() -> None:
    assert phone_normalise("00852 9123 4567") == "+85291234567"
    assert phone_normalise("+86 12") is None


@given(st.text(max_size=40))
def test_a_spelling_is_stable(typed: str) -> None:
    once = phone_normalise(typed)
    assert once is None or phone_normalise(once) == once
