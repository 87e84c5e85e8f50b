"""The page 登录与安全: where somebody is signed in, with what, and what happened lately."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from audit.models import AuditEntry
from organizations.signin import sessions
from organizations.signin.device_words import device_words
from organizations.signin.second_factor import phone_codes, wecom
from organizations.signin.second_factor.methods import registered
from organizations.signin.second_factor.requirement import needs_of

MOST_ENTRIES = 10
_T = Authenticator.Type


@dataclass(frozen=True)
class SessionLine:
    """One session as the list shows it."""

    pk: int
    device: str
    address: str
    since: Any
    seen: Any
    current: bool


def session_lines(request: HttpRequest) -> list[SessionLine]:
    """The person's sessions that are still open, this one first."""
    found = UserSession.objects.purge_and_list(request.user)
    lines = [
        SessionLine(
            pk=session.pk,
            device=device_words(session.user_agent),
            address=sessions.short_address(session.ip),
            since=session.created_at,
            seen=session.last_seen_at,
            current=session.session_key == request.session.session_key,
        )
        for session in found
    ]
    lines.sort(key=lambda line: line.seen, reverse=True)
    return sorted(lines, key=lambda line: not line.current)


def recent_entries(user: Any) -> list[dict[str, Any]]:
    """What the log says about the account's latest sign-ins and factors."""
    words = {
        "account.sign_in": _("Signed in"),
        "account.sign_out": _("Signed out"),
        "account.hold": _("Signing in was slowed down after several mistakes"),
        "session.end": _("A session was ended"),
        "second_factor.use": _("Second step"),
        "second_factor.add": _("A way of proving it is you was added"),
        "second_factor.remove": _("A way of proving it is you was removed"),
        "credential.use": _("A one-time code was used"),
    }
    entries = AuditEntry.objects.filter(
        target_type=user._meta.label, target_id=str(user.pk), action__in=words
    ).order_by("-id")[:MOST_ENTRIES]
    return [
        {
            "at": entry.at,
            "what": words[entry.action],
            "address": sessions.short_address(entry.address or ""),
            "denied": entry.result != AuditEntry.Result.DONE,
        }
        for entry in entries
    ]


@never_cache
@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponseBase:
    user: Any = request.user
    factors = registered(user)
    lines = session_lines(request)
    context = {
        "sessions": lines,
        "others": len([line for line in lines if not line.current]),
        "passkeys": [factor for factor in factors if factor.type == _T.WEBAUTHN],
        "app": next((factor for factor in factors if factor.type == _T.TOTP), None),
        "printed": next((factor for factor in factors if factor.type == _T.RECOVERY_CODES), None),
        "codes_left": next(
            (
                len(factor.wrap().get_unused_codes())
                for factor in factors
                if factor.type == _T.RECOVERY_CODES
            ),
            0,
        ),
        "by_phone": phone_codes.can_receive(user),
        "by_wecom": wecom.is_linked(user),
        "requirement": needs_of(user).requirement,
        "identities": SocialAccount.objects.filter(user=user),
        "entries": recent_entries(user),
        "go_on": request.session.get("second_factor_next", ""),
    }
    request.session.pop("second_factor_next", None)
    return render(request, "security/index.html", {"nav": "me"} | context)


@never_cache
@login_required
@require_POST
def end(request: HttpRequest) -> HttpResponseBase:
    """End one other session, or all others."""
    if request.POST.get("session") == "others":
        sessions.sessions_end_others(request=request)
        messages.success(request, _("You are now signed in on this device only."))
        return redirect("security:index")
    said = request.POST.get("session", "")
    mine = UserSession.objects.filter(user_id=request.user.pk).exclude(
        session_key=request.session.session_key
    )
    session = get_object_or_404(mine, pk=said if said.isdecimal() and len(said) < 19 else 0)
    sessions.session_end(actor=request.user, session=session, request=request)
    messages.success(request, _("That device is signed out."))
    return redirect("security:index")
