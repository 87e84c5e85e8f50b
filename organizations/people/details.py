"""What may stand in a person's name, phone and code. Pure; bad input is a sentence.

No identity-card number is ever taken, in whichever field it is written: the system keeps none.
Phones are mobile numbers; a landline can neither take an SMS nor identify one person.
"""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

from organizations.signin.phones import phone_normalise

NAME_LENGTH = 60
CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,31}")
# 18 characters, the last a digit or X; of the old kind, 15 digits. Separators are removed before.
IDENTITY_CARD = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15})(?![\dXx])")
BIRTHDAY = re.compile(r"(?:19|20)?\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_SPACES = re.compile(r"[\s\u200b]+")


class PeopleError(Exception):
    """An act on a person is not possible; the message says why and what to do."""


def looks_like_identity_card(text: str) -> bool:
    """Whether an identity-card number stands in the text, also if written with gaps."""
    plain = _SPACES.sub("", unicodedata.normalize("NFKC", text))
    if IDENTITY_CARD.search(plain):
        return True
    joined = plain.replace("-", "").replace(".", "").replace("_", "")
    # Codes of units hold hyphens and many digits, so here the birthday decides as well.
    return any(
        BIRTHDAY.fullmatch(found[0][6:14] if len(found[0]) == 18 else found[0][6:12])
        for found in IDENTITY_CARD.finditer(joined)
    )


def check_no_identity_card(text: str) -> None:
    if looks_like_identity_card(text):
        raise PeopleError(
            _("This looks like an identity-card number. This system keeps none; leave it out.")
        )


def clean_name(name: str) -> str:
    """The name without double spaces; raises PeopleError for what is no name."""
    # NUL and other control characters are neither spaces nor letters.
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not name:
        raise PeopleError(_("A person needs a name."))
    if len(name) > NAME_LENGTH:
        raise PeopleError(_("A name has at most %(count)s characters.") % {"count": NAME_LENGTH})
    check_no_identity_card(name)
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn") for sign in name):
        raise PeopleError(_("There is a character in this name that cannot be shown."))
    return name


def clean_phone(phone: str) -> str | None:
    """The number as it is kept, None for none."""
    if not phone.strip():
        return None
    check_no_identity_card(phone)
    found = phone_normalise(phone)
    if found is None:
        raise PeopleError(_("This is not a mobile phone number. One of 11 digits is needed."))
    return found


def clean_code(code: str) -> str | None:
    """The person code as it is kept, None for none."""
    code = unicodedata.normalize("NFKC", code).strip()
    if not code:
        return None
    check_no_identity_card(code)
    if not CODE.fullmatch(code):
        raise PeopleError(
            _("A code has up to 32 letters, digits, dots and hyphens and begins with one of them.")
        )
    return code
