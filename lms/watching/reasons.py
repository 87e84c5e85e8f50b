"""Why somebody takes something back or sends it back: a sentence that the people concerned read."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy


def reason_field(help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=help_text,
        error_messages={"required": gettext_lazy("Please say why.")},
    )


def void_reason_field() -> forms.CharField:
    return reason_field(
        gettext_lazy("The person reads it. Please say what was found, without blame.")
    )


class ReasonForm(forms.Form):
    reason = reason_field()


class VoidForm(forms.Form):
    reason = void_reason_field()
