"""The 长辈版: large text and large buttons, remembered per person and per device.

A person's setting goes along to every device; the cookie keeps the sign-in page readable on the
device where it was switched on.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme

from organizations.models import User

COOKIE = "elder"
ON = "1"
YEAR = 365 * 24 * 3600


def is_elder(request: HttpRequest) -> bool:
    if request.COOKIES.get(COOKIE) == ON:
        return True
    user = getattr(request, "user", None)
    return bool(user is not None and user.is_authenticated and user.elder_mode)


def elder_switch(*, request: HttpRequest, response: HttpResponseBase, on: bool) -> None:
    """Switch for this device, and for the person when somebody is signed in."""
    user: Any = request.user
    if user.is_authenticated and user.elder_mode != on:
        User.objects.filter(pk=user.pk).update(elder_mode=on)
    if on:
        response.set_cookie(
            COOKIE, ON, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    else:
        response.delete_cookie(COOKIE, samesite="Lax")


def safe_next(request: HttpRequest, fallback: str) -> str:
    """Where to go back to: the page that asked, if it is one of ours."""
    for target in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        if url_has_allowed_host_and_scheme(
            target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            return target
    return fallback
