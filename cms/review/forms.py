"""What reviewers type; each field tidied as the author's are."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cms.review.acts import Verdict
from cms.review.models import NOTE_LENGTH, ReviewLine
from cms.review.text_hygiene import tidy_text
from cms.submission_form import TidyField
from organizations.models import Organization

_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{1,2}(?:\.\d+)?)|(\d{1,6}(?:\.\d+)?)", re.ASCII)


class MomentField(forms.CharField):
    """A second of the recording: "83", "1:23", "1:02:03"; empty is the whole."""

    def to_python(self, value: Any) -> Any:
        """Seconds, None for the whole."""
        text = (super().to_python(value) or "").strip().replace("：", ":")
        if not text:
            return None
        found = _CLOCK.fullmatch(text)
        if found is None:
            raise forms.ValidationError(_("Please write the time as minutes:seconds."))
        hours, minutes, seconds, plain = found.groups()
        if plain is not None:
            return float(plain)
        return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds)


class AtForm(forms.Form):
    """What its author looked at."""

    step = forms.IntegerField(min_value=1, max_value=2**62)
    version = forms.IntegerField(min_value=1, max_value=2**31)
    words = forms.CharField(max_length=32, required=False)


class DecisionForm(AtForm):
    verdict = forms.ChoiceField(choices=[(one.value, one.value) for one in Verdict])
    note = TidyField(tidy=tidy_text, required=False, max_length=NOTE_LENGTH)
    secrecy = forms.BooleanField(required=False)
    proofread = forms.BooleanField(required=False)


class CommentForm(forms.Form):
    version = forms.IntegerField(min_value=1, max_value=2**31)
    text = TidyField(
        tidy=tidy_text,
        max_length=NOTE_LENGTH,
        error_messages={"required": _("Please write what is to be changed.")},
    )
    at = MomentField(required=False)


class TakeDownForm(forms.Form):
    reason = TidyField(
        tidy=tidy_text,
        label=_("Why it is taken down"),
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Please write down why it is taken down.")},
    )


class LineForm(forms.Form):
    levels = forms.MultipleChoiceField(
        label=_("Levels that take part"),
        choices=[
            ("township", _("Townships and streets")),
            ("county", _("Counties and districts")),
            ("city", _("The city")),
        ],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    above = forms.ChoiceField(
        label=_("A level above the first adds"), choices=ReviewLine.Above.choices
    )
    separate = forms.BooleanField(
        label=_("Proofreading by somebody else than the reviewer"), required=False
    )

    def __init__(
        self, data: Any = None, *, head: Organization, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, prefix=head.code, initial=initial)
        if head.kind == Organization.Kind.LINE:
            # A line unit decides about its own; above it there is the city alone.
            levels: Any = self.fields["levels"]
            levels.choices = [one for one in levels.choices if one[0] == "city"]
