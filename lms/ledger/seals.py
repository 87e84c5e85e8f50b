"""A digest over every entry with a key that is not in the database, as the audit log has one.

The triggers keep the site from changing an entry; whoever owns the tables can drop them. What
evidence does not say again exactly (the kind by the class of that day, the home branch) is held
by the seal.
"""

from __future__ import annotations

import datetime as dt
import hmac
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings

from lms.ledger.models import CreditEntry

FIELDS = (
    *("user_id", "source", "source_key", "subject", "rule_version", "turn", "kind", "at", "year"),
    *("hours", "full_hours", "seconds", "cut", "length", "windows", "spans", "organization_id"),
    *("reverses_id", "reason", "booked_at"),
)


def entry_seal(entry: CreditEntry) -> str:
    return sealed("ledger", [getattr(entry, name) for name in FIELDS])


def sealed(what: str, values: Sequence[Any]) -> str:
    """64 hexadecimal digits over the name of a kind of rows and the values of one of them."""
    content = json.dumps([_plain(one) for one in values], separators=(",", ":"), sort_keys=True)
    key = settings.AUDIT_KEY.encode()
    return hmac.digest(key, f"{what}\n{content}".encode(), "sha256").hex()


def is_sealed(entry: CreditEntry) -> bool:
    return hmac.compare_digest(entry.seal, entry_seal(entry))


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value
