"""How a phone number is written down: one spelling for each, whatever was typed."""

from __future__ import annotations

import re
import unicodedata

# A mobile number of the mainland without country code, the spelling in which it is kept.
MOBILE = re.compile(r"1[3-9]\d{9}")
ABROAD = re.compile(r"\+[1-9]\d{5,14}")
_PUNCTUATION = re.compile(r"[\s\-–—.·()]+")


def phone_normalise(text: str) -> str | None:
    """The number as accounts keep it, None when the text is no phone number.

    Full-width digits, spaces, dashes and +86 or 0086 are let pass: 11 digits come out for the
    mainland, + and digits for elsewhere.
    """
    digits = _PUNCTUATION.sub("", unicodedata.normalize("NFKC", text))
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    home = digits.removeprefix("+86") if digits.startswith("+") else digits
    if len(home) == 13 and home.startswith("86"):
        home = home[2:]
    if home.isascii() and MOBILE.fullmatch(home):
        return home
    if digits.isascii() and ABROAD.fullmatch(digits) and not digits.startswith("+86"):
        return digits
    return None
