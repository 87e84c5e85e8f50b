"""What members and those responsible fill in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cms.enquiries.models import ANSWER_LENGTH, LENGTH, Enquiry


def words(label: Any, help_text: Any, *, longest: int = LENGTH, rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=longest,
        widget=forms.Textarea(attrs={"rows": rows, "class": "input"}),
    )


class QuestionForm(forms.Form):
    text = words(
        _("Your question"),
        _("It is published with its answer, without your name. Please write no personal data."),
    )


class ProblemForm(forms.Form):
    about = forms.ChoiceField(
        label=_("What is wrong?"), choices=Enquiry.About.choices, widget=forms.RadioSelect
    )
    text = words(
        _("What you saw or heard"),
        _("If you can, with the time in the film. Please write no personal data of others."),
    )


class SuggestionForm(forms.Form):
    text = words(
        _("Your complaint or suggestion"),
        _("Those responsible for the library in your unit and above read it."),
        rows=5,
    )


class AnswerForm(forms.Form):
    text = words(_("Answer"), "", longest=ANSWER_LENGTH, rows=4)
