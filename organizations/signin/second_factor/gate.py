"""Nothing opens before the second factor: the middleware that every request passes.

It looks at what the session has recorded, so it holds for every way of signing in, those that
come later too. What is open before is a list; a new page is behind the gate unless it is named
here. Beats and media carry their own signed tokens and know no session.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from organizations.signin.kept import kept_page, wants_page
from organizations.signin.second_factor.methods import has_passed, standing

# Views that look at neither session nor person.
UNSIGNED = frozenset(
    {
        *("watching:beat", "media", "home:healthz"),
        *("cms:embed", "cms:embed_playback", "cms:embed_captions"),
    }
)
OPEN = UNSIGNED | {
    "account_logout",
    "home:privacy",
    "home:help",
    "home:help_article",
    "home:elder",
    "security:challenge",
    "security:challenge_message",
    "security:challenge_done",
    "security:confirm",
    "wecom_login",
    "wecom_callback",
}
SET_UP = frozenset({"security:set_up", "mfa_activate_totp", "mfa_add_webauthn"})


class SecondFactorGate:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        assert request.resolver_match is not None
        name = request.resolver_match.view_name
        # Linking an identity is an act of the whole account, not a way through the gate.
        links = name == "wecom_login" and "connect" in (
            request.GET.get("process"),
            request.POST.get("process"),
        )
        # By name first: a beat asks for neither session nor user.
        if name in OPEN and not links:
            return None
        if not request.user.is_authenticated or has_passed(request):
            return None
        if name in SET_UP and standing(request).may_enrol:
            return None
        return refusal(request)


def refusal(request: HttpRequest) -> HttpResponse:
    """To the challenge, in whatever form the browser asked."""
    sentence = _("Please finish signing in first: this account needs a second step.")
    if not wants_page(request):
        return JsonResponse({"message": sentence}, status=HTTPStatus.FORBIDDEN)
    challenge = reverse("security:challenge")
    if request.method in ("GET", "HEAD"):
        return redirect(f"{challenge}?{urlencode({'next': request.get_full_path()})}")
    return kept_page(request, go_on=challenge)
