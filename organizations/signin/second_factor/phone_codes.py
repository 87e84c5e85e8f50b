"""A code by text message as the second factor: sent to the person's own number only.

The session keeps a keyed digest and when it ends, nothing to read; tries are counted outside.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from notices import sms
from organizations.signin.limits import code_is_open, code_try
from organizations.signin.second_factor import limits

KEY = "second_factor_sms"
DIGITS = 6
LIFETIME = 5 * 60  # seconds


def can_receive(user: Any) -> bool:
    return bool(user.phone) and sms.offered()


def _digest(user: Any, code: str) -> str:
    return salted_hmac(f"second-factor-sms:{user.pk}", code, algorithm="sha256").hexdigest()


def code_send(request: HttpRequest) -> bool:
    """Send a new code, which replaces one before it; False when too many were asked for."""
    user: Any = request.user
    if not can_receive(user) or not limits.take_message(user):
        return False
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    request.session[KEY] = {
        "digest": _digest(user, code),
        "until": time.time() + LIFETIME,
    }
    text = _("%(code)s is your code for %(site)s, valid for %(minutes)s minutes. Tell it nobody.")
    values = {"code": code, "minutes": str(LIFETIME // 60)}
    site = settings.SITE_FIELDS["name"]
    sms.send(sms.Message(user.phone, text % {**values, "site": site}, values))
    return True


def is_waiting(request: HttpRequest) -> bool:
    """Whether a code that still counts was sent in this session."""
    sent: Any = request.session.get(KEY)
    return bool(sent) and sent["until"] > time.time() and code_is_open(_issued(sent))


def _issued(sent: Any) -> str:
    return f"{sent['digest']}:{sent['until']}"


def code_fits(request: HttpRequest, code: str) -> bool:
    """Whether it is the code that was sent; a code counts once."""
    if not is_waiting(request):
        return False
    sent: Any = request.session[KEY]
    if not code_try(_issued(sent), LIFETIME):
        return False
    if constant_time_compare(sent["digest"], _digest(request.user, code)):
        del request.session[KEY]
        return True
    return False
