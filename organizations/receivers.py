"""Sign-ins and refusals go to the audit log."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from audit import log
from audit.models import AuditEntry


@receiver(user_logged_in)
def signed_in(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    log.record("account.sign_in", actor=user, target=user, request=request)


@receiver(user_logged_out)
def signed_out(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    if user is not None:
        log.record("account.sign_out", actor=user, target=user, request=request)


@receiver(user_login_failed)
def refused(sender: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
    if request is not None:
        log.record("account.sign_in", result=AuditEntry.Result.DENIED, request=request)
