"""What a person tells about a recording when handing it in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.curated import Audience
from cms.models import Subject
from cms.review.models import SCRIPT_LENGTH
from cms.review.text_hygiene import tidy_line, tidy_text
from cms.review.words import words_open
from media_pipeline.captions.cues import MOST_BYTES, CaptionFault
from media_pipeline.captions.messages import caption_sentence
from media_pipeline.captions.tracks import captions_put
from media_pipeline.models import VideoAsset

TITLE_LENGTH, SPEAKER_LENGTH, SUMMARY_LENGTH = 80, 60, 200


class TidyField(forms.CharField):
    """Text without the signs that nobody sees; what is left is counted and asked for."""

    def __init__(self, *, tidy: Callable[[str], str] = tidy_line, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.tidy = tidy

    def to_python(self, value: Any) -> str:
        return self.tidy(super().to_python(value) or "")


def audience_choices() -> list[tuple[str, str]]:
    """The list that the library keeps; it may be empty."""
    return [(str(one.pk), one.name) for one in Audience.objects.all()]


class SubmissionForm(forms.Form):
    title = TidyField(
        label=gettext_lazy("Title"),
        max_length=TITLE_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    speaker = TidyField(
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
    audiences = forms.MultipleChoiceField(
        label=gettext_lazy("For whom"),
        choices=audience_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Without a choice it is meant for all members."),
        error_messages={
            "invalid_choice": gettext_lazy("This list has changed. Please choose once more.")
        },
    )
    summary = TidyField(
        tidy=tidy_text,
        label=gettext_lazy("Summary"),
        required=False,
        max_length=SUMMARY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "data-counted": SUMMARY_LENGTH}),
        help_text=gettext_lazy("What people learn in it, in one or two sentences; at most 200."),
    )
    captions = forms.FileField(
        label=gettext_lazy("Caption file"),
        required=False,
        max_length=255,
        help_text=gettext_lazy("SRT or VTT, as exported by a captioning program."),
        widget=forms.FileInput(attrs={"accept": ".srt,.vtt,text/vtt,application/x-subrip"}),
        error_messages={
            "empty": gettext_lazy("This file is empty. Please export the captions again.")
        },
    )
    script = TidyField(
        tidy=tidy_text,
        label=gettext_lazy("Script"),
        required=False,
        max_length=SCRIPT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "data-counted": SCRIPT_LENGTH}),
        help_text=gettext_lazy("What is said, for the reviewers; members do not see it."),
    )
    declaration = forms.BooleanField(
        label=gettext_lazy(
            "I have watched the recording to its end. It holds no state secrets, no work secrets, "
            "nothing internal and nothing private, and everybody shown agrees to its publication. "
            "What is secret does not go online, what goes online is not secret; who uploads "
            "answers for it."
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

    def __init__(
        self,
        *args: Any,
        user: Any,
        present: VideoAsset | None = None,
        today: dt.date | None = None,
        **kwargs: Any,
    ) -> None:
        """`present` is the recording of a submission that is being changed; it may stay."""
        super().__init__(*args, **kwargs)
        self.user = user
        self.present = present
        self.today = today or timezone.localdate()
        self.fields["recorded_on"].widget.attrs["max"] = self.today.isoformat()

    def clean_recorded_on(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["recorded_on"]
        if day is not None and day > self.today:
            raise forms.ValidationError(_("This day lies in the future. Please choose another."))
        return day

    def clean_asset(self) -> VideoAsset:
        """The person's own recording, unless it was refused."""
        if self.present is not None and self.cleaned_data["asset"] == self.present.pk:
            return self.present
        asset = VideoAsset.objects.owned_by(self.user).filter(pk=self.cleaned_data["asset"]).first()
        if asset is None:
            raise forms.ValidationError(_("Please choose the recording again."))
        if asset.state == VideoAsset.State.REFUSED:
            raise forms.ValidationError(
                _("This recording did not pass the check. Please choose another one.")
            )
        return asset

    def clean_audiences(self) -> list[Audience]:
        return list(Audience.objects.filter(pk__in=self.cleaned_data["audiences"]))

    def words(self) -> dict[str, Any]:
        """What was said about the lecture, for the services."""
        names = ("title", "speaker", "subject", "summary", "recorded_on", "audiences", "script")
        return {name: self.cleaned_data[name] for name in names}

    def captions_take(self, *, user: Any, now: dt.datetime) -> bool:
        """Keep the captions that came along, even while something else is still missing: a chosen
        file is lost with the answer. Whether they are in place; a fault becomes the field's error.
        """
        file = self.cleaned_data.get("captions")
        asset = self.cleaned_data.get("asset")
        if file is None or asset is None:
            return False
        try:
            with words_open(asset=asset, user=user):
                captions_put(asset=asset, data=file.read(MOST_BYTES + 1), actor=user, now=now)
        except PermissionDenied as refusal:
            self.add_error("captions", str(refusal))
            return False
        except CaptionFault as problem:
            self.add_error("captions", caption_sentence(problem))
            return False
        return True
