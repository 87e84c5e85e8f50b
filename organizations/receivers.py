"""Sign-ins and refusals go to the audit log, with the way that was taken."""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.signals import login_code_rejected, password_changed
from allauth.socialaccount.signals import social_account_added, social_account_removed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from audit import log
from audit.models import AuditEntry
from organizations.models import User
from organizations.signin.limits import accounts_meant
from organizations.signin.second_factor.evidence import method_of

DENIED = AuditEntry.Result.DENIED


def method_taken(request: HttpRequest | None, user: Any) -> str:
    """password, sms, oidc, wecom or credential: the way of the sign-in that just happened."""
    if request is None or not hasattr(request, "session"):
        return ""
    methods = [method_of(record) for record in get_authentication_records(request, user)]
    return next((str(method) for method in reversed(methods) if method), "")


@receiver(user_logged_in)
def signed_in(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    method = method_taken(request, user)
    detail = {"method": method} if method else {}
    log.record("account.sign_in", actor=user, target=user, request=request, **detail)


@receiver(user_logged_out)
def signed_out(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    if user is not None:
        log.record("account.sign_out", actor=user, target=user, request=request)


@receiver(user_login_failed)
def refused(
    sender: Any, credentials: Any = None, request: HttpRequest | None = None, **kwargs: Any
) -> None:
    """A wrong password. The name that was typed is not kept: it may be the password itself."""
    if request is None:
        return
    login = str((credentials or {}).get("username") or (credentials or {}).get("phone") or "")
    target = User.objects.filter(pk__in=accounts_meant(login)).first()
    log.record("account.sign_in", target=target, result=DENIED, request=request, method="password")


@receiver(login_code_rejected)
def code_refused(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    log.record("account.sign_in", target=user, result=DENIED, request=request, method="sms")


@receiver(password_changed)
def password_new(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    log.record("account.password_change", actor=user, target=user, request=request)


@receiver(social_account_added)
def identity_linked(sender: Any, request: HttpRequest, sociallogin: Any, **kwargs: Any) -> None:
    account = sociallogin.account
    log.record(
        "identity.link",
        actor=account.user,
        target=account.user,
        request=request,
        provider=account.provider,
    )


@receiver(social_account_removed)
def identity_unlinked(sender: Any, request: HttpRequest, socialaccount: Any, **kwargs: Any) -> None:
    user = socialaccount.user
    log.record(
        "identity.unlink",
        actor=user,
        target=user,
        request=request,
        provider=socialaccount.provider,
    )
