"""The one way to write audit entries.

An entry is part of the act's own transaction: both stand or fall together. From the entry to the
end of that transaction every other writer waits, so it comes last.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

from audit.canonical import normal_address, storable
from audit.chain import entries_append
from audit.models import AuditEntry

Result = AuditEntry.Result


@dataclass(frozen=True, slots=True)
class Entry:
    """One of many entries for `record_many`; the target as a row, or as its label and key."""

    action: str
    target: Model | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    result: str = Result.DONE
    target_type: str = ""
    target_id: str | int = ""


def record(
    action: str,
    *,
    actor: Any = None,
    target: Model | None = None,
    result: str = Result.DONE,
    request: HttpRequest | None = None,
    **detail: Any,
) -> AuditEntry:
    """Append one entry.

    `action` is `noun.verb`, for example "upload.complete". `detail` holds short JSON facts (ids,
    codes, counts), never names or contents. The caller's transaction decides whether it stays.
    Call it last: it holds up every other writer of the log until that transaction ends.
    """
    entry = entry_row(
        action, actor=actor, target=target, result=result, request=request, detail=detail
    )
    entries_append([entry])
    if request is not None and result == Result.DENIED:
        request._audit_refusal = True  # type: ignore[attr-defined]
    return entry


def refusal_noted(request: HttpRequest) -> bool:
    """Whether a refusal was recorded for this request: one refused act is one entry."""
    return getattr(request, "_audit_refusal", False)


def entry_row(
    action: str,
    *,
    detail: dict[str, Any],
    actor: Any = None,
    target: Model | None = None,
    result: str = Result.DONE,
    request: HttpRequest | None = None,
) -> AuditEntry:
    """An entry that is not yet in the chain; only `audit` itself appends it otherwise."""
    return _row(
        Entry(action, target, detail, result),
        actor=_actor(actor, request),
        address=client_address(request),
        at=timezone.now(),
    )


def record_many(
    entries: Iterable[Entry], *, actor: Any = None, request: HttpRequest | None = None
) -> int:
    """Append many entries by one actor, in their order, as one piece; how many there were.

    Takes any iterable, and memory for one batch of it. Call it last, as `record`.
    """
    who, address, at = _actor(actor, request), client_address(request), timezone.now()
    return entries_append(_row(one, actor=who, address=address, at=at) for one in entries)


def client_address(request: HttpRequest | None) -> str | None:
    """Where a request comes from; in production nginx says it, which no client can."""
    if request is None:
        return None
    said = request.headers.get("X-Real-IP") if settings.PRODUCTION else None
    return normal_address(said or request.META.get("REMOTE_ADDR"))


def _actor(actor: Any, request: HttpRequest | None) -> Any:
    user = getattr(request, "user", None)
    if actor is None and user is not None and user.is_authenticated:
        return user
    return actor


def _row(entry: Entry, *, actor: Any, address: str | None, at: dt.datetime) -> AuditEntry:
    target = entry.target
    return AuditEntry(
        at=at,
        action=entry.action,
        # Only the key: the actor may be a lazy stand-in for the request's user.
        actor_id=actor.pk if actor is not None else None,
        target_type=target._meta.label if target is not None else entry.target_type,
        target_id=str(target.pk if target is not None else entry.target_id),
        result=str(entry.result),
        address=address,
        detail=storable(entry.detail),
    )
