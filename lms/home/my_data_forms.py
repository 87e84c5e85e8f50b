"""Forms of one's own data."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from organizations.privacy.corrections import LENGTH


class PhoneForm(forms.Form):
    phone = forms.CharField(
        label=_("Phone"),
        max_length=20,
        required=False,
        widget=forms.TextInput(
            attrs={"type": "tel", "class": "input", "autocomplete": "tel", "inputmode": "tel"}
        ),
        help_text=_("Leave it empty if no number is to be kept."),
    )


class PhoneCodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code from the text message"),
        max_length=6,
        widget=forms.TextInput(
            attrs={"class": "input", "autocomplete": "one-time-code", "inputmode": "numeric"}
        ),
    )


class WishForm(forms.Form):
    text = forms.CharField(
        label=_("What is wrong and what is right"),
        max_length=LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "class": "input"}),
        help_text=_("For instance: my name is written with another character; I moved branch."),
    )


class EraseForm(forms.Form):
    sure = forms.BooleanField(label=_("I know that this cannot be undone"))
