"""How people sign in, in the hooks of django-allauth: issued accounts, phones, limits, messages."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import log
from audit.models import AuditEntry
from notices import sms
from organizations.models import User
from organizations.signin import limits
from organizations.signin.backend import AccountBackend
from organizations.signin.devices import device_remember
from organizations.signin.fields import PhoneField
from organizations.signin.phones import phone_normalise
from organizations.signin.second_factor.adapters import SecondFactorSteps

CODE_MINUTES = 5
# Whether the session of this sign-in outlives the browser, until it is settled.
REMEMBER_KEY = "signin_remember"

MISMATCH = gettext_lazy("The account or the password is not right.")


class AccountAdapter(SecondFactorSteps):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": MISMATCH,
        "phone_password_mismatch": MISMATCH,
        "incorrect_code": gettext_lazy("The code is not right. Please look at the message again."),
        "incorrect_password": gettext_lazy("The password is not right."),
        "enter_current_password": gettext_lazy("The current password is not right."),
        "too_many_login_attempts": gettext_lazy(
            "The code was not right several times. Please have a new one sent."
        ),
        "rate_limited": gettext_lazy("That was too often. Please wait a moment."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are issued by the organisation, never self-registered."""
        return False

    # -- passwords ---------------------------------------------------------------------------------

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        user = super().authenticate(request, **credentials)
        if user:
            self._attempt.succeeded()
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        login = str(credentials.get("username") or credentials.get("phone") or "")
        try:
            self._attempt = limits.password_attempt(request, login)
        except limits.Held as held:
            sentence = limits.held_sentence(held.seconds, sms=sms.offered())
            raise ValidationError(sentence, code="held") from held

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        self.pause = self._attempt.failed()
        if self.pause:
            login = str(credentials.get("username") or credentials.get("phone") or "")
            target = User.objects.filter(pk__in=limits.accounts_meant(login)).first()
            log.record(
                "account.hold",
                target=target,
                result=AuditEntry.Result.DENIED,
                request=request,
                seconds=self.pause,
            )

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("home:me")

    # -- phones ------------------------------------------------------------------------------------

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        return PhoneField(**kwargs)

    def get_user_by_phone(self, phone: str) -> User | None:
        """Who may sign in with the number; accounts that may not are like unknown numbers."""
        number = phone_normalise(phone)
        user = User.objects.filter(phone=number).first() if number else None
        return user if user and AccountBackend().user_can_authenticate(user) else None

    def get_phone(self, user: Any) -> tuple[str, bool] | None:
        """Numbers are entered by whoever keeps the roster, so they count as verified."""
        return (user.phone, True) if user.phone else None

    def set_phone(self, user: Any, phone: str, verified: bool) -> None:
        raise PermissionDenied(_("Whoever keeps the roster changes a phone number."))

    def set_phone_verified(self, user: Any, phone: str) -> None:
        """Nothing to note: see get_phone."""

    def send_verification_code_sms(self, user: Any, phone: str, code: str, **kwargs: Any) -> None:
        text = _("%(code)s is your code for %(site)s, valid for %(minutes)d minutes. Tell nobody.")
        values = {"code": code, "site": settings.SITE_FIELDS["name"], "minutes": CODE_MINUTES}
        named = {name: str(value) for name, value in values.items()}
        sms.send(sms.Message(phone=phone, text=text % values, values=named))

    # -- signing in --------------------------------------------------------------------------------

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        """Every way passes here: an account that may not sign in does not, whoever vouches."""
        if AccountBackend().user_can_authenticate(user):
            return None
        clear_login(request)
        messages.error(request, not_activated_sentence())
        return HttpResponseRedirect(reverse("account_login"))

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().post_login(request, user, **kwargs)
        device_remember(request, response, user.pk)
        if request.session.pop(REMEMBER_KEY, True) is False:
            request.session.set_expiry(0)
        return response


def not_activated_sentence() -> str:
    return _(
        "This account is not in use yet. Please ask your branch for a one-time code and set a "
        "password with it first."
    )
