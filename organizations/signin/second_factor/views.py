"""The pages of the second factor: the challenge, proving oneself again, and setting one up first.

Adding and removing one's own factors are allauth's views behind `urls`; what a proof is worth is
decided in `evidence` and `methods`.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import resume_request
from allauth.mfa.webauthn.internal import auth as webauthn
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from organizations.signin.second_factor import phone_codes, wecom
from organizations.signin.second_factor.methods import (
    Standing,
    has_passed,
    methods_available,
    standing,
)
from organizations.signin.second_factor.proving import NotProved, prove

# The order in which ways are offered: the safest first.
OFFER = ("webauthn", "code", "sms", "wecom", "password")


def next_address(request: HttpRequest) -> str:
    """Where the person wanted to go, if it is on this site."""
    said = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(
        said, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return said
    return reverse("home:index")


def with_next(name: str, request: HttpRequest) -> str:
    return f"{reverse(name)}?{urlencode({'next': next_address(request)})}"


def offered(ways: set[Any]) -> list[str]:
    """Ways in the order of the page; app and printed codes share one field."""
    shown = {"code" if way in ("totp", "recovery_codes") else str(way) for way in ways}
    return [way for way in OFFER if way in shown]


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def challenge(request: HttpRequest) -> HttpResponseBase:
    """The second step of signing in."""
    now = standing(request)
    if now.passed:
        return redirect(next_address(request))
    if now.may_enrol:
        return redirect(with_next("security:set_up", request))
    ways = now.sufficient | now.helpful
    if request.method == "POST":
        return _take(request, ways, template="security/challenge.html", standing=now)
    return _show(request, ways, template="security/challenge.html", standing=now)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponseBase:
    """Proving oneself again before a sensitive act."""
    ways = {way for way in methods_available(request.user) if way != "wecom"}
    if request.method == "POST":
        return _take(request, ways, template="security/confirm.html", standing=None)
    return _show(request, ways, template="security/confirm.html", standing=None)


@never_cache
@login_required
@require_POST
def challenge_message(request: HttpRequest) -> HttpResponseBase:
    """Send a code to the person's own phone, then back to the page that asked."""
    back = "security:confirm" if request.POST.get("for") == "confirm" else "security:challenge"
    if phone_codes.code_send(request):
        messages.success(request, _("The code is on its way to your phone."))
    else:
        messages.warning(request, _("No more codes can be sent now. Please wait a little."))
    return redirect(with_next(back, request) + "&way=sms")


@never_cache
@login_required
def challenge_done(request: HttpRequest) -> HttpResponseBase:
    """Where WeCom comes back to."""
    if not standing(request).passed:
        messages.warning(request, _("WeCom did not confirm that it is you. Please try again."))
    return redirect(with_next("security:challenge", request))


@never_cache
@login_required
def set_up(request: HttpRequest) -> HttpResponseBase:
    """Somebody whose post needs a factor, and who has none yet."""
    now = standing(request)
    if now.passed:
        return redirect(next_address(request))
    request.session["second_factor_next"] = next_address(request)
    return render(request, "security/set_up.html", {"needed": now.needed})


def _take(
    request: HttpRequest, ways: set[Any], *, template: str, standing: Standing | None
) -> HttpResponseBase:
    way = request.POST.get("way", "")
    try:
        if way not in offered(ways):
            raise NotProved(_("This could not be read. Please try again."))
        prove(request, way, request.POST.get("said", ""))
    except NotProved as problem:
        return _show(
            request, ways, template=template, standing=standing, error=str(problem), way=way
        )
    if standing is None:
        # A kept form meets no gate of its own: a post may have come since it was sent.
        resumed = resume_request(request) if has_passed(request) else None
        return resumed or redirect(next_address(request))
    return redirect(with_next("security:challenge", request))


def _show(
    request: HttpRequest,
    ways: set[Any],
    *,
    template: str,
    standing: Standing | None,
    error: str = "",
    way: str = "",
) -> HttpResponseBase:
    shown = offered(ways)
    # Another way was asked for by its link; otherwise the safest is shown.
    first = way or request.GET.get("way", "")
    if first not in shown:
        first = shown[0] if shown else ""
    user: Any = request.user
    context = {
        "way": first,
        "others": [other for other in shown if other != first],
        "next": next_address(request),
        "error": error,
        "waiting": phone_codes.is_waiting(request),
        "phone_end": (user.phone or "")[-4:],
        "has_app": "totp" in ways,
        "has_printed": "recovery_codes" in ways,
        "only_helps": standing is not None and not _sufficient(first, standing),
        "cryptographic": standing is not None and standing.needed == "cryptographic",
    }
    if first == "webauthn":
        context["request_options"] = webauthn.begin_authentication(user)
    if "wecom" in shown:
        back = with_next("security:challenge_done", request)
        context["wecom_url"] = wecom.confirmation_url(back)
    return render(request, template, context, status=422 if error else 200)


def _sufficient(way: str, now: Standing) -> bool:
    return way in offered(set(now.sufficient))
