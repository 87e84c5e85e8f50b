"""Pages for signing in with a password or a text message, and for passwords.

allauth's own views with what our pages need; one-time credentials have `first_views` and
`credential_views`, second factors their own folder.
"""

from __future__ import annotations

import time
from typing import Any

from allauth.account import views as allauth_views
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.stagekit import clear_login
from allauth.account.stages import LoginByCodeStage
from allauth.decorators import rate_limit
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.views import ConnectionsView
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import TemplateView
from django.views.generic.edit import FormView

from audit import log
from notices import sms
from organizations.models import User
from organizations.people.masking import masked_phone
from organizations.signin import adapter as signin_adapter
from organizations.signin import limits
from organizations.signin.forms import NewPasswordForm
from organizations.signin.sessions import sessions_end_others
from organizations.signin.social import apps_configured

# How long after a code by text message a forgotten password may be set anew.
RESET_SECONDS = 600


class FreshStartMixin:
    """Whoever goes back from the page of the code starts anew instead of being led there again."""

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: Any) -> Any:
        if stage.key == LoginByCodeStage.key:
            clear_login(request)
            return None
        return super()._redirect_to_pending_stage(request, stage)  # type: ignore[misc]


class SignInView(FreshStartMixin, allauth_views.LoginView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context.update(
            sms_offered=sms.offered(),
            providers=[
                {"name": app.name, "url": provider_address(app), "kind": app.provider}
                for app in apps_configured()
            ],
        )
        return context


def provider_address(app: Any) -> str:
    if app.provider == "openid_connect":
        return reverse("openid_connect_login", kwargs={"provider_id": app.provider_id})
    return reverse(f"{app.provider}_login")


class LinkedView(ConnectionsView):
    """Which identities of other systems sign in to the own account."""

    template_name = "socialaccount/connections.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        apps = {app.provider_id: app for app in apps_configured()}
        accounts = SocialAccount.objects.filter(user_id=self.request.user.pk).order_by("pk")
        linked = [
            {
                "pk": account.pk,
                "name": apps[account.provider].name if account.provider in apps else "–",
                "since": account.date_joined,
            }
            for account in accounts
        ]
        taken = {account.provider for account in accounts}
        offered = [
            {"name": app.name, "url": provider_address(app)}
            for name, app in apps.items()
            if name not in taken
        ]
        return super().get_context_data(linked=linked, offered=offered, **kwargs)


class SmsOfferedMixin:
    """404 while no text message can be sent."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not sms.offered():
            raise Http404
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response


class SmsRequestView(SmsOfferedMixin, FreshStartMixin, allauth_views.RequestLoginCodeView):
    template_name = "account/sms_request.html"

    def form_valid(self, form: Any) -> HttpResponseBase:
        self.request.session[signin_adapter.REMEMBER_KEY] = form.cleaned_data["remember"]
        response: HttpResponseBase = super().form_valid(form)
        return response


class SmsConfirmView(SmsOfferedMixin, allauth_views.ConfirmLoginCodeView):
    template_name = "account/sms_confirm.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        phone = self._process.state.get("phone", "")
        context.update(
            phone=phone,
            phone_masked=masked_phone(phone),
            minutes=signin_adapter.CODE_MINUTES,
            remember=self.request.session.get(signin_adapter.REMEMBER_KEY, False),
        )
        return context

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        sent, signin = self._process.state, get_adapter()
        if not limits.code_try(f"{sent.get('phone')}:{sent['at']}", self._process.timeout):
            self._process.abort()
            messages.error(request, signin.error_messages["too_many_login_attempts"])
            return redirect("account_request_login_code")
        response: HttpResponseBase = super().post(request, *args, **kwargs)
        return response


class PasswordChangeView(allauth_views.PasswordChangeView):
    """Needs the current password; every other session ends with it."""


class ForgottenView(TemplateView):
    template_name = "account/forgotten.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(sms_offered=sms.offered(), **kwargs)


# Before the limit, which counts by person and so breaks for nobody in particular.
@method_decorator(login_required, name="dispatch")
@method_decorator(sensitive_post_parameters("password1"), name="dispatch")
@method_decorator(never_cache, name="dispatch")
@method_decorator(rate_limit(action="change_password"), name="dispatch")
class NewPasswordView(FormView):
    """A new password without the old one, just after a code by text message proved the phone."""

    template_name = "account/new_password.html"
    form_class = NewPasswordForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not came_by_code(request):
            return redirect("account_change_password")
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def form_valid(self, form: Any) -> Any:
        user = self.request.user
        assert isinstance(user, User)
        with transaction.atomic():
            get_adapter().set_password(user, form.cleaned_data["password1"])
            log.record("account.password_reset", target=user, request=self.request, method="sms")
        update_session_auth_hash(self.request, user)
        sessions_end_others(request=self.request)
        messages.success(
            self.request, _("The new password is saved. Other devices are signed out.")
        )
        return redirect("home:index")


def came_by_code(request: HttpRequest) -> bool:
    """Whether this session began with a code by text message, a short while ago."""
    return any(
        record["method"] == "code" and time.time() - record["at"] < RESET_SECONDS
        for record in get_authentication_records(request, request.user)
    )
