"""What a person tells about a recording when handing it in."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.models import Subject
from media_pipeline.models import VideoAsset

TITLE_LENGTH, SPEAKER_LENGTH, SUMMARY_LENGTH = 80, 60, 200


class SubmissionForm(forms.Form):
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=TITLE_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    speaker = forms.CharField(
        label=gettext_lazy("Speaker"),
        max_length=SPEAKER_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    recorded_on = forms.DateField(
        label=gettext_lazy("Recorded on"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": gettext_lazy("Please choose a date.")},
    )
    subject = forms.ChoiceField(
        label=gettext_lazy("Subject"), choices=Subject.choices, initial=Subject.SKILLS
    )
    summary = forms.CharField(
        label=gettext_lazy("Summary"),
        required=False,
        max_length=SUMMARY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("What people learn in it, in one or two sentences; at most 200."),
    )
    declaration = forms.BooleanField(
        label=gettext_lazy(
            "I have watched the recording: it holds no secrets and nothing private, and everybody "
            "shown agrees to its publication."
        ),
        error_messages={
            "required": gettext_lazy("Please check the recording and tick this before submitting.")
        },
    )
    asset = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={
            "required": gettext_lazy("Please choose a recording and wait until it is sent."),
            "invalid": gettext_lazy("Please choose the recording again."),
        },
    )

    def __init__(self, *args: Any, user: Any, today: dt.date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.today = today or timezone.localdate()
        self.fields["recorded_on"].widget.attrs["max"] = self.today.isoformat()

    def clean_recorded_on(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["recorded_on"]
        if day is not None and day > self.today:
            raise forms.ValidationError(_("This day lies in the future. Please choose another."))
        return day

    def clean_asset(self) -> VideoAsset:
        """The person's own recording, unless it was refused."""
        asset = VideoAsset.objects.owned_by(self.user).filter(pk=self.cleaned_data["asset"]).first()
        if asset is None:
            raise forms.ValidationError(_("Please choose the recording again."))
        if asset.state == VideoAsset.State.REFUSED:
            raise forms.ValidationError(
                _("This recording did not pass the check. Please choose another one.")
            )
        return asset
