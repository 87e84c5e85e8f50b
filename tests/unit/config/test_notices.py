"""Ways out of the house as the environment describes them; half a description is refused."""

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from config.notices import channel_settings, mail_settings, quiet_setting

GATEWAY = "notices.gateway.GatewaySms"


def test_a_mail_server_is_read_from_one_address(monkeypatch):
    monkeypatch.setenv("EMAIL_URL", "smtp+tls://me:p%40ss@mail.example.cn")
    monkeypatch.setenv("EMAIL_FROM", "dangke@example.cn")
    mail = mail_settings(environ.Env(), "production")
    assert (mail["HOST"], mail["PORT"], mail["PASSWORD"]) == ("mail.example.cn", 587, "p@ss")
    assert (mail["TLS"], mail["SSL"]) == (True, False)


def test_production_without_a_server_offers_no_mail():
    assert mail_settings(environ.Env(), "production")["BACKEND"] == ""


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://mail.example.cn", "a@example.cn"),
        ("smtp://", "a@example.cn"),
        ("smtp://me:secret@mail.example.cn", "a@example.cn"),
        ("smtps://mail.example.cn", ""),
    ],
)
def test_an_address_that_would_not_do_is_refused(monkeypatch, url, sender):
    monkeypatch.setenv("EMAIL_URL", url)
    monkeypatch.setenv("EMAIL_FROM", sender)
    with pytest.raises(ImproperlyConfigured):
        mail_settings(environ.Env(), "production")


@pytest.mark.parametrize(
    ("backend", "body", "offered"),
    [
        (GATEWAY, {"text": "{text}"}, True),
        (GATEWAY, {"params": {"what": "{words}"}}, True),
        (GATEWAY, {"params": {"code": "{code}"}}, False),
        ("", {"text": "{text}"}, False),
    ],
)
def test_a_gateway_that_knows_codes_only_sends_no_messages(backend, body, offered):
    sms = {"SMS_BACKEND": backend, "SMS_GATEWAY": {"NOTICE_BODY": body}}
    assert bool(channel_settings(sms=sms, wecom=False, mail=False)["sms"]) is offered


def test_quiet_hours_are_two_times(monkeypatch):
    monkeypatch.setenv("NOTICES_QUIET", "at night")
    with pytest.raises(ImproperlyConfigured, match="NOTICES_QUIET"):
        quiet_setting(environ.Env())
