"""Forms of keepers: answering a wish, erasing somebody."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from organizations.privacy.corrections import LENGTH
from organizations.privacy.erasing import Reason


class AnswerForm(forms.Form):
    done = forms.TypedChoiceField(
        label=_("Result"),
        choices=(("yes", _("corrected")), ("no", _("not changed"))),
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label=_("Answer"),
        max_length=LENGTH,
        widget=forms.Textarea(attrs={"rows": 3, "class": "input"}),
        help_text=_("One sentence that the person will read: what was changed, or why not."),
    )


class EraseForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Reason"), choices=Reason.choices, widget=forms.Select(attrs={"class": "input"})
    )
    sure = forms.BooleanField(label=_("I know that this cannot be undone"))
