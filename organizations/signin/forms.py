"""Forms of the pages for signing in, handed to allauth by ACCOUNT_FORMS, and our own."""

from __future__ import annotations

import unicodedata
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import (
    ChangePasswordForm,
    ConfirmLoginCodeForm,
    LoginForm,
    RequestLoginCodeForm,
)
from allauth.account.models import Login
from allauth.core import context
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notices import sms
from organizations.signin import limits
from organizations.signin.fields import NewPasswordField, PhoneField
from organizations.signin.passwords import LONGEST
from organizations.signin.phones import phone_normalise


def login_normalise(text: str) -> str:
    """An account name as it is kept, or a phone number, from whatever was typed."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return phone_normalise(plain) or plain


class SignInForm(LoginForm):
    """Account name or phone, and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].validators.append(MaxLengthValidator(150))
        self.fields["password"].validators.append(MaxLengthValidator(LONGEST))

    def clean_login(self) -> str:
        return login_normalise(self.cleaned_data["login"])

    def user_credentials(self) -> dict[str, Any]:
        login = self.cleaned_data["login"]
        credentials = {"username": login, "password": self.cleaned_data.get("password", "")}
        if phone := phone_normalise(login):
            credentials["phone"] = phone
        return credentials

    def _clean_with_password(self, credentials: dict[str, Any]) -> dict[str, Any]:
        adapter = get_adapter(self.request)
        user = adapter.authenticate(self.request, **credentials)
        if not user:
            pause = getattr(adapter, "pause", 0)
            if pause:
                raise ValidationError(limits.held_sentence(pause, sms=sms.offered()), code="held")
            raise adapter.validation_error("username_password_mismatch")
        self._login = Login(user=user)
        self.user = user
        return dict(self.cleaned_data)


class SmsRequestForm(RequestLoginCodeForm):
    """The number that a code is sent to. Says the same whether or not somebody has it."""

    remember = forms.BooleanField(required=False)

    def clean_phone(self) -> str:
        phone = str(self.cleaned_data["phone"])
        self._user = get_adapter().get_user_by_phone(phone)
        try:
            limits.sms_take(context.request, phone, self._user)
        except limits.Held as held:
            wait = limits.wait_words(held.seconds)
            raise ValidationError(
                _("A code was just sent, or several were. The next one can be sent in %(wait)s.")
                % {"wait": wait},
                code="held",
            ) from held
        return phone


class SmsCodeForm(ConfirmLoginCodeForm):
    """The code from the message; full-width digits and spaces are let pass."""

    def clean_code(self) -> str:
        self.cleaned_data["code"] = unicodedata.normalize("NFKC", self.cleaned_data["code"])
        return str(super().clean_code())


class NewPasswordMixin:
    """Checks a new password against the rules for `self.user` and shows them."""

    user: Any

    def least(self) -> int:
        return int(settings.PASSWORD_MIN_LENGTH)

    def rules(self) -> list[str]:
        return [text for text in password_validators_help_texts() if text]

    def clean_password1(self) -> str:
        password = str(self.cleaned_data["password1"])  # type: ignore[attr-defined]
        get_adapter().clean_password(password, user=self.user)
        return password


class PasswordChangeForm(NewPasswordMixin, ChangePasswordForm):
    """The current password and a new one; it can be shown, so it is typed once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        self.fields["oldpassword"] = forms.CharField(
            label=gettext_lazy("Current password"),
            strip=False,
            max_length=LONGEST,
            widget=forms.PasswordInput(
                attrs={"class": "input", "autocomplete": "current-password"}
            ),
        )
        self.fields["password1"] = NewPasswordField()


class NewPasswordForm(NewPasswordMixin, forms.Form):
    """A first password, or a new one for a forgotten one."""

    password1 = NewPasswordField()

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user


class FirstPasswordForm(NewPasswordForm):
    agreed = forms.BooleanField(
        error_messages={
            "required": gettext_lazy("Please read the privacy notice and tick that you agree.")
        }
    )


class FirstForm(forms.Form):
    """Account name or phone, and the code of the slip."""

    login = forms.CharField(label=gettext_lazy("Account or phone"), max_length=150)
    code = forms.CharField(label=gettext_lazy("One-time code"), max_length=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain = {
            "class": "input",
            "autocapitalize": "none",
            "autocorrect": "off",
            "spellcheck": "false",
        }
        self.fields["login"].widget.attrs.update({**plain, "autocomplete": "username"})
        self.fields["code"].widget.attrs.update({**plain, "autocomplete": "off"})

    def clean_login(self) -> str:
        return login_normalise(self.cleaned_data["login"])


__all__ = [
    "FirstForm",
    "FirstPasswordForm",
    "NewPasswordForm",
    "PasswordChangeForm",
    "PhoneField",
    "SignInForm",
    "SmsCodeForm",
    "SmsRequestForm",
    "login_normalise",
]
