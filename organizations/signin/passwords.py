"""Rules for new passwords beyond Django's: ASVS 5.0, section 6.2.

Long is what counts: no rule about kinds of characters, no change without a reason, any character
is allowed and kept as it was typed. What anybody would guess first is refused: passwords on the
common list, also with a year behind them, and those that consist of words of this place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations.models import User
from organizations.scope import home_branch

LONGEST = 128
# What stays of a password without the words that anybody would try must be as long as this.
OWN_LETTERS = 5
PLACE_WORDS = (
    "lectern", "weidangke", "dangke", "dangyuan", "dangxiao", "dangzhibu", "zhibu", "dangwei",
    "zhongguo", "gongchandang", "xuexi", "admin", "password", "mima", "qwerty", "asdfgh", "zxcvbn",
    "abc", "iloveyou", "woaini",
    "中国共产党", "共产党", "党支部", "支部书记", "微党课", "党课", "党员", "党校", "党委", "支部",
    "书记", "密码", "学习", "党",
)  # fmt: skip
_YEAR = re.compile(r"(?:19|20)\d\d")
_RUN = re.compile(r"(.)\1{2,}")
_STAIRS = ("01234567890", "09876543210", "abcdefghijklmnopqrstuvwxyz", "147258369")


def words_of(user: Any) -> set[str]:
    """Words that a stranger would try for this person: name, phone, account, branch, site."""
    words = {*PLACE_WORDS, settings.SITE_FIELDS["name"]}
    if isinstance(user, User):
        phone = user.phone or ""
        words |= {user.username, user.name, user.code or ""}
        words |= {phone[i:j] for i in range(len(phone)) for j in range(i + 5, len(phone) + 1)}
        if user.pk and (branch := home_branch(user)):
            words |= {branch.name, branch.code}
    return {_plain(word) for word in words if word}


def own_part(password: str, words: Iterable[str]) -> str:
    """The password without known words, years, repeated characters and rows of keys."""
    rest = _plain(password)
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    rest = _RUN.sub(r"\1", _YEAR.sub("", rest))
    for stairs in _STAIRS:
        for length in range(len(stairs), 3, -1):
            for start in range(len(stairs) - length + 1):
                rest = rest.replace(stairs[start : start + length], "")
    return "".join(character for character in rest if character.isalnum())


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


class LongestValidator:
    """Nobody types more; hashing more would only cost time."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > LONGEST:
            raise ValidationError(
                _("The password may have at most %(count)d characters.") % {"count": LONGEST},
                code="password_too_long",
            )

    def get_help_text(self) -> str:
        return ""


class LengthValidator:
    """Long enough, in words that say how much is missing."""

    def __init__(self, min_length: int = 10) -> None:
        self.min_length = min_length

    def validate(self, password: str, user: Any = None) -> None:
        missing = self.min_length - len(password)
        if missing > 0:
            raise ValidationError(
                ngettext(
                    "The password is %(count)d character too short.",
                    "The password is %(count)d characters too short.",
                    missing,
                )
                % {"count": missing},
                code="password_too_short",
            )

    def get_help_text(self) -> str:
        return _("At least %(count)d characters: a sentence that only you would say is good.") % {
            "count": self.min_length
        }


class CommonValidator(CommonPasswordValidator):
    """Django's list of 20,000; a few digits or signs behind a common one make it no better."""

    def validate(self, password: str, user: Any = None) -> None:
        plain = password.casefold().strip()
        core = plain.rstrip("0123456789!@#$%^&*.,?_-+=~ ")
        if plain in self.passwords or (
            len(plain) - len(core) <= 4 and len(core) >= 4 and core in self.passwords
        ):
            raise ValidationError(
                _("Many people use this password, so it is guessed first. Please choose another."),
                code="password_too_common",
            )

    def get_help_text(self) -> str:
        return _("No password that many people use, such as 12345678 or qwerty.")


class PlaceValidator:
    """Not made of words of this place or person alone."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(own_part(password, words_of(user))) < OWN_LETTERS:
            raise ValidationError(
                _(
                    "The password is easy to guess: without names, phone numbers, years and rows "
                    "of keys hardly anything is left. Please add words of your own."
                ),
                code="password_too_near",
            )

    def get_help_text(self) -> str:
        return _("Not your name, phone, account or branch, and not only words of this site.")
