"""Forms of allauth's pages that follow a rule of the house."""

from __future__ import annotations

from typing import Any

from django import forms


class PrintedCodesForm(forms.Form):
    """Printed codes are a factor of their own: somebody without a smartphone has no other."""

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
