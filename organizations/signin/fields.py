"""Form fields of the pages for signing in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.signin.phones import phone_normalise


class PhoneField(forms.CharField):
    """A phone number, however it is typed; its cleaned value is the spelling of the accounts."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Phone"))
        kwargs.setdefault("max_length", 30)
        super().__init__(**kwargs)
        self.widget.attrs.update(
            {"class": "input", "type": "tel", "inputmode": "tel", "autocomplete": "tel"}
        )

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        number = phone_normalise(text) if text else ""
        if number is None:
            raise ValidationError(
                _("Please enter a mobile number of 11 digits."), code="invalid_phone"
            )
        return number


class NewPasswordField(forms.CharField):
    """A new password: kept as typed, may be pasted, shown by a button."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("New password"))
        kwargs.setdefault("strip", False)
        kwargs["widget"] = forms.PasswordInput(
            attrs={"class": "input", "autocomplete": "new-password"}
        )
        super().__init__(**kwargs)
