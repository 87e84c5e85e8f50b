"""What a session has proved about the person, read from its recorded authentications.

Pure: records in, level out. A record is what `allauth` keeps in the session for each successful
step: `{"method", "at", "type"?, "provider"?, "reauthenticated"?}`. Steps of three kinds exist,
and two of one kind are still one factor:

* knowledge: a password, a one-time credential on paper, the sign-in of another organisation;
* the phone: a code by text message, a confirmation in WeCom, which lives on the same phone;
* a thing of its own: an authenticator app, a passkey, a printed recovery code.

So a sign-in by text message never counts as its own second factor, nor does WeCom after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from organizations.signin.second_factor.requirement import Requirement

Method = Literal[
    "password", "credential", "oidc", "sms", "wecom", "totp", "webauthn", "recovery_codes"
]
Record = Mapping[str, Any]

KNOWLEDGE: frozenset[Method] = frozenset({"password", "credential", "oidc"})
PHONE: frozenset[Method] = frozenset({"sms", "wecom"})
THING: frozenset[Method] = frozenset({"totp", "webauthn", "recovery_codes"})

ORDER: dict[Requirement, int] = {"none": 0, "any": 1, "cryptographic": 2}


def method_of(record: Record) -> Method | None:
    """The way in which a record says that somebody proved who they are; None when unknown."""
    method, kind = record.get("method"), record.get("type")
    if method == "mfa":
        known: dict[Any, Method] = {
            "totp": "totp",
            "webauthn": "webauthn",
            "recovery_codes": "recovery_codes",
            "sms": "sms",
            "wecom": "wecom",
        }
        return known.get(kind)
    if method == "code" or method == "sms":
        return "sms"
    if method == "socialaccount":
        return "wecom" if record.get("provider") == "wecom" else "oidc"
    if method in ("password", "password_reset"):
        return "password"
    return "credential" if method == "credential" else None


def methods_of(records: Iterable[Record]) -> set[Method]:
    return {found for record in records if (found := method_of(record)) is not None}


def level_reached(methods: Iterable[Method]) -> Requirement:
    """The strongest requirement that the methods used in one session fulfil."""
    used = set(methods)
    if "webauthn" in used:
        return "cryptographic"
    if used & THING:
        return "any"
    return "any" if used & PHONE and used & KNOWLEDGE else "none"


def fulfils(reached: Requirement, needed: Requirement) -> bool:
    return ORDER[reached] >= ORDER[needed]


def raises(methods: Iterable[Method], by: Method) -> bool:
    """Whether one more step by this method would lift the level of a session."""
    used = set(methods)
    return ORDER[level_reached(used | {by})] > ORDER[level_reached(used)]


def last_proof(records: Iterable[Record]) -> float:
    """When the person last proved anything, as a Unix time; 0 when never."""
    times = [record["at"] for record in records if method_of(record) and "at" in record]
    return max(times, default=0.0)
