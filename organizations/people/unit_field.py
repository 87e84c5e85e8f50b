"""Choosing a unit by writing its code or name: 5,000 branches are no list to scroll through."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _

from organizations import scope
from organizations.models import Organization

# So many are named when a part of a name fits several, and offered while one types.
NAMED = 6
OFFERED = 200


class UnitField(forms.CharField):
    """Cleans to an open unit within `units` (None: anywhere), of the kinds given."""

    def __init__(self, **kwargs: Any) -> None:
        self.within: Iterable[Organization] | None = ()
        self.kinds: tuple[str, ...] = ()
        super().__init__(
            max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"}), **kwargs
        )

    def choices_from(
        self, *, within: Iterable[Organization] | None, kinds: Iterable[str] = ()
    ) -> None:
        self.within, self.kinds = within, tuple(kinds)

    def units(self) -> Any:
        units = Organization.objects.open()
        if self.kinds:
            units = units.filter(kind__in=self.kinds)
        if self.within is not None:
            units = units.filter(scope.units_filter(list(self.within)))
        return units

    def offered(self) -> list[Organization]:
        """The units to offer while one types; none when they are too many."""
        if self.within is None:
            return []
        found = list(self.units()[: OFFERED + 1])
        return found if len(found) <= OFFERED else []

    def clean(self, value: Any) -> Organization | None:
        text = super().clean(value).strip()
        if not text:
            return None
        units = self.units()
        exact = list(units.filter(Q(code__iexact=text) | Q(name=text))[: NAMED + 1])
        found = exact or list(units.filter(name__contains=text)[: NAMED + 1])
        if not found:
            raise forms.ValidationError(
                _("No unit that you can choose here has this code or name.")
            )
        if len(found) > 1:
            raise forms.ValidationError(
                _("Several units fit. Write the code of one: %(units)s")
                % {"units": "、".join(f"{one.name} ({one.code})" for one in found[:NAMED])}
            )
        return found[0]
