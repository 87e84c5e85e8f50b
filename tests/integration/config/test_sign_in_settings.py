"""What is half configured is refused at the start; what is not configured is not offered."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.signin import CONSOLE, GATEWAY, MEMORY, password_length, provider_settings, sms_settings


class Env(dict[str, str]):
    def str(self, name: str, default: str) -> str:  # type: ignore[valid-type]
        return self.get(name, default)

    def int(self, name: str, default: int) -> int:  # type: ignore[valid-type]
        return int(self.get(name, default))


OIDC = {
    "OIDC_ISSUER": "https://id.example/",
    "OIDC_CLIENT_ID": "lectern",
    "OIDC_CLIENT_SECRET": "secret",
}
WECOM = {"WECOM_CORP_ID": "ww1", "WECOM_AGENT_ID": "1", "WECOM_SECRET": "secret"}


@pytest.mark.parametrize(
    ("mode", "backend"), [("demo", CONSOLE), ("test", MEMORY), ("production", "")]
)
def test_without_a_gateway_production_sends_no_messages(mode: str, backend: str) -> None:
    assert sms_settings(Env(), mode)["SMS_BACKEND"] == backend


def test_a_gateway_is_used_once_it_is_named() -> None:
    env = Env(SMS_GATEWAY_URL="https://sms.example/", SMS_GATEWAY_HEADERS='{"X-Key": "k"}')
    found = sms_settings(env, "production")
    assert found["SMS_BACKEND"] == GATEWAY
    assert found["SMS_GATEWAY"]["HEADERS"] == {"X-Key": "k"}


@pytest.mark.parametrize(
    "env",
    [
        {"SMS_BACKEND": CONSOLE},
        {"SMS_BACKEND": MEMORY},
        {"SMS_BACKEND": GATEWAY},
        {"SMS_GATEWAY_URL": "http://sms.example/"},
        {"SMS_GATEWAY_URL": "https://sms.example/", "SMS_GATEWAY_BODY": "[1]"},
        {"SMS_GATEWAY_URL": "https://sms.example/", "SMS_GATEWAY_HEADERS": "x"},
    ],
)
def test_production_refuses_messages_that_go_nowhere(env: dict[str, str]) -> None:
    with pytest.raises(ImproperlyConfigured):
        sms_settings(Env(env), "production")


def test_nothing_configured_is_nothing_offered() -> None:
    assert provider_settings(Env(), "production") == {}


def test_both_providers_when_they_are_whole() -> None:
    providers = provider_settings(Env({**OIDC, **WECOM}), "production")
    assert set(providers) == {"openid_connect", "wecom"}
    app = providers["openid_connect"]["APPS"][0]
    assert app["settings"]["server_url"] == "https://id.example"
    assert app["settings"]["oauth_pkce_enabled"] is True


@pytest.mark.parametrize("missing", [*OIDC, *WECOM])
def test_a_provider_that_lacks_one_value_is_refused(missing: str) -> None:
    env = Env({**OIDC, **WECOM})
    del env[missing]
    with pytest.raises(ImproperlyConfigured, match=missing):
        provider_settings(env, "demo")


@pytest.mark.parametrize(
    "env",
    [
        {**OIDC, "OIDC_ISSUER": "http://id.example"},
        {**OIDC, "OIDC_MATCH_FIELD": "name"},
        {**WECOM, "WECOM_API_URL": "http://wecom.example"},
        {**WECOM, "WECOM_MATCH_FIELD": "phone"},
    ],
)
def test_production_refuses_what_is_not_safe(env: dict[str, str]) -> None:
    with pytest.raises(ImproperlyConfigured):
        provider_settings(Env(env), "production")


@pytest.mark.parametrize("length", ["7", "65"])
def test_password_lengths_outside_the_standard_are_refused(length: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        password_length(Env(PASSWORD_MIN_LENGTH=length))
    assert password_length(Env()) == 10
