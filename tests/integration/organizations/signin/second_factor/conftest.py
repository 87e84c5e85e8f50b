"""Signing in as allauth does it, with any method, without `force_login`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest
from django.test import Client
from django.utils.module_loading import import_string

from notices.sms import MemorySms
from organizations.models import User
from organizations.signin import counters

PASSWORD = "correct-horse-9"
SECRET = "JBSWY3DPEHPK3PXP"

# What each way leaves in the session.
RECORDS: dict[str, dict[str, Any]] = {
    "password": {"method": "password", "username": "x"},
    "credential": {"method": "credential"},
    "sms": {"method": "code", "phone": "13800000000"},
    "oidc": {"method": "socialaccount", "provider": "oidc", "uid": "1"},
    "wecom": {"method": "socialaccount", "provider": "wecom", "uid": "1"},
}


@pytest.fixture(autouse=True)
def clean_counters() -> Iterator[None]:
    counters.own.clear()
    MemorySms.outbox.clear()
    yield
    MemorySms.outbox.clear()


@pytest.fixture
def signed_in() -> Callable[..., Client]:
    """A browser in which somebody signed in by some methods, and by nothing else."""

    def make(user: User, *ways: str, ago: float = 0) -> Client:
        client = Client(
            REMOTE_ADDR="10.20.30.40", HTTP_USER_AGENT="Mozilla/5.0 (Android 10; Mobile)"
        )
        store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")()
        request = HttpRequest()
        request.session = store
        request.META["REMOTE_ADDR"] = "10.20.30.40"
        request.user = user
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        at = time.time() - ago
        store["account_authentication_methods"] = [
            {**RECORDS.get(way, {"method": "mfa", "type": way}), "at": at} for way in ways
        ]
        store["account_authentication_methods_user"] = str(user.pk)
        store.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = store.session_key
        return client

    return make


@pytest.fixture
def add_totp() -> Callable[[User], None]:
    def add(user: User) -> None:
        TOTP.activate(user, SECRET)

    return add


@pytest.fixture
def add_passkey() -> Callable[[User], Authenticator]:
    def add(user: User) -> Authenticator:
        data = {"name": "K", "credential": {}}
        return Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)

    return add


@pytest.fixture
def add_printed() -> Callable[[User], list[str]]:
    def add(user: User) -> list[str]:
        codes: list[str] = RecoveryCodes.activate(user).get_unused_codes()
        return codes

    return add


def totp_code() -> str:
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    return str(totp.format_hotp_value(totp.hotp_value(SECRET, counter)))
