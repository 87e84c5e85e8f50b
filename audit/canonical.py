"""What exactly of an entry is sealed, byte for byte, and how. Pure: no database, no settings.

The canonical form is compact JSON with sorted keys. It is the same before an entry is written
and after it is read from SQLite or PostgreSQL, which order keys, spell numbers and abbreviate
addresses each in its own way.
"""

import datetime as dt
import hmac
import ipaddress
import json
from decimal import Decimal
from typing import Any, NamedTuple

FORM = "lectern-audit-1"
# Made once: an import seals hundreds of thousands of entries.
_COMPACT = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
_STRICT = json.JSONEncoder(allow_nan=False)


class Sealed(NamedTuple):
    """The facts of an entry that its digest covers, in the order of `FIELDS`."""

    position: int
    at: dt.datetime
    actor_id: int | None
    action: str
    target_type: str
    target_id: str
    result: str
    address: str | None
    detail: Any


FIELDS = Sealed._fields


def canonical(chain: str, entry: Sealed) -> bytes:
    """The bytes that stand for an entry. `at` must be aware."""
    facts = [
        FORM,
        chain,
        entry.position,
        entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        entry.actor_id,
        entry.action,
        entry.target_type,
        entry.target_id,
        entry.result,
        _address(entry.address),
        _plain(entry.detail),
    ]
    return _COMPACT.encode(facts).encode()


def digest(key: str, previous: str, content: bytes) -> str:
    """HMAC-SHA256 over the previous entry's digest and the canonical bytes; 64 hex digits.

    The first entry's predecessor is "".
    """
    return hmac.digest(key.encode(), previous.encode() + b"\n" + content, "sha256").hex()


def storable(detail: dict[str, Any]) -> dict[str, Any]:
    """The detail as it comes back from JSON. Raises TypeError, ValueError for what JSON lacks."""
    found: dict[str, Any] = json.loads(_STRICT.encode(detail))
    return found


def normal_address(text: str | None) -> str | None:
    """An address in one spelling; IPv4 where it is IPv4. None for what is no address."""
    try:
        address = ipaddress.ip_address((text or "").partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.compressed


def _address(text: str | None) -> str | None:
    """The address without regard to its spelling."""
    if text is None:
        return None
    try:
        return ipaddress.ip_address(text).packed.hex()
    except ValueError:
        return text


def _plain(value: Any) -> Any:
    """jsonb keeps numbers as decimals: 1e22 comes back as an integer, -0.0 without its sign."""
    if isinstance(value, float) and value.is_integer():
        return int(Decimal(repr(value)))
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value
