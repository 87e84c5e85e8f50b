import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from audit.log import client_address
from config.production import refuse_demo_accounts
from tests.factories import UserFactory

GOOD = {
    "SECRET_KEY": "s" * 40,
    "AUDIT_KEY": "a" * 40,
    "DELIVERY_KEY_A": "d" * 40,
    "LECTERN_MODE": "production",
}


def settings_load(**environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LECTERN")}
    return subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_with_real_secrets() -> None:
    assert settings_load(**GOOD).returncode == 0


@pytest.mark.parametrize("missing", ["SECRET_KEY", "AUDIT_KEY", "DELIVERY_KEY_A"])
def test_production_refuses_a_missing_or_short_secret(missing: str) -> None:
    assert settings_load(**{**GOOD, missing: ""}).returncode != 0
    assert missing in settings_load(**{**GOOD, missing: "short"}).stderr


def test_production_refuses_debug() -> None:
    assert "DEBUG" in settings_load(**GOOD, DEBUG="1").stderr


@pytest.mark.django_db
def test_production_refuses_a_database_with_demo_accounts(settings: Settings) -> None:
    settings.PRODUCTION = True
    UserFactory()
    refuse_demo_accounts()
    UserFactory(is_demo=True)
    with pytest.raises(ImproperlyConfigured):
        refuse_demo_accounts()


@pytest.mark.django_db
@pytest.mark.parametrize(("production", "status"), [(False, 302), (True, 200)])
def test_a_demo_password_works_in_the_demo_only(
    settings: Settings, client: Client, production: bool, status: int
) -> None:
    settings.PRODUCTION = production
    UserFactory(username="someone", password="not-a-default-1", is_demo=True)
    answer = client.post("/accounts/login/", {"login": "someone", "password": "not-a-default-1"})
    assert answer.status_code == status


@pytest.mark.django_db
def test_a_closed_account_is_answered_like_a_wrong_password(client: Client) -> None:
    UserFactory(username="someone", password="not-a-default-1", is_active=False)
    answer = client.post("/accounts/login/", {"login": "someone", "password": "not-a-default-1"})
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


def test_production_refuses_a_short_second_key_and_an_unknown_active_one() -> None:
    assert "DELIVERY_KEY_B" in settings_load(**GOOD, DELIVERY_KEY_B="short").stderr
    assert "DELIVERY_ACTIVE_KEY" in settings_load(**GOOD, DELIVERY_ACTIVE_KEY="b").stderr


@pytest.mark.parametrize(("production", "address"), [(True, "203.0.113.9"), (False, "127.0.0.1")])
def test_the_proxy_is_believed_in_production_only(
    settings: Settings, rf: RequestFactory, production: bool, address: str
) -> None:
    settings.PRODUCTION = production
    assert client_address(rf.get("/", headers={"X-Real-IP": "203.0.113.9"})) == address
