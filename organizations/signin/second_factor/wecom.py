"""A confirmation in WeCom as the second factor of somebody who is signed in already.

The provider's sign-in is asked to come back without signing anybody in ("redirect"); on its way
back it says which account it was, and that is recorded when it is the person's own.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.login import record_authentication
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

PROVIDER = "wecom"


def address() -> str:
    """Where the provider's sign-in begins; empty where WeCom is not set up."""
    if PROVIDER not in settings.SOCIALACCOUNT_PROVIDERS:
        return ""
    return reverse(f"{PROVIDER}_login")


def is_linked(user: Any) -> bool:
    return (
        bool(address())
        and SocialAccount.objects.filter(user_id=user.pk, provider=PROVIDER).exists()
    )


def confirmation_url(back: str) -> str:
    query = urlencode({"process": AuthProcess.REDIRECT.value, "next": back})
    return f"{address()}?{query}"


def confirmed(request: HttpRequest, sociallogin: Any) -> bool:
    """Record a confirmation that came back; True when it was the signed-in person's own."""
    if sociallogin.state.get("process") != AuthProcess.REDIRECT:
        return False
    if sociallogin.account.provider != PROVIDER or sociallogin.account.pk is None:
        return False
    if not request.user.is_authenticated or sociallogin.user.pk != request.user.pk:
        return False
    record_authentication(request, request.user, "mfa", type="wecom")
    return True
