"""What becomes of each row and field that names a person, when that person is erased.

One declaration a model, with every relation to an account and every field of the row. A test goes
through Django's registry of models and fails when a model or a field has no declaration, so
nobody adds personal data without deciding this. Acting on it is `erasing`.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Model


class Fate(enum.Enum):
    DELETE = "delete"  # the row goes
    CLEAR = "clear"  # the row stays under the pseudonym, the fields in `clear` are emptied
    DETACH = "detach"  # the row stays and no longer names the person
    KEEP = "keep"  # the row stays under the pseudonym as it is


@dataclass(frozen=True)
class Rule:
    label: str
    # Relation to the account → what becomes of the row. "pk" for the account itself.
    people: Mapping[str, Fate]
    # Field → what it holds afterwards; a function gets the person.
    clear: Mapping[str, Any] = field(default_factory=dict)
    # Fields that stay, or that go with the row.
    rest: tuple[str, ...] = ()
    # Why what stays must stay; for docs/privacy.md and for whoever reads the code.
    why: str = ""

    def model(self) -> type[Model] | None:
        """None while the app that holds it is not installed."""
        try:
            return apps.get_model(self.label)
        except LookupError:
            return None


_rules: dict[str, Rule] = {}
_also: dict[str, Callable[[Any], int]] = {}


def declare(
    label: str,
    people: Mapping[str, Fate],
    *,
    clear: Mapping[str, Any] | None = None,
    rest: tuple[str, ...] = (),
    why: str = "",
) -> None:
    """Say what becomes of a model's rows; a second declaration of the same model is an error."""
    if label in _rules:
        raise ValueError(f"{label} was declared before.")
    if (Fate.CLEAR in people.values()) != bool(clear):
        raise ValueError(f"{label}: fields are emptied if and only if a relation says so.")
    _rules[label] = Rule(label, people, clear or {}, rest, why)


def declare_act(name: str, erase: Callable[[Any], int]) -> None:
    """For personal data that no relation leads to; `erase(person)` returns how many it removed.

    Runs before the rules, while the account still has its name, phone and code.
    """
    if name in _also:
        raise ValueError(f"{name} was declared before.")
    _also[name] = erase


def all_rules() -> list[Rule]:
    return list(_rules.values())


def all_acts() -> dict[str, Callable[[Any], int]]:
    return dict(_also)
