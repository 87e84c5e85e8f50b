"""Checking one more proof and writing it into the session.

A success renews the session's key, since what it opens has grown, and is logged; a failure
counts and is logged as refused.
"""

from __future__ import annotations

import json
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from audit import log
from audit.models import AuditEntry
from organizations.signin import sessions
from organizations.signin.second_factor import limits, phone_codes

LONGEST = 20_000


class NotProved(Exception):
    """It was not right; the message is for the person."""


def prove(request: HttpRequest, way: str, said: str) -> None:
    """Take one proof ("password", "code", "sms" or "webauthn") or raise NotProved."""
    takers = {
        "password": _password,
        "code": _code,
        "sms": _phone_code,
        "webauthn": _passkey,
    }
    if way not in takers or len(said) > LONGEST:
        raise NotProved(_("This could not be read. Please try again."))
    if not limits.take_try(request.user):
        refused(request, way, "too many tries")
        raise NotProved(
            _("There were too many tries. Please wait a quarter of an hour and try again.")
        )
    takers[way](request, said)
    limits.forget_tries(request.user)
    sessions.key_renew(request)


def used(request: HttpRequest, way: str) -> None:
    user: Any = request.user
    log.record("second_factor.use", actor=user, target=user, request=request, kind=way)


def refused(request: HttpRequest, way: str, why: str) -> None:
    user: Any = request.user
    log.record(
        "second_factor.use",
        actor=user,
        target=user,
        result=AuditEntry.Result.DENIED,
        request=request,
        kind=way,
        why=why,
    )


def _password(request: HttpRequest, said: str) -> None:
    user: Any = request.user
    try:
        right = get_adapter().reauthenticate(user, said)
    except ValidationError as problem:  # the limits of signing in by password
        raise NotProved(" ".join(problem.messages)) from None
    if not right:
        refused(request, "password", "wrong")
        raise NotProved(_("That was not the right password. Please try again."))
    record_authentication(request, user, "password", reauthenticated=True)
    used(request, "password")


def _code(request: HttpRequest, said: str) -> None:
    """Of the authenticator app, or a printed one: told apart by which it fits."""
    form = AuthenticateForm(user=request.user, data={"code": said.strip()})
    if not form.is_valid():
        refused(request, "code", "wrong")
        raise NotProved(_first_error(form))
    post_authentication(request, form.authenticator, reauthenticated=True)


def _phone_code(request: HttpRequest, said: str) -> None:
    if not phone_codes.code_fits(request, said.strip()):
        refused(request, "sms", "wrong")
        raise NotProved(
            _("That was not the code, or it is no longer valid. Please look again or send another.")
        )
    record_authentication(request, request.user, "mfa", type="sms", reauthenticated=True)
    used(request, "sms")


def _passkey(request: HttpRequest, said: str) -> None:
    try:
        json.loads(said)
    except ValueError:
        raise NotProved(_("This could not be read. Please try again.")) from None
    form = AuthenticateWebAuthnForm(user=request.user, data={"credential": said})
    if not form.is_valid():
        refused(request, "webauthn", "wrong")
        raise NotProved(_("The passkey was not accepted. Please try again."))
    factor: Authenticator = form.cleaned_data["credential"]
    factor.user = request.user
    post_authentication(request, factor, reauthenticated=True)


def _first_error(form: Any) -> str:
    return str(next(iter(form.errors.values()))[0])
