"""What people tell when they order a menu or log a lecture."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.models import LecturePage
from cms.programme.activities import FIELDS, day_problem
from cms.programme.models import LectureActivity
from cms.programme.permissions import held_units
from cms.programme.recordings import recording_named
from organizations.models import Organization
from organizations.people.unit_field import UnitField


def date_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class UnitForm:
    """For which unit: asked only of those who hold a post in several, or above branches."""

    fields: dict[str, Any]
    cleaned_data: dict[str, Any]

    def units_from(self, user: Any) -> None:
        units = held_units(user)
        self.only = units[0] if len(units) == 1 and units[0].is_leaf() else None
        field: UnitField = self.fields["organization"]
        if self.only is not None:
            del self.fields["organization"]
            return
        field.choices_from(within=units)
        self.offered = field.offered()
        field.widget.attrs["list"] = "units"

    def unit(self) -> Organization:
        found: Organization = self.only or self.cleaned_data["organization"]
        return found


def unit_field() -> UnitField:
    return UnitField(
        label=gettext_lazy("Unit"), help_text=gettext_lazy("Name or code of the branch.")
    )


class OrderForm(UnitForm, forms.Form):
    organization = unit_field()
    on = forms.DateField(
        label=gettext_lazy("For which day"),
        widget=date_input(),
        error_messages={"invalid": gettext_lazy("Please choose a date.")},
    )

    def __init__(self, *args: Any, user: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units_from(user)
        self.fields["on"].initial = today
        self.fields["on"].widget.attrs["min"] = today.isoformat()


class DayForm(forms.Form):
    on = forms.DateField(
        label=gettext_lazy("Another day"),
        widget=date_input(),
        error_messages={"invalid": gettext_lazy("Please choose a date.")},
    )


class ActivityForm(UnitForm, forms.ModelForm):
    organization = unit_field()
    recording = forms.CharField(
        label=gettext_lazy("Recording in the library"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Title or address of the lecture, when it is there."),
    )

    class Meta:
        model = LectureActivity
        fields = ("held_on", "title", "speaker", "place", "headcount")
        widgets = {"held_on": date_input()}
        error_messages = {"held_on": {"invalid": gettext_lazy("Please choose a date.")}}

    field_order = ("organization", "held_on", "title", "speaker", "place", "headcount", "recording")

    def __init__(self, *args: Any, user: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.today = user, today
        self.only: Organization | None
        if self.instance.pk or self.initial.get("programme"):
            # An activity stays with the unit that held it.
            self.only = self.initial.get("unit") or self.instance.organization
            del self.fields["organization"]
        else:
            self.units_from(user)
        if self.instance.recording_id:
            self.fields["recording"].initial = self.instance.recording.title
        self.fields["held_on"].widget.attrs["max"] = today.isoformat()
        self.fields["headcount"].widget.attrs["inputmode"] = "numeric"
        for name in ("title", "speaker", "place"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def clean_held_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["held_on"]
        if problem := day_problem(day, today=self.today):
            raise forms.ValidationError(problem)
        return day

    def clean_recording(self) -> LecturePage | None:
        text = self.cleaned_data["recording"].strip()
        if not text:
            return None
        if self.instance.recording_id and text == self.instance.recording.title:
            return self.instance.recording
        found = recording_named(text)
        if found is None:
            raise forms.ValidationError(
                _("No published lecture has this title or address. You can leave it empty.")
            )
        return found

    def facts(self) -> dict[str, Any]:
        """What `activity_log` and `activity_change` take."""
        return {name: self.cleaned_data[name] for name in FIELDS}


class ImportForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Workbook"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
        error_messages={
            "required": gettext_lazy("Please choose a workbook."),
            "empty": gettext_lazy("The file is empty."),
        },
    )
