"""The pages of a one-time code: enter it, set a password, be signed in.

The code reaches the server in the body of a POST only. A slip's QR code carries it in the
fragment of the address, which no browser sends: a script puts it into the form, and whoever has
no script types it.
"""

from __future__ import annotations

import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic.edit import FormView

from audit import log
from audit.models import AuditEntry
from organizations.models import Credential, User
from organizations.signin import limits
from organizations.signin.adapter import REMEMBER_KEY
from organizations.signin.credentials import (
    CredentialError,
    credential_find,
    credential_use,
    usable,
)
from organizations.signin.forms import FirstForm, FirstPasswordForm, NewPasswordForm

SESSION_KEY = "first_credential"
# Time to think of a password.
SECONDS = 1800


@method_decorator(sensitive_post_parameters("code"), name="dispatch")
@method_decorator(never_cache, name="dispatch")
class FirstView(FormView):
    """Account and code. What is wrong is not said: that would tell which accounts exist."""

    template_name = "account/first.html"
    form_class = FirstForm

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            attempt = limits.credential_attempt(self.request)
        except limits.Held as held:
            wait = limits.wait_words(held.seconds)
            form.add_error(
                None,
                _("Too many wrong codes came from this network. Please try again in %(wait)s.")
                % {"wait": wait},
            )
            return self.form_invalid(form)
        accounts = limits.accounts_meant(form.cleaned_data["login"])
        credential = credential_find(
            accounts=accounts, code=form.cleaned_data["code"], now=timezone.now()
        )
        if credential is None:
            attempt.failed()
            log.record(
                "credential.use",
                target=User.objects.filter(pk__in=accounts).first(),
                result=AuditEntry.Result.DENIED,
                request=self.request,
            )
            form.add_error(
                None,
                _(
                    "Account and code do not belong together, or the code was used or has run "
                    "out. Please compare them with the slip, or ask your branch for a new one."
                ),
            )
            return self.form_invalid(form)
        attempt.succeeded()
        self.request.session[SESSION_KEY] = [credential.pk, time.time()]
        return redirect("account_first_password")


@method_decorator(sensitive_post_parameters("password1"), name="dispatch")
@method_decorator(never_cache, name="dispatch")
class FirstPasswordView(FormView):
    """A password of one's own, and the privacy notice when it is the first time."""

    template_name = "account/first_password.html"
    credential: Credential

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        credential = self._entered(request)
        if credential is None:
            return redirect("account_first")
        self.credential = credential
        return super().dispatch(request, *args, **kwargs)

    def _entered(self, request: HttpRequest) -> Credential | None:
        key, at = request.session.get(SESSION_KEY, (None, 0.0))
        if key is None or time.time() - at > SECONDS:
            return None
        credential = Credential.objects.select_related("user").filter(pk=key).first()
        return credential if credential and usable(credential, timezone.now()) else None

    def get_form_class(self) -> type[NewPasswordForm]:
        return FirstPasswordForm if self.credential.user.activated_at is None else NewPasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.credential.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(person=self.credential.user, **kwargs)

    def form_valid(self, form: Any) -> Any:
        try:
            user = credential_use(
                credential=self.credential,
                password=form.cleaned_data["password1"],
                request=self.request,
                now=timezone.now(),
            )
        except CredentialError as problem:
            messages.error(self.request, str(problem))
            return redirect("account_first")
        # Whoever was signed in here before is not any more.
        get_adapter().logout(self.request)
        self.request.session[REMEMBER_KEY] = False
        record_authentication(self.request, user, method="credential")
        return perform_login(self.request, Login(user=user))
