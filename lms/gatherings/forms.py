"""What people tell about a gathering: unit, day, lecture, place; a reason; a list on paper."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.models import LecturePage
from cms.programme.forms import UnitForm, date_input, unit_field
from cms.programme.models import Programme
from cms.programme.recordings import recording_named
from lms.gatherings.models import MOST_GUESTS, Gathering
from lms.ledger.evidence_files import Checked, FileRefused, evidence_checked
from lms.watching.reasons import reason_field

PLACE = gettext_lazy("Activity room of the branch")


def lecture_field(**more: Any) -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Lecture"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Title or address of the lecture in the library."),
        **more,
    )


def place_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Place"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def lecture_meant(text: str) -> LecturePage | None:
    """Raises ValidationError."""
    if not text.strip():
        return None
    found = recording_named(text.strip())
    if found is None:
        raise forms.ValidationError(
            _("No published lecture has this title or address. Please search for it first.")
        )
    return found


class PlanForm(UnitForm, forms.Form):
    organization = unit_field()
    on = forms.DateField(
        label=gettext_lazy("For which day"),
        widget=date_input(),
        error_messages={"invalid": gettext_lazy("Please choose a date.")},
    )
    lecture = lecture_field()
    place = place_field()
    wish = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        user: Any,
        today: dt.date,
        programme: Programme | None = None,
        lecture: LecturePage | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.programme = programme
        if programme is not None:
            del self.fields["lecture"], self.fields["organization"]
            self.only = programme.organization
        else:
            self.units_from(user)
        self.fields["on"].initial = max(programme.on, today) if programme else today
        self.fields["on"].widget.attrs["min"] = today.isoformat()
        self.fields["place"].initial = str(PLACE)
        self.fields["wish"].initial = uuid.uuid4()
        if lecture is not None:
            self.fields["lecture"].initial = lecture.title

    def clean_lecture(self) -> LecturePage | None:
        return lecture_meant(self.cleaned_data["lecture"])

    def facts(self) -> dict[str, Any]:
        """What `gathering_plan` takes."""
        return {
            "organization": self.unit(),
            "on": self.cleaned_data["on"],
            "place": self.cleaned_data["place"],
            "lecture": self.cleaned_data.get("lecture"),
            "programme": self.programme,
            "wish": self.cleaned_data["wish"],
        }


class PlaceForm(forms.Form):
    place = place_field()


class ChooseUnitForm(UnitForm, forms.Form):
    organization = unit_field()

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units_from(user)


class ReasonForm(forms.Form):
    reason = reason_field(gettext_lazy("The branch reads it."))


def time_field(label: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"invalid": gettext_lazy("Please choose a time.")},
    )


class PaperForm(forms.ModelForm):
    begins = time_field(gettext_lazy("Began at"))
    ends = time_field(gettext_lazy("Ended at"))
    lecture = lecture_field(required=False)
    guests = forms.IntegerField(
        label=gettext_lazy("Guests"),
        min_value=0,
        max_value=MOST_GUESTS,
        initial=0,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        help_text=gettext_lazy("People who are not in the list below; their number only."),
    )
    photo = forms.FileField(
        label=gettext_lazy("Photo of the list"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
        help_text=gettext_lazy("A photo or PDF of the signed list, up to 10 MB."),
        error_messages={
            "required": gettext_lazy("Please add a photo or a PDF."),
            "empty": gettext_lazy("The file is empty."),
        },
    )
    wish = forms.UUIDField(widget=forms.HiddenInput)

    class Meta:
        model = Gathering
        fields = ("on", "title", "place")
        widgets = {"on": date_input()}
        error_messages = {"on": {"invalid": gettext_lazy("Please choose a date.")}}

    field_order = (
        *("title", "lecture", "on", "begins", "ends", "place", "guests", "photo", "wish"),
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.checked: Checked | None = None
        self.fields["on"].widget.attrs["max"] = today.isoformat()
        self.fields["wish"].initial = uuid.uuid4()
        self.fields["place"].initial = str(PLACE)
        for name in ("title", "place"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def clean_lecture(self) -> LecturePage | None:
        return lecture_meant(self.cleaned_data["lecture"])

    def clean_photo(self) -> Any:
        try:
            self.checked = evidence_checked(self.cleaned_data["photo"])
        except FileRefused as problem:
            raise forms.ValidationError(str(problem)) from problem
        return self.cleaned_data["photo"]
