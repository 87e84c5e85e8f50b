"""Forms of the acts on units. They parse; what is possible is decided by the act itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from organizations.models import Organization
from organizations.units.rules import KINDS_BELOW


class CreateForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    code = forms.CharField(
        label=_("Code"),
        max_length=32,
        help_text=_(
            "The lasting number of the unit, used in workbooks and addresses. It never changes."
        ),
    )
    kind = forms.ChoiceField(label=_("Kind"))

    def __init__(self, *args: Any, parent: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = KINDS_BELOW[parent.kind]
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [(one, Organization.Kind(one).label) for one in kinds]
        self.fields["code"].initial = f"{parent.code}-"


class RenameForm(forms.Form):
    name = forms.CharField(
        label=_("New name"),
        max_length=100,
        help_text=_("From today. Earlier days and their figures keep the old name."),
    )
