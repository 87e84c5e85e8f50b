"""Refused acts go to the log, once a minute for each person and page, whatever a loop does."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from audit import log
from audit.chain import ChainBroken
from audit.models import AuditEntry

logger = logging.getLogger(__name__)

PATH_MAX = 200


class Denials:
    """Answers of 403 get an `access.deny` entry, unless the view itself has noted the refusal."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 403 and not log.refusal_noted(request):
            denial_record(request)
        return response


def denial_record(request: HttpRequest) -> None:
    """Who was refused where. Nobody signed in counts by address and kind of page: the rest of
    the path is the stranger's to choose.
    """
    user = getattr(request, "user", None)
    person = user.pk if user is not None and user.is_authenticated else None
    match = request.resolver_match
    route = match.route if match is not None else ""
    place = request.path if person else f"{log.client_address(request)} {route}"
    if not first_in_a_minute("access.deny", person, place):
        return
    try:
        log.record(
            "access.deny",
            request=request,
            result=AuditEntry.Result.DENIED,
            path=request.path[:PATH_MAX],
            verb=request.method,
        )
    except (DatabaseError, ChainBroken):
        # The refusal stands either way; the answer must not turn into an error.
        logger.exception("A refusal could not be logged: %s", request.path)


def first_in_a_minute(*what: Any) -> bool:
    """Whether this has not been noted within the last minute."""
    key = hashlib.sha256(repr(what).encode()).hexdigest()
    return bool(cache.add(f"audit-once-{key}", 1, 60))
