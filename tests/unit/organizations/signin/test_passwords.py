import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from organizations.models import User
from organizations.signin.passwords import own_part

PERSON = User(username="zhang.jianguo", name="张建国", phone="13912345678", code="LN-00417")


def codes(password: str) -> set[str]:
    try:
        validate_password(password, PERSON)
    except ValidationError as problem:
        return {error.code or "" for error in problem.error_list}
    return set()


@pytest.mark.parametrize(
    "password",
    [
        "tiantian zao qi kan shu",
        "我家门口有三棵老枣树二〇一九年种的",
        "correct horse battery",
        "mxkqhwzupt",  # no rule about kinds of characters
        "🙂🙃 lao wang de ji",
        "x" * 20 + "kq7wmz" + "y" * 102,  # 128
    ],
)
def test_long_passwords_of_any_characters_are_accepted(password: str) -> None:
    assert codes(password) == set()


def test_nine_characters_are_too_few_and_129_too_many() -> None:
    assert "password_too_short" in codes("qk7wmzupt")
    assert codes("ab3dk" * 26) == {"password_too_long"}


@pytest.mark.parametrize("password", ["1234567890", "Password123", "qwertyuiop", "iloveyou2024"])
def test_common_passwords_are_refused_also_with_a_year_behind_them(password: str) -> None:
    assert "password_too_common" in codes(password)


@pytest.mark.parametrize(
    "password",
    [
        "weidangke2026",
        "中国共产党党员2026",
        "zhang.jianguo1",
        "张建国13912345678",
        "mima12345678",
        "1391234567800",
        "LN-00417 2024",
        "aaaaaaaaaaaa",
    ],
)
def test_words_of_the_place_and_the_person_are_refused(password: str) -> None:
    assert "password_too_near" in codes(password)


def test_what_is_left_without_known_words() -> None:
    assert own_part("Dangke2026-kalb!", {"dangke"}) == "kalb"
