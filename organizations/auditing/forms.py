"""What of the log is asked for, and the form of an export."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.export import entries_between
from audit.models import AuditEntry, AuditQuerySet
from organizations.auditing.labels import ACTIONS, GROUPS, group_nouns
from organizations.models import User

ALL = ("", _("all"))


def day_field(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class LogFilter(forms.Form):
    """Days, kind of act, person, result; an object through the link in a row."""

    first = day_field(_("From day"))
    last = day_field(_("To day"))
    group = forms.ChoiceField(
        label=_("Kind of act"),
        required=False,
        choices=[ALL, *((code, name) for code, (name, _nouns) in GROUPS.items())],
    )
    result = forms.ChoiceField(
        label=_("Result"), required=False, choices=[ALL, *AuditEntry.Result.choices]
    )
    person = forms.CharField(label=_("Account name or number"), required=False, max_length=150)
    side = forms.ChoiceField(
        label=_("This person"),
        required=False,
        choices=[
            ("", _("did it, or it was done to")),
            ("actor", _("did it")),
            ("target", _("it was done to")),
        ],
    )
    kind = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    # Asked for and logged as such: the number of a row or a UUID, no text and no phone.
    object = forms.RegexField(
        r"^(?:[0-9]{1,9}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\Z",
        required=False,
        widget=forms.HiddenInput,
        empty_value="",
    )
    before = forms.IntegerField(
        required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput
    )

    # The ids that `person` stands for; filled by cleaning.
    people: list[int]

    def clean_person(self) -> str:
        said: str = self.cleaned_data["person"].strip()
        self.people = []
        if said:
            named = Q(username=said)
            number = int(said) if said.isascii() and said.isdigit() and len(said) < 19 else None
            if number is not None:
                named |= Q(pk=number)
            self.people = list(User.objects.filter(named).values_list("pk", flat=True))
            if not self.people:
                raise forms.ValidationError(
                    gettext("There is no account with this name or number.")
                )
        return said

    def clean_kind(self) -> str:
        """One that stands in the log already: asking for it adds no text to the log."""
        said: str = self.cleaned_data["kind"]
        if said and not AuditEntry.objects.filter(target_type=said).exists():
            raise forms.ValidationError(gettext("There is no such object."))
        return said

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and last < first:
            self.add_error("last", gettext("The last day is before the first."))
        return self.cleaned_data

    def chosen(self, entries: AuditQuerySet) -> AuditQuerySet:
        """Those of the entries that are asked for; none while the form has errors."""
        if not self.is_valid():
            return entries.none()
        data = self.cleaned_data
        entries = entries & entries_between(data["first"], data["last"])
        if data["group"]:
            entries = entries.filter(_of_group(data["group"]))
        if data["result"]:
            entries = entries.filter(result=data["result"])
        if data["kind"] and data["object"]:
            entries = entries.filter(target_type=data["kind"], target_id=data["object"])
        if self.people:
            entries = entries.filter(self._of_people(data["side"]))
        return entries

    def facts(self) -> dict[str, Any]:
        """What was asked for, without anything that was typed: for the log."""
        data = self.cleaned_data
        days = {name: data[name] for name in ("first", "last")}
        asked = {
            "from": _iso(days["first"]),
            "to": _iso(days["last"]),
            **{name: data[name] for name in ("group", "result", "side", "kind", "object")},
            "before": data["before"],
            "people": self.people,
        }
        return {name: value for name, value in asked.items() if value}

    def query(self) -> dict[str, str]:
        """The fields that are set, but for the place in the list, for addresses."""
        names = [name for name in self.fields if name != "before"]
        return {name: self.data[name] for name in names if self.data.get(name)}

    def _of_people(self, side: str) -> Q:
        did = Q(actor__in=self.people)
        keys = [str(pk) for pk in self.people]
        done_to = Q(target_type=User._meta.label, target_id__in=keys)
        return {"actor": did, "target": done_to}.get(side, did | done_to)


class ExportForm(forms.Form):
    format = forms.ChoiceField(
        label=_("File"),
        choices=[("xlsx", _("workbook (.xlsx)")), ("jsonl", _("lines with digests (.jsonl)"))],
    )
    reason = forms.CharField(
        label=_("What it is needed for"),
        max_length=200,
        help_text=_("Stands in the file and in the log. Please name no persons."),
    )


def _of_group(group: str) -> Q:
    """By whole codes where they are known, which the index answers; else by their beginning."""
    nouns = group_nouns(group)
    known = [action for action in ACTIONS if action.partition(".")[0] in nouns]
    return Q(action__in=known) | Q(
        *(Q(action__startswith=f"{noun}.") for noun in nouns), _connector=Q.OR
    )


def _iso(day: dt.date | None) -> str:
    return day.isoformat() if day else ""
