"""Signed-in sessions: how long they last, where somebody is signed in, ending them.

A session's row (`allauth.usersessions`) is touched now and then, not at every request. What a
session has proved about the person is in `second_factor`.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import log
from organizations.signin.kept import kept_page, wants_page
from organizations.signin.second_factor.gate import UNSIGNED
from organizations.signin.second_factor.requirement import Needs, needs_of

SINCE, SEEN = "signed_in_at", "seen_at"
# Sent by pages that nobody looks at, too.
PINGS = frozenset({"wagtailadmin_editing_sessions:ping", "watching:strips"})


# -- how long --------------------------------------------------------------------------------------


def limits_for(needs: Needs) -> tuple[int, int]:
    """Seconds of idleness and seconds in all after which a session ends."""
    kind = "post" if needs.post else "member"
    if needs.requirement != "none":
        kind = "keeper"
    idle, absolute = settings.SESSION_LIMITS[kind]
    return idle, absolute


def session_begin(request: HttpRequest, user: Any, *, now: float | None = None) -> None:
    """Note the start of a session, after its key was made; called for every way of signing in."""
    moment = time.time() if now is None else now
    request.session[SINCE] = request.session[SEEN] = moment
    if request.session.session_key is None:
        request.session.save()
    address = log.client_address(request)
    if address:
        UserSession.objects.update_or_create(
            session_key=request.session.session_key,
            defaults={
                "user": user,
                "ip": address,
                "user_agent": request.headers.get("User-Agent", "")[:200],
                "created_at": timezone.now(),
                "last_seen_at": timezone.now(),
            },
        )


def _address(request: HttpRequest) -> dict[str, str]:
    address = log.client_address(request)
    return {"ip": address} if address else {}


def is_touch(request: HttpRequest) -> bool:
    """Whether a person stands behind a request, rather than a page that keeps itself fresh."""
    assert request.resolver_match is not None
    if request.resolver_match.view_name in PINGS:
        return False
    return request.method not in ("GET", "HEAD") or wants_page(request)


class SessionLimits:
    """Ends sessions that are too old, and gives typed text back when one had ended."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if (
            request.method == "POST"
            and isinstance(response, HttpResponseRedirect)
            and response.url.split("?")[0] == resolve_url(settings.LOGIN_URL)
            and request.path != resolve_url(settings.LOGIN_URL)
            and not request.user.is_authenticated
            and request.resolver_match is not None
            and request.resolver_match.view_name not in ("account_logout", "security:end")
            and wants_page(request)
        ):
            return kept_page(request)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        assert request.resolver_match is not None
        if request.resolver_match.view_name in UNSIGNED or not request.user.is_authenticated:
            return
        now = time.time()
        seen, since = request.session.get(SEEN), request.session.get(SINCE)
        if seen is None or since is None:  # from before there were limits
            session_begin(request, request.user)
            return
        idle, absolute = limits_for(needs_of(request.user))
        if now - seen > idle or now - since > absolute:
            self._end(request, "idle" if now - seen > idle else "age")
        elif now - seen > min(idle / 30, 3600) and is_touch(request):
            request.session[SEEN] = now
            UserSession.objects.filter(session_key=request.session.session_key).update(
                last_seen_at=timezone.now(), **_address(request)
            )

    def _end(self, request: HttpRequest, why: str) -> None:
        user: Any = request.user
        UserSession.objects.filter(session_key=request.session.session_key).delete()
        request.session.flush()
        request.user = AnonymousUser()
        log.record("session.end", actor=user, target=user, request=request, why=why)
        if wants_page(request):
            messages.info(request, _("You were away for a while. Please sign in again to go on."))


def key_renew(request: HttpRequest) -> None:
    """A new key for a session that may now do more, so that an old one is worth nothing."""
    before = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


# -- where, and ending -----------------------------------------------------------------------------


def session_end(*, actor: Any, session: UserSession, request: HttpRequest | None = None) -> None:
    """End one session; it is gone at its next request."""
    person = session.user
    pk = session.pk
    session.end()
    log.record("session.end", actor=actor, target=person, request=request, why="remote", session=pk)


def sessions_end_others(*, request: HttpRequest) -> int:
    """End every session of the signed-in person but this one."""
    others = UserSession.objects.filter(user_id=request.user.pk).exclude(
        session_key=request.session.session_key
    )
    return _end_all(request.user, others, actor=request.user, why="others", request=request)


def sessions_end_all(*, user: Any, actor: Any, why: str, request: HttpRequest | None = None) -> int:
    """End every session of a person: an account that was closed, a factor taken away."""
    found = UserSession.objects.filter(user_id=user.pk)
    return _end_all(user, found, actor=actor, why=why, request=request)


def _end_all(user: Any, sessions: Any, *, actor: Any, why: str, request: Any) -> int:
    ended = list(sessions)
    for session in ended:
        session.end()
    if ended:
        log.record(
            "session.end", actor=actor, target=user, request=request, why=why, count=len(ended)
        )
    return len(ended)


def short_address(address: str) -> str:
    """The neighbourhood of a network address: enough to know one's own, no exact place."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped:
        known = known.ipv4_mapped
    if known.version == 4:
        first, second, *_rest = str(known).split(".")
        return f"{first}.{second}.*.*"
    return ":".join(known.exploded.split(":")[:3]) + ":*"
