"""Adding, removing and using a factor goes to the audit log, and adding one counts as using it."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import password_changed, password_set
from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from allauth.socialaccount.signals import pre_social_login
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from audit import log
from audit.models import AuditEntry
from organizations.signin import sessions
from organizations.signin.second_factor import wecom
from organizations.signin.second_factor.proving import used


@receiver(user_logged_in)
def session_started(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    if request is not None and hasattr(request, "session"):
        sessions.session_begin(request, user)


@receiver((password_changed, password_set))
def password_is_new(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    sessions.sessions_end_others(request=request)


@receiver(signals.authenticator_added)
def factor_added(sender: Any, request: Any, user: Any, authenticator: Any, **kwargs: Any) -> None:
    kind = authenticator.type
    if kind in (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN):
        # Setting it up took a code from the app, or the passkey itself.
        record_authentication(request, user, "mfa", type=str(kind), id=authenticator.pk)
        sessions.key_renew(request)
    log.record("second_factor.add", actor=user, target=user, request=request, kind=str(kind))


@receiver(signals.authenticator_reset)
def codes_renewed(sender: Any, request: Any, user: Any, authenticator: Any, **kwargs: Any) -> None:
    kind = str(authenticator.type)
    log.record("second_factor.add", actor=user, target=user, request=request, kind=kind)


@receiver(signals.authenticator_removed)
def factor_removed(sender: Any, request: Any, user: Any, authenticator: Any, **kwargs: Any) -> None:
    log.record(
        "second_factor.remove",
        actor=user,
        target=user,
        request=request,
        kind=str(authenticator.type),
    )


@receiver(signals.authenticator_used)
def factor_used(sender: Any, request: Any, user: Any, authenticator: Any, **kwargs: Any) -> None:
    log.record(
        "second_factor.use", actor=user, target=user, request=request, kind=str(authenticator.type)
    )


@receiver(signals.authentication_failed)
def factor_refused(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    if not request.user.is_authenticated:
        log.record(
            "second_factor.use", target=user, result=AuditEntry.Result.DENIED, request=request
        )


@receiver(pre_social_login)
def came_back_from_wecom(sender: Any, request: Any, sociallogin: Any, **kwargs: Any) -> None:
    if wecom.confirmed(request, sociallogin):
        sessions.key_renew(request)
        used(request, "wecom")
