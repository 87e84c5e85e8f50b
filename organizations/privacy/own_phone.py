"""Changing one's own phone number: directly, or by a code to the new number where messages can be
sent.

The session keeps the new number, a keyed digest of the code, its end and how many wrong ones
came. The pages ask for a recent sign-in before.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from audit.log import record
from notices import sms
from organizations.models import User
from organizations.people.details import PeopleError, clean_phone
from organizations.people.rules import check_phone_free, person_locked
from organizations.signin.limits import Held, sms_take, wait_words

KEY = "own_phone"
DIGITS = 6
LIFETIME = 5 * 60  # seconds
MOST_TRIES = 5


class PhoneError(Exception):
    """The number was not changed; the message is for the person."""


def must_confirm(phone: str) -> bool:
    """Whether a code is sent first: only to a number, and where messages can be sent."""
    return bool(phone.strip()) and sms.offered()


def own_phone_change(
    *, person: User, phone: str, request: HttpRequest | None = None, confirmed: bool = False
) -> User:
    """The own number from now on; empty means none. Raises PhoneError."""
    try:
        number = clean_phone(phone)
        with transaction.atomic():
            person = person_locked(person)
            if person.phone == number:
                return person
            check_phone_free(number, but=person.pk)
            person.phone = number
            person.save(update_fields=["phone"])
            record(
                "data.correct",
                actor=person,
                target=person,
                request=request,
                fields=["phone"],
                confirmed=confirmed,
            )
    except PeopleError as problem:
        raise PhoneError(str(problem)) from problem
    except IntegrityError as clash:
        raise PhoneError(_("This phone number belongs to another account already.")) from clash
    return person


def code_send(request: HttpRequest, phone: str, *, now: float | None = None) -> None:
    """Send a code to the new number; it replaces one before it. Raises PhoneError."""
    user: Any = request.user
    moment = time.time() if now is None else now
    try:
        number = clean_phone(phone)
        check_phone_free(number, but=user.pk)
    except PeopleError as problem:
        raise PhoneError(str(problem)) from problem
    if number is None:
        raise PhoneError(_("Please enter the number."))
    try:
        sms_take(request, number, None)
    except Held as held:
        raise PhoneError(
            _("Too many messages were asked for. Please try again in %(wait)s.")
            % {"wait": wait_words(held.seconds)}
        ) from held
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    request.session[KEY] = {
        "phone": number,
        "digest": _digest(user, number, code),
        "until": moment + LIFETIME,
        "wrong": 0,
    }
    values = {"code": code, "minutes": str(LIFETIME // 60)}
    text = _("%(code)s is your code for %(site)s, valid for %(minutes)s minutes. Tell it nobody.")
    site = settings.SITE_FIELDS["name"]
    sms.send(sms.Message(number, text % {**values, "site": site}, values))


def waiting_phone(request: HttpRequest, *, now: float | None = None) -> str:
    """The number to which a code that still counts was sent, "" for none."""
    sent = request.session.get(KEY)
    moment = time.time() if now is None else now
    if not sent or sent["until"] <= moment or sent["wrong"] >= MOST_TRIES:
        return ""
    return str(sent["phone"])


def code_confirm(request: HttpRequest, code: str, *, now: float | None = None) -> User:
    """Take the code and change the number; a code counts once. Raises PhoneError."""
    user: Any = request.user
    number = waiting_phone(request, now=now)
    if not number:
        raise PhoneError(_("The code is no longer valid. Please enter the number once more."))
    sent = request.session[KEY]
    if not constant_time_compare(sent["digest"], _digest(user, number, code.strip())):
        request.session[KEY] = {**sent, "wrong": sent["wrong"] + 1}
        raise PhoneError(_("That was not the code. Please look again."))
    del request.session[KEY]
    return own_phone_change(person=user, phone=number, request=request, confirmed=True)


def _digest(user: Any, phone: str, code: str) -> str:
    said = f"{phone}:{code}"
    return salted_hmac(f"own-phone:{user.pk}", said, algorithm="sha256").hexdigest()
