"""System checks of what Django does not look at: settings that production must not have.

Run by `manage.py check --deploy`. What would be dangerous from the first request on is refused by
the settings themselves already; here stands what a keeper ought to read before the site opens.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connection

LOCAL = ("localhost", "127.0.0.1", "::1")
CONSOLE_SMS = ("notices.sms.ConsoleSms", "notices.sms.MemorySms", "notices.sms.FileSms")


@register(Tags.security, deploy=True)
def check_mode(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.PRODUCTION:
        return []
    return [
        Error(
            f"LECTERN_MODE is {settings.LECTERN_MODE}, so cookies and addresses do without TLS.",
            hint="Set LECTERN_MODE=production.",
            id="lectern.E001",
        )
    ]


@register(Tags.security, deploy=True)
def check_address(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Links in messages, QR codes and passkeys all depend on the site's own address."""
    parts = urlsplit(settings.WAGTAILADMIN_BASE_URL)
    found: list[CheckMessage] = []
    if parts.scheme != "https":
        found.append(
            Error(
                "BASE_URL is no https address.",
                hint="Passkeys work over TLS only, and slips carry this address.",
                id="lectern.E002",
            )
        )
    if parts.hostname in LOCAL:
        found.append(Error("BASE_URL names this machine only.", id="lectern.E003"))
    if "*" in settings.ALLOWED_HOSTS:
        found.append(Error("ALLOWED_HOSTS allows every name.", id="lectern.E004"))
    return found


@register(Tags.security, deploy=True)
def check_cookies(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    names = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
    if all(name.startswith("__Host-") for name in names):
        return []
    return [Error("The cookies of session and CSRF are no __Host- cookies.", id="lectern.E005")]


@register(Tags.security, deploy=True)
def check_messages(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    backend = getattr(settings, "SMS_BACKEND", "")
    if backend in CONSOLE_SMS:
        return [Error("Text messages with codes would go to the log.", id="lectern.E006")]
    if not backend:
        return [
            Warning(
                "No gateway for text messages is set, so nobody can sign in by phone alone.",
                hint="Set SMS_GATEWAY_URL, or silence lectern.W007 if that is meant.",
                id="lectern.W007",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def check_keys(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """One secret for two purposes would let one leak open both."""
    secrets = [settings.SECRET_KEY, settings.AUDIT_KEY, *settings.DELIVERY_KEYS.values()]
    if settings.BACKUP_KEY:
        secrets.append(settings.BACKUP_KEY)
    if len(set(secrets)) == len(secrets):
        return []
    return [Error("SECRET_KEY, AUDIT_KEY and the other keys must differ.", id="lectern.E008")]


@register(Tags.database, deploy=True)
def check_demo_accounts(
    app_configs: Any, databases: Any = None, **kwargs: Any
) -> list[CheckMessage]:
    """Their password was printed. Needs the database: `check --deploy --database default`."""
    from organizations.models import User

    if not databases:
        return []
    try:
        if User._meta.db_table not in connection.introspection.table_names():
            return []
        count = User.objects.filter(is_demo=True).count()
    except DatabaseError as problem:
        return [Error(f"The database cannot be read: {problem}", id="lectern.E010")]
    if count:
        return [Error(f"The database holds {count} demo accounts.", id="lectern.E009")]
    return []
