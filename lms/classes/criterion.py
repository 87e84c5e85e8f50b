"""When somebody has completed a class. Pure: item ids in, figures out. No Django.

All required items, and as many of the electives as the class asks for. A class that asks for
nothing cannot be completed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """How far somebody is in a class; counts of items."""

    required_done: int
    required_total: int
    elective_done: int
    elective_total: int
    elective_needed: int

    @property
    def complete(self) -> bool:
        asked = self.required_total + self.elective_needed
        return asked > 0 and self._counted == asked

    @property
    def percent(self) -> int:
        """Of what is needed; electives beyond that do not count."""
        asked = self.required_total + self.elective_needed
        return self._counted * 100 // asked if asked else 0

    @property
    def _counted(self) -> int:
        return self.required_done + min(self.elective_done, self.elective_needed)


@dataclass(frozen=True, slots=True)
class Criterion:
    """What a class asks for, as item ids."""

    required: frozenset[int]
    electives: frozenset[int]
    electives_needed: int

    @property
    def items(self) -> frozenset[int]:
        return self.required | self.electives

    def standing(self, done: Mapping[int, dt.datetime]) -> Standing:
        """`done`: the instant of completion by item id."""
        return Standing(
            required_done=len(self.required & done.keys()),
            required_total=len(self.required),
            elective_done=len(self.electives & done.keys()),
            elective_total=len(self.electives),
            elective_needed=self.electives_needed,
        )

    def reached(self, done: Mapping[int, dt.datetime]) -> dt.datetime | None:
        """The instant at which the last item that was needed was done; None until then."""
        if not self.standing(done).complete:
            return None
        electives = sorted(done[pk] for pk in self.electives & done.keys())
        needed = [done[pk] for pk in self.required] + electives[: self.electives_needed]
        return max(needed)
