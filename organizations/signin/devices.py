"""The cookie of a browser in which somebody signed in before.

It holds a random name of the browser and the keys of the accounts, signed. What it is for: a
browser that an account is used in has a counter of failed attempts of its own, so that strangers
who guess cannot lock its owner out (`organizations.signin.limits`). It signs nobody in.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

SALT = "organizations.signin.device"
LIFETIME = 180 * 24 * 3600
# A village's computer is used by many; the oldest ones make room.
MOST = 60


@dataclass(frozen=True)
class Device:
    name: str
    accounts: tuple[int, ...] = ()

    def knows(self, account: int) -> bool:
        return account in self.accounts

    def with_account(self, account: int) -> Device:
        others = tuple(pk for pk in self.accounts if pk != account)
        return replace(self, accounts=(account, *others)[:MOST])


def device_read(request: HttpRequest) -> Device | None:
    """The browser's cookie, None when there is none or when it was not made here."""
    text = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    if not text:
        return None
    try:
        name, accounts = signing.loads(text, salt=SALT, max_age=LIFETIME)
        return Device(str(name), tuple(int(pk) for pk in accounts))
    except (signing.BadSignature, TypeError, ValueError):
        return None


def device_remember(request: HttpRequest, response: HttpResponseBase, account: int) -> None:
    """Note in the browser that somebody signed in to this account there."""
    device = (device_read(request) or Device(secrets.token_urlsafe(12))).with_account(account)
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps((device.name, list(device.accounts)), salt=SALT, compress=True),
        max_age=LIFETIME,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
