"""Refused acts go to the log, once a minute for each person and kind of page, whatever a loop does.

What somebody typed into an address stays out of it, since the log can not be erased.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from audit import log
from audit.chain import ChainBroken
from audit.models import AuditEntry
from organizations.models import Organization
from organizations.signin import counters

logger = logging.getLogger(__name__)

PATH_MAX = 200
# Entries of one person, or of one address, within a minute.
MOST = 10


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
    """Who was refused where. Nobody signed in counts by address."""
    user = getattr(request, "user", None)
    person = user.pk if user is not None and user.is_authenticated else None
    who = person or log.client_address(request)
    match = request.resolver_match
    # By kind of page: the rest of the path is anybody's to choose.
    if not first_in_a_minute("access.deny", who, match.view_name if match else ""):
        return
    minute = int(time.time()) // 60
    if counters.count(f"audit-denials:{minute}:{who}", 60) > MOST:
        return
    try:
        log.record(
            "access.deny",
            request=request,
            result=AuditEntry.Result.DENIED,
            path=named_path(request)[:PATH_MAX],
            verb=request.method,
        )
    except (DatabaseError, ChainBroken):
        # The refusal stands either way; the answer must not turn into an error.
        logger.exception("A refusal could not be logged: %s", request.path)


def named_path(request: HttpRequest) -> str:
    """The path if we named all of it; else its pattern, for the rest may be any text."""
    match = request.resolver_match
    if match is None:
        return ""
    said = {one for one in (*match.args, *match.kwargs.values()) if isinstance(one, str)}
    if said and Organization.objects.filter(code__in=said).count() != len(said):
        return f"/{match.route}"
    return request.path


def first_in_a_minute(*what: Any) -> bool:
    """Whether this has not been noted within the last minute."""
    key = hashlib.sha256(repr(what).encode()).hexdigest()
    return counters.hold(f"audit-once-{key}", 1, 60)
