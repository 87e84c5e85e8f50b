"""Ways to sign in that are configured by the environment: SMS, OpenID Connect, WeCom.

Only reads and refuses; what the values do is in `organizations.signin` and `notices`. A way that
is half configured is refused at the start instead of failing before people.
"""

import json
from typing import Any

from django.core.exceptions import ImproperlyConfigured

CONSOLE, MEMORY, FILE, GATEWAY = (
    "notices.sms.ConsoleSms",
    "notices.sms.MemorySms",
    "notices.sms.FileSms",
    "notices.gateway.GatewaySms",
)
SMS_BODY = '{"phone": "{phone}", "text": "{text}"}'


def sms_settings(env: Any, mode: str) -> dict[str, Any]:
    """The back end that sends text messages, "" for none, and the gateway's address.

    Without a gateway nothing is sent in production, and no page offers it.
    """
    gateway = {
        "URL": env.str("SMS_GATEWAY_URL", default=""),
        "HEADERS": _json(env, "SMS_GATEWAY_HEADERS", "{}"),
        "BODY": _json(env, "SMS_GATEWAY_BODY", SMS_BODY),
        # For messages of the inbox: with {words}, {url} and an {id} that a repetition keeps.
        "NOTICE_BODY": _json(
            env, "SMS_GATEWAY_NOTICE_BODY", env.str("SMS_GATEWAY_BODY", default=SMS_BODY)
        ),
        # For how many seconds the operator drops a repetition of an {id}.
        "REMEMBERS": env.int("SMS_GATEWAY_REMEMBERS", default=0),
        "SUCCESS": env.str("SMS_GATEWAY_SUCCESS", default=""),
        "TIMEOUT": env.int("SMS_GATEWAY_TIMEOUT", default=5),
    }
    usual = GATEWAY if gateway["URL"] else {"demo": CONSOLE, "test": MEMORY}.get(mode, "")
    backend = env.str("SMS_BACKEND", default=usual)
    if backend == GATEWAY and not gateway["URL"]:
        raise ImproperlyConfigured("SMS_GATEWAY_URL must be set for the gateway to be used.")
    if mode == "production" and backend in (CONSOLE, MEMORY, FILE):
        raise ImproperlyConfigured("SMS_BACKEND: text messages must leave the machine.")
    if mode == "production" and gateway["URL"] and not gateway["URL"].startswith("https://"):
        raise ImproperlyConfigured("SMS_GATEWAY_URL must be an https address.")
    return {"SMS_BACKEND": backend, "SMS_GATEWAY": gateway}


def provider_settings(env: Any, mode: str) -> dict[str, Any]:
    """SOCIALACCOUNT_PROVIDERS: only those that are configured, with their secrets."""
    providers: dict[str, Any] = {}
    oidc = _whole(env, "OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
    if oidc:
        issuer = oidc["OIDC_ISSUER"].rstrip("/")
        if mode == "production" and not issuer.startswith("https://"):
            raise ImproperlyConfigured("OIDC_ISSUER must be an https address.")
        providers["openid_connect"] = {
            "provider_class": "organizations.signin.oidc.OidcProvider",
            "APPS": [
                {
                    "provider_id": "oidc",
                    "name": env.str("OIDC_NAME", default="统一身份认证"),
                    "client_id": oidc["OIDC_CLIENT_ID"],
                    "secret": oidc["OIDC_CLIENT_SECRET"],
                    "settings": {
                        "server_url": issuer,
                        "oauth_pkce_enabled": True,
                        "scope": env.str("OIDC_SCOPE", default="openid profile").split(),
                        "match_claim": env.str("OIDC_MATCH_CLAIM", default=""),
                        "match_field": _one_of(env, "OIDC_MATCH_FIELD", "code", "phone"),
                    },
                }
            ],
        }
    wecom = _whole(env, "WECOM_CORP_ID", "WECOM_AGENT_ID", "WECOM_SECRET")
    if wecom:
        bases = {
            "api_url": env.str("WECOM_API_URL", default="https://qyapi.weixin.qq.com"),
            "web_url": env.str("WECOM_WEB_URL", default="https://login.work.weixin.qq.com"),
            "client_url": env.str("WECOM_CLIENT_URL", default="https://open.weixin.qq.com"),
        }
        if mode == "production" and not all(base.startswith("https://") for base in bases.values()):
            raise ImproperlyConfigured("WECOM_*_URL must be https addresses.")
        providers["wecom"] = {
            "APPS": [
                {
                    "provider_id": "wecom",
                    "name": env.str("WECOM_NAME", default="企业微信"),
                    "client_id": wecom["WECOM_CORP_ID"],
                    "secret": wecom["WECOM_SECRET"],
                    "settings": {
                        "agent_id": wecom["WECOM_AGENT_ID"],
                        "match_claim": "userid",
                        "match_field": _one_of(env, "WECOM_MATCH_FIELD", "", "code"),
                        **bases,
                    },
                }
            ],
        }
    return providers


def password_length(env: Any) -> int:
    """Least length of a password; the standard's own least is 8 (ASVS 5.0, 6.2.1)."""
    length = env.int("PASSWORD_MIN_LENGTH", default=10)
    if not 8 <= length <= 64:
        raise ImproperlyConfigured("PASSWORD_MIN_LENGTH must be between 8 and 64.")
    return int(length)


def password_validators(shortest: int) -> list[dict[str, Any]]:
    """What AUTH_PASSWORD_VALIDATORS holds, in the order in which it is told."""
    room = "organizations.signin.passwords"
    return [
        {"NAME": f"{room}.LengthValidator", "OPTIONS": {"min_length": shortest}},
        {"NAME": f"{room}.LongestValidator"},
        {"NAME": f"{room}.CommonValidator"},
        {"NAME": f"{room}.PlaceValidator"},
    ]


def _whole(env: Any, *names: str) -> dict[str, str]:
    """The values of all names, or nothing when none is set; some of them is a mistake."""
    values = {name: env.str(name, default="") for name in names}
    missing = [name for name, value in values.items() if not value]
    if missing and len(missing) < len(names):
        raise ImproperlyConfigured(f"{', '.join(missing)} must be set too.")
    return {} if missing else values


def _one_of(env: Any, name: str, usual: str, other: str) -> str:
    """The field of an account that an identity is matched by, when its owner did not link it."""
    field = env.str(name, default=usual)
    if field not in (usual, other):
        wanted = " or ".join(value or "empty" for value in (usual, other))
        raise ImproperlyConfigured(f"{name} must be {wanted}.")
    return str(field)


def _json(env: Any, name: str, default: str) -> dict[str, Any]:
    try:
        value = json.loads(env.str(name, default=default))
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ImproperlyConfigured(f"{name} must be a JSON object.")
    return value
