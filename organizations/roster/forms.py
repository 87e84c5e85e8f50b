"""What a person fills in to import or export: the file, the unit, the reason."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from organizations import scope
from organizations.models import Organization, RosterExport, RosterImport
from organizations.permissions import ROSTER_KEEPERS, TREE_KEEPERS, can_keep_people

ACCEPT = ".xlsx,.xls,.et,.csv"


def kept_units(user: Any) -> list[Organization]:
    """The units whose roster the user keeps, the uppermost first."""
    units = {unit.pk: unit for unit in scope.managed_units(user, roles=ROSTER_KEEPERS)}
    return sorted(units.values(), key=lambda unit: unit.path)


def keeps_tree(user: Any) -> bool:
    return bool(scope.managed_units(user, roles=TREE_KEEPERS))


class _UnitForm(forms.Form):
    """A choice among the kept units, and one below them when its page led here."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    unit = forms.ChoiceField(label=_("unit"))

    def __init__(self, *args: Any, user: Any, asked: str = "", **kwargs: Any) -> None:
        units = kept_units(user)
        found = Organization.objects.filter(code=asked).first() if asked else None
        if found is not None and can_keep_people(user, found):
            units = [found, *(unit for unit in units if unit.pk != found.pk)]
        self.units = {unit.code: unit for unit in units}
        kwargs["initial"] = {"key": uuid.uuid4(), "unit": units[0].code if units else ""}
        super().__init__(*args, **kwargs)
        choices = [(unit.code, unit.name) for unit in units]
        self.fields["unit"].choices = choices  # type: ignore[attr-defined]

    def clean_unit(self) -> Organization:
        return self.units[self.cleaned_data["unit"]]


class ImportForm(_UnitForm):
    file = forms.FileField(
        label=_("workbook"),
        help_text=_("Excel or WPS (.xlsx, .xls, .et) or CSV. The list is on the first sheet."),
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}),
    )
    kind = forms.ChoiceField(
        label=_("what stands in it"),
        choices=RosterImport.Kind.choices,
        initial=RosterImport.Kind.PEOPLE,
    )

    field_order = ("file", "unit", "kind", "key")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["unit"].label = _("for the unit")
        self.fields["unit"].help_text = _("Rows of other units are refused.")
        if not keeps_tree(user):
            self.fields["kind"].choices = RosterImport.Kind.choices[:1]  # type: ignore[attr-defined]
            self.fields["kind"].widget = forms.HiddenInput()


class ExportForm(_UnitForm):
    reason = forms.ChoiceField(
        label=_("what the list is needed for"), choices=RosterExport.Reason.choices
    )
    reason_text = forms.CharField(
        label=_("more about the reason"),
        max_length=200,
        required=False,
        help_text=_("Needed for another reason. It is kept with the export."),
    )
    phones = forms.ChoiceField(
        label=_("phone numbers"),
        choices=(("masked", _("masked: 138****0001")), ("full", _("whole numbers"))),
        initial="masked",
        help_text=_("Whole numbers only where they are needed. The log says that you took them."),
    )

    field_order = ("unit", "reason", "reason_text", "phones", "key")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("reason") == RosterExport.Reason.OTHER and not data.get("reason_text"):
            self.add_error("reason_text", _("Please say what the list is needed for."))
        return data
