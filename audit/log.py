"""The one way to write an audit entry."""

from typing import Any

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest

from audit.models import AuditEntry


def record(
    action: str,
    *,
    actor: Any = None,
    target: Model | None = None,
    result: str = AuditEntry.Result.DONE,
    request: HttpRequest | None = None,
    **detail: Any,
) -> AuditEntry:
    """Append one entry.

    `action` is `noun.verb`, for example "upload.complete". `detail` holds short JSON facts (ids,
    codes, counts), never names or contents. The caller's transaction decides whether it stays.
    """
    if actor is None and request is not None and request.user.is_authenticated:
        actor = request.user
    return AuditEntry.objects.create(
        action=action,
        actor=actor,
        target_type=target._meta.label if target is not None else "",
        target_id=str(target.pk) if target is not None else "",
        result=result,
        address=client_address(request),
        detail=detail,
    )


def client_address(request: HttpRequest | None) -> str | None:
    """Where a request comes from; in production nginx says it, which no client can."""
    if request is None:
        return None
    said = request.headers.get("X-Real-IP") if settings.PRODUCTION else None
    return said or request.META.get("REMOTE_ADDR") or None
