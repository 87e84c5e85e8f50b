"""Changing one's own phone number: directly, or by a code to the new number where messages can be
sent.

Nobody finds out here whose number is whose: every number that is named counts for the account and
the network, before it is looked up, and one that belongs to somebody else is answered like any
other, only that no message comes. Without messages it is refused, a few times a day.

The session keeps the new number, a keyed digest of the code and its end; tries are counted
outside. The pages ask for a recent sign-in before.
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
from organizations.signin import limits
from organizations.signin.limits import Held, wait_words

KEY = "own_phone"
DIGITS = 6
LIFETIME = 5 * 60  # seconds


class PhoneError(Exception):
    """The number was not changed; the message is for the person."""


def must_confirm(phone: str) -> bool:
    """Whether a code is sent first: only to a number, and where messages can be sent."""
    return bool(phone.strip()) and sms.offered()


def own_phone_change(
    *, person: User, phone: str, request: HttpRequest, confirmed: bool = False
) -> User:
    """The own number from now on; empty means none. Raises PhoneError.

    One that is `confirmed` was counted when the code was asked for.
    """
    number = _number(phone)
    if number and not confirmed:
        _count(request, person)
    try:
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
    except (PeopleError, IntegrityError) as clash:
        raise PhoneError(
            _("This number cannot be used. If it is yours, please ask your branch.")
        ) from clash
    return person


def code_send(request: HttpRequest, phone: str, *, now: float | None = None) -> None:
    """Send a code to the new number; it replaces one before it. Raises PhoneError.

    To a number of somebody else none is sent, and none would fit.
    """
    user: Any = request.user
    moment = time.time() if now is None else now
    number = _number(phone)
    if number is None:
        raise PhoneError(_("Please enter the number."))
    _count(request, user)
    try:
        limits.sms_take(request, number, None)
    except Held as held:
        raise PhoneError(
            _("Too many messages were asked for. Please try again in %(wait)s.")
            % {"wait": wait_words(held.seconds)}
        ) from held
    is_free = not User.objects.filter(phone=number).exclude(pk=user.pk).exists()
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    request.session[KEY] = {
        "phone": number,
        "digest": _digest(user, number, code if is_free else secrets.token_urlsafe()),
        "until": moment + LIFETIME,
    }
    if not is_free:
        return
    values = {"code": code, "minutes": str(LIFETIME // 60)}
    text = _("%(code)s is your code for %(site)s, valid for %(minutes)s minutes. Tell it nobody.")
    site = settings.SITE_FIELDS["name"]
    sms.send(sms.Message(number, text % {**values, "site": site}, values))


def waiting_phone(request: HttpRequest, *, now: float | None = None) -> str:
    """The number to which a code that still counts was sent, "" for none."""
    sent = request.session.get(KEY)
    moment = time.time() if now is None else now
    if not sent or sent["until"] <= moment or not limits.code_is_open(_issued(sent)):
        return ""
    return str(sent["phone"])


def code_confirm(request: HttpRequest, code: str, *, now: float | None = None) -> User:
    """Take the code and change the number; a code counts once. Raises PhoneError."""
    user: Any = request.user
    number = waiting_phone(request, now=now)
    sent: Any = request.session.get(KEY)
    if not number or not limits.code_try(_issued(sent), LIFETIME):
        raise PhoneError(_("The code is no longer valid. Please enter the number once more."))
    if not constant_time_compare(sent["digest"], _digest(user, number, code.strip())):
        raise PhoneError(_("That was not the code. Please look again."))
    del request.session[KEY]
    return own_phone_change(person=user, phone=number, request=request, confirmed=True)


def _number(phone: str) -> str | None:
    try:
        return clean_phone(phone)
    except PeopleError as problem:
        raise PhoneError(str(problem)) from problem


def _count(request: HttpRequest, user: User) -> None:
    try:
        limits.own_phone_take(request, user)
    except Held as held:
        raise PhoneError(
            _("Several numbers were entered. Please try again in %(wait)s.")
            % {"wait": wait_words(held.seconds)}
        ) from held


def _issued(sent: Any) -> str:
    return f"{sent['digest']}:{sent['until']}"


def _digest(user: Any, phone: str, code: str) -> str:
    said = f"{phone}:{code}"
    return salted_hmac(f"own-phone:{user.pk}", said, algorithm="sha256").hexdigest()
