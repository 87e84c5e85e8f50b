"""Signing in for a session with the code in the room.

The code is checked when it is scanned and the proof kept in the browser's own session for some
minutes, so whoever has to sign in to the site first does not run out of time; the address that
opens the page holds nothing that could be passed on.
"""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lms.gatherings.errors import GatheringError
from lms.gatherings.models import Attendance, Gathering
from lms.gatherings.rolls import roll_scan
from lms.gatherings.tokens import door_check

PROOF = "gathering_door"
PROOF_LIFETIME = dt.timedelta(minutes=10)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def here(request: HttpRequest, pk: int) -> HttpResponseBase:
    own = reverse("gatherings:here", args=[pk])
    now = timezone.now()
    if token := request.GET.get("t"):
        found = get_object_or_404(Gathering, pk=pk)
        try:
            door_check(token, found, now=now)
        except GatheringError as problem:
            return _page(request, found if request.user.is_authenticated else None, str(problem))
        request.session[PROOF] = {"gathering": pk, "at": now.timestamp()}
        return redirect(own)
    if not request.user.is_authenticated:
        return redirect_to_login(own)
    found = get_object_or_404(Gathering.objects.select_related("organization"), pk=pk)
    attendance = Attendance.objects.filter(
        gathering=found, user=request.user.pk, is_present=True
    ).first()
    if attendance is None and not _has_proof(request, pk, now):
        return _page(
            request, None, _("Please scan the code that is on the screen in the room now.")
        )
    if request.method == "POST":
        if not _has_proof(request, pk, now):
            return redirect(own)
        user: Any = request.user
        try:
            roll_scan(gathering=found, user=user, now=now)
        except GatheringError as problem:
            return _page(request, found, str(problem))
        return redirect(own)
    context = {"nav": "home", "gathering": found, "attendance": attendance}
    return render(request, "gatherings/here.html", context)


def _has_proof(request: HttpRequest, pk: int, now: dt.datetime) -> bool:
    proof = request.session.get(PROOF) or {}
    age = now.timestamp() - proof.get("at", 0)
    return proof.get("gathering") == pk and 0 <= age <= PROOF_LIFETIME.total_seconds()


def _page(request: HttpRequest, found: Gathering | None, problem: str) -> HttpResponse:
    """Nothing of a session is told to whoever does not stand in its room."""
    context = {"nav": "home", "gathering": None, "problem": problem}
    status = HTTPStatus.FORBIDDEN if found is None else HTTPStatus.CONFLICT
    return render(request, "gatherings/here.html", context, status=status)
