"""What keepers tell of plans, runs, items and rules."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from cms.curated import LectureCollection
from lms.classes.models import LEVELS, ClassPlan, EnrolmentRule, Item, TrainingClass
from lms.classes.permissions import organised_units
from lms.classes.syllabus import times_problem
from organizations.models import DIMENSIONS, Organization, Post, Tag
from organizations.people.unit_field import UnitField

# A slip of the finger is no year in which a session is held.
YEARS = range(2000, 2101)

Content = Item.Content


def date_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def time_input() -> forms.DateTimeInput:
    return forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})


class OnceForm(forms.Form):
    """A hidden key, so that a form that is sent twice does one thing."""

    key = forms.UUIDField(widget=forms.HiddenInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid.uuid4()


class HeldForm(OnceForm):
    """For which unit: asked of those who hold classes for several."""

    organization = UnitField(
        label=gettext_lazy("Held by"), help_text=gettext_lazy("Name or code of the unit.")
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = organised_units(user)
        field = self.fields["organization"]
        assert isinstance(field, UnitField)
        field.choices_from(within=self.units, kinds=LEVELS)
        self.offered = field.offered()
        field.widget.attrs["list"] = "units"
        if len(self.units) == 1:
            field.initial = self.units[0].name if len(self.offered) > 1 else self.units[0].code


class PlanForm(HeldForm):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=100)
    description = forms.CharField(
        label=gettext_lazy("What it is about"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    is_sequential = forms.BooleanField(
        label=gettext_lazy("Required items open one after the other"), required=False
    )
    electives_needed = forms.IntegerField(
        label=gettext_lazy("How many electives are needed"), min_value=0, max_value=100, initial=0
    )
    field_order = ("title", "organization", "description", "electives_needed", "is_sequential")

    def __init__(self, *args: Any, plan: ClassPlan | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if plan is not None:
            # A plan stays with the unit that keeps it.
            del self.fields["organization"], self.fields["key"]
            for name in self.fields:
                self.fields[name].initial = getattr(plan, name)

    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "key"}


class RunForm(HeldForm):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=100)
    tier = forms.ChoiceField(label=gettext_lazy("Tier"), choices=TrainingClass.Tier.choices)
    starts_on = forms.DateField(label=gettext_lazy("First day"), widget=date_input())
    ends_on = forms.DateField(label=gettext_lazy("Last day"), widget=date_input())
    description = forms.CharField(
        label=gettext_lazy("What it is about"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    electives_needed = forms.IntegerField(
        label=gettext_lazy("How many electives are needed"), min_value=0, max_value=100, initial=0
    )
    is_sequential = forms.BooleanField(
        label=gettext_lazy("Required items open one after the other"), required=False
    )
    is_open_to_ask = forms.BooleanField(
        label=gettext_lazy("Members may ask to join; you approve"), required=False
    )
    field_order = ("title", "organization", "tier", "starts_on", "ends_on", "description",
                   "electives_needed", "is_sequential", "is_open_to_ask")  # fmt: skip

    def __init__(
        self, *args: Any, run: TrainingClass | None = None, today: dt.date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].initial = TrainingClass.Tier.GENERAL
        if run is not None:
            # A run stays with the unit that holds it.
            del self.fields["organization"], self.fields["key"]
            for name in self.fields:
                self.fields[name].initial = getattr(run, name)
        else:
            self.fields["starts_on"].initial = today + dt.timedelta(days=1)
            self.fields["ends_on"].initial = today + dt.timedelta(days=60)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The class cannot end before it begins."))
        return data

    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "key"}


class ItemForm(forms.Form):
    """An item of one content; a session has its time in a `run` only."""

    collection = forms.ModelChoiceField(
        LectureCollection.objects.none(), label=gettext_lazy("Collection")
    )
    title = forms.CharField(label=gettext_lazy("Title"), max_length=100)
    starts_at = forms.DateTimeField(
        label=gettext_lazy("Begins at"), required=False, widget=time_input()
    )
    ends_at = forms.DateTimeField(
        label=gettext_lazy("Ends at"), required=False, widget=time_input()
    )
    place = forms.CharField(label=gettext_lazy("Place"), max_length=80, required=False)
    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
    )
    link = forms.URLField(
        label=gettext_lazy("Web page"),
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=gettext_lazy("If the text stands elsewhere, for instance on a public site."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Required or elective"), choices=Item.Kind.choices)
    hours = forms.DecimalField(
        label=pgettext_lazy("credit", "Hours"),
        min_value=0,
        max_value=80,
        max_digits=4,
        decimal_places=2,
        required=False,
        help_text=gettext_lazy("As announced; what is credited follows the rules of the ledger."),
    )
    OWN = {
        Content.LECTURE: (),
        Content.COLLECTION: ("collection",),
        Content.SESSION: ("title", "starts_at", "ends_at", "place"),
        Content.READING: ("title", "text", "link"),
    }

    def __init__(
        self,
        *args: Any,
        content: str,
        run: TrainingClass | None,
        user: Any,
        item: Item | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.content, self.run = content, run
        own = {*self.OWN[Content(content)], "kind", "hours"}
        if item is not None:
            own -= {"collection"}
        if run is None:
            own -= {"starts_at", "ends_at", "place"}
        for name in [name for name in self.fields if name not in own]:
            del self.fields[name]
        if "collection" in self.fields:
            field = self.fields["collection"]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = LectureCollection.objects.visible_to(user)
        if item is not None:
            for name in self.fields:
                self.fields[name].initial = getattr(item, name)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("starts_at"), data.get("ends_at")
        if bool(first) != bool(last):
            self.add_error(
                "ends_at" if first else "starts_at",
                _("Please write both when it begins and when it ends, or neither."),
            )
        elif first and last and last <= first:
            self.add_error("ends_at", _("The session cannot end before it begins."))
        elif first and last and not (first.year in YEARS and last.year in YEARS):
            self.add_error("starts_at", _("Please look at the year again."))
        elif (
            self.run is not None
            and {"starts_at", "ends_at"} & set(self.changed_data)
            and (problem := times_problem(self.run, first, last))
        ):
            self.add_error("starts_at", problem)
        if self.content == Content.READING and not data.get("text") and not data.get("link"):
            self.add_error("text", _("Please write the text, or the address of the page to read."))
        return data


class RuleForm(OnceForm):
    """Sub-tree × tags × post."""

    unit = UnitField(
        label=gettext_lazy("Unit"), help_text=gettext_lazy("Name or code; all below it count.")
    )
    role = forms.ChoiceField(label=gettext_lazy("Post"), required=False)
    lacking = forms.BooleanField(
        label=gettext_lazy("Only who has not completed any run of this plan"), required=False
    )
    stays_fresh = forms.BooleanField(
        label=gettext_lazy("Keep it up to date"),
        required=False,
        initial=True,
        help_text=gettext_lazy(
            "New people who fit are enrolled by themselves; who no longer fits is marked, not "
            "taken out."
        ),
    )

    def __init__(self, *args: Any, user: Any, run: TrainingClass, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = organised_units(user)
        field = self.fields["unit"]
        assert isinstance(field, UnitField)
        field.choices_from(within=units)
        self.offered: list[Organization] = field.offered()
        field.widget.attrs["list"] = "units"
        field.initial = run.organization.code
        anything = [("", _("does not matter"))]
        for dimension, values in DIMENSIONS.items():
            label = str(Tag.Dimension(dimension).label)
            choices = anything + [(str(one), str(Tag.Value(one).label)) for one in values]
            self.fields[str(dimension)] = forms.ChoiceField(
                label=label, choices=choices, required=False
            )
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)
        role.choices = [*anything, ("any", _("any post")), *Post.Role.choices]
        self.order_fields(("unit", *map(str, DIMENSIONS), "role", "lacking", "stays_fresh"))

    def rule(self, run: TrainingClass) -> EnrolmentRule:
        """As it was asked for, not saved."""
        data = self.cleaned_data
        tags = {str(name): data[str(name)] for name in DIMENSIONS if data.get(str(name))}
        return EnrolmentRule(
            uuid=data["key"],
            training_class=run,
            unit=data["unit"],
            tags=tags,
            role=data["role"],
            lacking=data["lacking"],
            stays_fresh=data["stays_fresh"],
        )


class ImportForm(OnceForm):
    file = forms.FileField(
        label=gettext_lazy("Workbook"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
        error_messages={
            "required": gettext_lazy("Please choose a workbook."),
            "empty": gettext_lazy("The file is empty."),
        },
    )
