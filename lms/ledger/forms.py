"""What people tell about hours: a claim, a reason, a rule, a target, a year."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.ledger.claims import day_problem
from lms.ledger.evidence_files import Checked, FileRefused, evidence_checked
from lms.ledger.models import CATEGORIES, KINDS, ExternalClaim
from lms.ledger.rules import Kind, Rule
from organizations.people.unit_field import UnitField

BANDS = (Kind.SELF_STUDY, Kind.CLASS)


def date_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def hours_field(label: Any, **kwargs: Any) -> forms.DecimalField:
    kwargs = {"min_value": Decimal(0), "max_value": Decimal(200)} | kwargs
    return forms.DecimalField(
        label=label,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"step": "0.25", "inputmode": "decimal"}),
        **kwargs,
    )


class ClaimForm(forms.ModelForm):
    hours = hours_field(
        gettext_lazy("Hours"), min_value=Decimal("0.25"), max_value=Decimal(100),
        help_text=gettext_lazy("45 minutes are one hour of learning, a whole day at most 8."),
    )  # fmt: skip
    file = forms.FileField(
        label=gettext_lazy("Evidence"),
        help_text=gettext_lazy(
            "A photo of the certificate, the notice or the list, or a PDF; up to 10 MB."
        ),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
        error_messages={
            "required": gettext_lazy("Please add a photo or a PDF."),
            "empty": gettext_lazy("The file is empty."),
        },
    )
    wish = forms.UUIDField(widget=forms.HiddenInput)

    class Meta:
        model = ExternalClaim
        fields = ("title", "host", "learnt_on", "hours")
        widgets = {"learnt_on": date_input()}
        error_messages = {"learnt_on": {"invalid": gettext_lazy("Please choose a date.")}}

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.checked: Checked | None = None
        self.fields["learnt_on"].widget.attrs["max"] = today.isoformat()
        for name in ("title", "host"):
            self.fields[name].widget.attrs["autocomplete"] = "off"
        if self.instance.pk:
            del self.fields["wish"]
            self.fields["file"].required = False
            self.fields["file"].help_text = _("Only if it should replace the one that is there.")
        else:
            self.fields["wish"].initial = uuid.uuid4()

    def clean_learnt_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["learnt_on"]
        if problem := day_problem(day, today=self.today):
            raise forms.ValidationError(problem)
        return day

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file:
            try:
                self.checked = evidence_checked(file)
            except FileRefused as problem:
                raise forms.ValidationError(str(problem)) from problem
        return file

    def facts(self) -> dict[str, Any]:
        """What `claim_make` and `claim_change` take, without the wish."""
        file = self.cleaned_data["file"]
        names = ("title", "host", "learnt_on", "hours")
        return {
            **{name: self.cleaned_data[name] for name in names},
            "file": self.checked,
            "file_name": str(file.name)[-120:] if file else "",
        }


class RuleForm(forms.Form):
    """The newest terms to begin with; one kind of lecture after the other."""

    valid_from = forms.DateField(
        label=gettext_lazy("In force from"),
        widget=date_input(),
        error_messages={"invalid": gettext_lazy("Please choose a date.")},
    )
    short_until = forms.IntegerField(
        label=gettext_lazy("Short lectures: up to minutes"), min_value=1, max_value=600
    )
    middle_until = forms.IntegerField(
        label=gettext_lazy("Middle ones: up to minutes"), min_value=2, max_value=600
    )
    session_minutes = forms.IntegerField(
        label=gettext_lazy("Sessions: minutes of one hour of learning"), min_value=1, max_value=240
    )
    half_day_most = hours_field(gettext_lazy("Sessions: at most in half a day"))
    day_most = hours_field(gettext_lazy("Sessions: at most in a day"))
    counted = forms.MultipleChoiceField(
        label=gettext_lazy("What counts towards the target"),
        choices=KINDS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Please choose at least one.")},
    )

    def __init__(self, *args: Any, rule: Rule, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tomorrow = today + dt.timedelta(days=1)
        self.fields["valid_from"].widget.attrs["min"] = tomorrow.isoformat()
        labels = dict(KINDS)
        sizes = {
            "short": gettext_lazy("short"),
            "middle": gettext_lazy("middle"),
            "long": gettext_lazy("long"),
        }
        for kind in BANDS:
            for size, word in sizes.items():
                label = _("%(kind)s, %(size)s: hours") % {"kind": labels[kind], "size": word}
                self.fields[f"{kind}_{size}"] = hours_field(label)
        self.initial = {**self.initial, **_initial(rule)}
        names = [f"{kind}_{size}" for kind in BANDS for size in sizes]
        rest = ["session_minutes", "half_day_most", "day_most", "counted"]
        self.order_fields(["valid_from", "short_until", "middle_until", *names, *rest])

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if found.get("short_until", 0) >= found.get("middle_until", 10**6):
            self.add_error("middle_until", _("This must be longer than the short ones."))
        return found

    def terms(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {
            "bands": {
                str(kind): [
                    [said["short_until"], f"{said[f'{kind}_short']:.2f}"],
                    [said["middle_until"], f"{said[f'{kind}_middle']:.2f}"],
                    [None, f"{said[f'{kind}_long']:.2f}"],
                ]
                for kind in BANDS
            },
            "session_minutes": said["session_minutes"],
            "half_day_most": f"{said['half_day_most']:.2f}",
            "day_most": f"{said['day_most']:.2f}",
            "counted": said["counted"],
        }


def _initial(rule: Rule) -> dict[str, Any]:
    found: dict[str, Any] = {
        "session_minutes": rule.session_minutes,
        "half_day_most": rule.half_day_most,
        "day_most": rule.day_most,
        "counted": sorted(rule.counted),
    }
    for kind in BANDS:
        short, middle, long = rule.bands[kind]
        found |= {"short_until": short.up_to_minutes, "middle_until": middle.up_to_minutes}
        for size, band in (("short", short), ("middle", middle), ("long", long)):
            found[f"{kind}_{size}"] = band.hours
    return found


class TargetForm(forms.Form):
    category = forms.ChoiceField(label=gettext_lazy("For"), choices=CATEGORIES)
    organization = UnitField(
        label=gettext_lazy("Unit"),
        required=False,
        help_text=gettext_lazy("Name or code. Empty: for everybody without a target of their own."),
    )
    hours = hours_field(gettext_lazy("Hours a year"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["organization"]
        assert isinstance(unit, UnitField)
        unit.choices_from(within=None)
