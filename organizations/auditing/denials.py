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
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from audit import log
from audit.chain import ChainBroken
from audit.models import AuditEntry
from organizations.models import Organization
from organizations.signin import counters
from organizations.signin.limits import network

logger = logging.getLogger(__name__)

PATH_MAX = 200
# Entries of one person, or of one network of strangers, within a minute.
MOST = 10
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# Rows have shorter numbers; longer ones are phones and identity cards.
LARGEST_ROW = 999_999_999


class Denials:
    """Answers of 403 get an `access.deny` entry, unless the view itself has noted the refusal."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 403 and not log.refusal_noted(request):
            denial_record(request)
        return response


def denial_record(request: HttpRequest, *, target: Model | None = None) -> None:
    """Who was refused where, and on whom if the page knows. Strangers count by network."""
    user = getattr(request, "user", None)
    person = user.pk if user is not None and user.is_authenticated else None
    match = request.resolver_match
    # By kind of page: the rest of the path is anybody's to choose.
    if not may_be_noted("access.deny", person or network(request), match and match.view_name):
        return
    try:
        log.record(
            "access.deny",
            target=target,
            request=request,
            result=AuditEntry.Result.DENIED,
            path=named_path(request)[:PATH_MAX],
            verb=request.method if request.method in VERBS else "",
        )
    except (DatabaseError, ChainBroken):
        # The refusal stands either way; the answer must not turn into an error.
        logger.exception("A refusal could not be logged: %s", request.path)


def may_be_noted(action: str, who: Any, what: Any) -> bool:
    """Whether an entry that anybody can cause by trying is one too many: once a minute for each
    `what`, ten a minute in all.
    """
    if not first_in_a_minute(action, who, what or ""):
        return False
    minute = int(time.time()) // 60
    return counters.count(f"audit-denials:{minute}:{who}", 60) <= MOST


def named_path(request: HttpRequest) -> str:
    """The path if we named all of it; else its pattern, for the rest may be any text."""
    match = request.resolver_match
    if match is None:
        return ""
    given = (*match.args, *match.kwargs.values())
    said = {one for one in given if isinstance(one, str)}
    if any(isinstance(one, int) and one > LARGEST_ROW for one in given):
        return f"/{match.route}"
    if said and Organization.objects.filter(code__in=said).count() != len(said):
        return f"/{match.route}"
    return request.path


def first_in_a_minute(*what: Any) -> bool:
    """Whether this has not been noted within the last minute."""
    key = hashlib.sha256(repr(what).encode()).hexdigest()
    return counters.hold(f"audit-once-{key}", 1, 60)
