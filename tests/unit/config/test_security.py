"""The policies as text: what they must and must not say, and that nginx says the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from csp.constants import NONCE

from config.security import (
    MEDIA_POLICY,
    PERMISSIONS_POLICY,
    admin_policy,
    origin,
    provider_origins,
    public_policy,
)

NGINX = Path(__file__).resolve().parents[3] / "deploy" / "nginx.conf"
POLICIES = [
    public_policy(media_origins=[], form_origins=[]),
    admin_policy(media_origins=[]),
]


@pytest.mark.parametrize("policy", POLICIES)
def test_nothing_unsafe_is_allowed(policy: dict) -> None:
    said = {str(source) for sources in policy.values() for source in sources}
    assert not [source for source in said if "unsafe" in source or source in ("*", "https:")]
    assert policy["object-src"] == policy["base-uri"] == policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'", NONCE]
    assert policy["style-src"] == ["'self'"]


def test_only_the_editor_may_be_framed_and_only_by_itself() -> None:
    public, admin = POLICIES
    assert public["frame-ancestors"] == ["'none'"]
    assert admin["frame-ancestors"] == ["'self'"]


def test_stores_that_deliver_recordings_are_named_where_they_are_needed() -> None:
    store = "https://media.example.cn"
    policy = public_policy(media_origins=[store], form_origins=[])
    holders = {name for name, sources in policy.items() if store in sources}
    assert holders == {"img-src", "media-src", "connect-src"}


def test_forms_lead_on_to_the_providers_that_are_set_up() -> None:
    providers = {
        "wecom": {"APPS": [{"settings": {"web_url": "https://login.example/x", "agent_id": "1"}}]},
        "openid_connect": {"APPS": [{"settings": {"server_url": "https://id.example:8443/realm"}}]},
    }
    found = provider_origins(providers)
    assert found == ["https://id.example:8443", "https://login.example"]
    assert found[0] in public_policy(media_origins=[], form_origins=found)["form-action"]


def test_an_origin_holds_no_path() -> None:
    assert origin("https://a.example:444/b?c") == "https://a.example:444"
    assert origin("nonsense") == ""


def test_camera_and_microphone_are_off() -> None:
    assert "camera=()" in PERMISSIONS_POLICY
    assert "microphone=()" in PERMISSIONS_POLICY


def test_nginx_says_the_same_of_recordings() -> None:
    text = NGINX.read_text()
    assert re.findall(r'Content-Security-Policy "([^"]+)"', text) == [MEDIA_POLICY]
    assert text.count("add_header Cross-Origin-Resource-Policy same-origin always;") == 2
