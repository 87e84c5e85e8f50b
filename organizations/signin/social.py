"""Identities of other systems: linked by their owner, never registered by themselves.

An identity signs in to an account when its owner linked it on the page of linked identities, or
when a claim that the installation trusts (settings) names the account. A claim is looked up anew
each time and links nothing: a code that stood on the wrong record opens it no longer than it
stands there. Everybody else is told what to do.
"""

from __future__ import annotations

import logging
from typing import Any, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import log
from audit.models import AuditEntry
from organizations.auditing.denials import may_be_noted
from organizations.models import User
from organizations.signin.adapter import not_activated_sentence
from organizations.signin.backend import AccountBackend
from organizations.signin.limits import network
from organizations.signin.phones import phone_normalise
from organizations.signin.second_factor.gate import refusal
from organizations.signin.second_factor.methods import has_passed

logger = logging.getLogger(__name__)


def apps_configured(provider: str = "") -> list[SocialApp]:
    """The providers of the settings. Rows of the database are not read: what lets people in is
    decided by whoever runs the installation.
    """
    return [
        SocialApp(provider=name, **fields)
        for name, configured in settings.SOCIALACCOUNT_PROVIDERS.items()
        for fields in configured.get("APPS", ())
        if not provider or provider in (name, fields["provider_id"])
    ]


class SocialAdapter(DefaultSocialAccountAdapter):
    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        "no_password": gettext_lazy("Please set a password first, or you could not sign in."),
        "connected_other": gettext_lazy("This identity is linked to another account."),
    }

    def list_apps(
        self, request: HttpRequest, provider: Any = None, client_id: Any = None
    ) -> list[SocialApp]:
        apps = apps_configured(provider or "")
        return [app for app in apps if not client_id or app.client_id == client_id]

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: Any) -> Any:
        """Nothing that another system says becomes part of an account."""
        return sociallogin.user

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Let in, match, or refuse with a sentence. Linking is left to its owner's page."""
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            # Whoever began it: the gate lets people come back from WeCom before the second step.
            if request.user.is_authenticated and not has_passed(request):
                raise ImmediateHttpResponse(refusal(request))
            return
        user = sociallogin.user if sociallogin.is_existing else matched_user(sociallogin)
        if user is None:
            self._refuse(request, sociallogin, "unlinked", unlinked_sentence())
        if not AccountBackend().user_can_authenticate(user):
            self._refuse(request, sociallogin, "not_activated", not_activated_sentence(), user)
        sociallogin.user = user

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: Any = None,
    ) -> None:
        """What the other system said stays out of pages and logs; it may hold codes."""
        logger.warning("Signing in by %s failed: %s", provider.sub_id, type(exception).__name__)
        if may_be_noted("account.sign_in", network(request), provider.sub_id):
            log.record(
                "account.sign_in",
                result=AuditEntry.Result.DENIED,
                request=request,
                method=provider.sub_id,
                reason="cancelled" if error == "cancelled" else "failed",
            )

    def _refuse(
        self,
        request: HttpRequest,
        sociallogin: Any,
        reason: str,
        sentence: str,
        user: User | None = None,
    ) -> NoReturn:
        provider = sociallogin.account.provider
        if may_be_noted("account.sign_in", network(request), (provider, sociallogin.account.uid)):
            log.record(
                "account.sign_in",
                target=user,
                result=AuditEntry.Result.DENIED,
                request=request,
                method=provider,
                reason=reason,
            )
        page = render(
            request, "socialaccount/refused.html", {"sentence": sentence, "reason": reason}
        )
        page.status_code = 403
        raise ImmediateHttpResponse(page)


def matched_user(sociallogin: Any) -> User | None:
    """Whom a trusted claim names, when the installation says which claim that is."""
    wanted = sociallogin.provider.app.settings
    claims = getattr(sociallogin, "claims", {})
    said, field = claims.get(wanted.get("match_claim") or ""), wanted.get("match_field")
    if not isinstance(said, str) or not said.strip() or not field:
        return None
    if field == "phone":
        phone = phone_normalise(said)
        # A number that the other system did not verify could be anybody's.
        if not phone or claims.get("phone_number_verified") is not True:
            return None
        return User.objects.filter(phone=phone).first()
    return User.objects.filter(code=said.strip()).first()


def unlinked_sentence() -> str:
    return _(
        "This identity is not linked to an account yet. Please sign in with your account or phone "
        "and your password first, and link it on the page of linked identities."
    )
