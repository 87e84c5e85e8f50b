"""Ways out of the house for messages, read from the environment: mail, channels, quiet hours.

A channel that is not configured is offered to nobody. What the values do is in `notices`.
"""

import datetime as dt
import json
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.signin import GATEWAY
from notices.pace import quiet_hours

SMTP = "django.core.mail.backends.smtp.EmailBackend"
# What a message's template must be able to say.
SPOKEN = ("{text}", "{words}")


def mail_settings(env: Any, mode: str) -> dict[str, Any]:
    """EMAIL_URL: smtp+tls://user:password@host:port (587), smtps:// (465), smtp:// (25). Empty: no
    mail in production, the log in the demo, memory in tests.
    """
    parts = urlsplit(env.str("EMAIL_URL", default=""))
    usual = {
        "demo": "django.core.mail.backends.console.EmailBackend",
        "test": "django.core.mail.backends.locmem.EmailBackend",
    }.get(mode, "")
    ports = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
    if parts.scheme and (parts.scheme not in ports or not parts.hostname):
        raise ImproperlyConfigured(
            "EMAIL_URL must be smtp://, smtp+tls:// or smtps:// with a host."
        )
    if mode == "production" and parts.scheme == "smtp" and parts.password:
        raise ImproperlyConfigured("EMAIL_URL: a password must not travel in clear.")
    sender = env.str("EMAIL_FROM", default="")
    if parts.scheme and not sender:
        raise ImproperlyConfigured("EMAIL_FROM must be set too.")
    return {
        "BACKEND": SMTP if parts.scheme else usual,
        "HOST": parts.hostname or "",
        "PORT": parts.port or ports.get(parts.scheme, 25),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "TLS": parts.scheme == "smtp+tls",
        "SSL": parts.scheme == "smtps",
        "FROM": sender or "lectern@localhost",
    }


def channel_settings(*, sms: dict[str, Any], wecom: bool, mail: bool) -> dict[str, str]:
    """Back ends by channel, "" for one that is not there. A gateway whose template knows codes only
    sends no messages.
    """
    body = json.dumps(sms["SMS_GATEWAY"]["NOTICE_BODY"])
    speaks = any(word in body for word in SPOKEN)
    has_sms = sms["SMS_BACKEND"] and (sms["SMS_BACKEND"] != GATEWAY or speaks)
    return {
        "wecom": "notices.by_wecom.WeComChannel" if wecom else "",
        "sms": "notices.by_sms.SmsChannel" if has_sms else "",
        "email": "notices.by_email.EmailChannel" if mail else "",
    }


def quiet_setting(env: Any) -> tuple[dt.time, dt.time] | None:
    """NOTICES_QUIET, as 22:00-07:00 in Shanghai; empty for none."""
    try:
        return quiet_hours(env.str("NOTICES_QUIET", default="22:00-07:00"))
    except ValueError:
        raise ImproperlyConfigured(
            "NOTICES_QUIET must be two times, as 22:00-07:00, or empty."
        ) from None
