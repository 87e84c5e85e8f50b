"""`check --deploy`: what it says about settings that production must not have."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from config import checks
from notices.sms import MemorySms
from tests.factories import UserFactory

GOOD = {
    "PRODUCTION": True,
    "WAGTAILADMIN_BASE_URL": "https://dangke.example.cn",
    "ALLOWED_HOSTS": ["dangke.example.cn"],
    "SESSION_COOKIE_NAME": "__Host-sessionid",
    "CSRF_COOKIE_NAME": "__Host-csrftoken",
    "SMS_BACKEND": "notices.gateway.GatewaySms",
    "SECRET_KEY": "a" * 40,
    "AUDIT_KEY": "b" * 40,
    "BACKUP_KEY": "c" * 40,
    "DELIVERY_KEYS": {"a": "d" * 40},
}
CHECKS = (
    checks.check_mode,
    checks.check_address,
    checks.check_cookies,
    checks.check_messages,
    checks.check_keys,
)


def ids() -> set[str]:
    return {message.id for check in CHECKS for message in check(None)}


@pytest.fixture
def production(settings: Settings) -> Settings:
    for name, value in GOOD.items():
        setattr(settings, name, value)
    return settings


def test_good_settings_are_silent(production: Settings) -> None:
    assert ids() == set()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PRODUCTION", False, "lectern.E001"),
        ("WAGTAILADMIN_BASE_URL", "http://dangke.example.cn", "lectern.E002"),
        ("WAGTAILADMIN_BASE_URL", "https://localhost", "lectern.E003"),
        ("ALLOWED_HOSTS", ["*"], "lectern.E004"),
        ("CSRF_COOKIE_NAME", "csrftoken", "lectern.E005"),
        ("SMS_BACKEND", f"{MemorySms.__module__}.ConsoleSms", "lectern.E006"),
        ("SMS_BACKEND", "", "lectern.W007"),
        ("AUDIT_KEY", "a" * 40, "lectern.E008"),
    ],
)
def test_each_mistake_is_named(
    production: Settings, name: str, value: object, expected: str
) -> None:
    setattr(production, name, value)
    assert ids() == {expected}


@pytest.mark.django_db
def test_demo_accounts_are_found_in_the_database() -> None:
    assert checks.check_demo_accounts(None, databases=["default"]) == []
    UserFactory(is_demo=True)
    found = checks.check_demo_accounts(None, databases=["default"])
    assert [message.id for message in found] == ["lectern.E009"]
    assert checks.check_demo_accounts(None) == []
