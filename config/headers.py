"""Middleware that puts the policies of `config.security` on every response.

`Headers` stands outside everything, so static files and errors have them too; `ContentPolicy`
stands inside, where a page may ask for its nonce.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from config.security import ADMIN, MEDIA, MEDIA_POLICY, NO_PAGE_POLICY, PERMISSIONS_POLICY

POLICY = "Content-Security-Policy"


def is_page(response: HttpResponseBase) -> bool:
    return response.get("Content-Type", "text/html").startswith(("text/html", "application/xhtml"))


class Headers:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        is_static = request.path_info.startswith(settings.STATIC_URL)
        if POLICY not in response and not is_page(response) and not is_static:
            media = request.path_info.startswith(MEDIA)
            response[POLICY] = MEDIA_POLICY if media else NO_PAGE_POLICY
        if is_page(response) and _is_personal(request):
            # Neither a proxy nor the history of a shared computer keeps it.
            response["Cache-Control"] = "no-store, private"
        return response


def _is_personal(request: HttpRequest) -> bool:
    session = getattr(request, "session", None)
    if session is None or not session.accessed:
        return False
    return bool(request.user.is_authenticated)


class ContentPolicy(CSPMiddleware):
    """django-csp with a second policy under the editor's address, and none for what is no page."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if not is_page(response):
            return response
        if request.path_info.startswith(ADMIN):
            # A preview comes with the headers of the public page that it shows.
            response.headers.pop(POLICY, None)
            response["X-Frame-Options"] = "SAMEORIGIN"
        answer: HttpResponseBase = super().process_response(request, response)
        return answer

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts: PolicyParts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith(ADMIN) and not report_only:
            directives: dict[str, Any] = settings.ADMIN_CONTENT_SECURITY_POLICY
            parts.config = dict(directives)
        return parts
