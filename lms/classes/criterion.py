"""When somebody has completed a class. Pure: item ids in, figures out. No Django.

All required items, and as many of the electives as the class asks for. A class that asks for
nothing cannot be completed. This is the rule `RULE`, whose name stands in each completion; another
way of counting is another rule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

# Code and version.
RULE = "items-1"
# Completions from before rules were kept: what was asked for then is not known.
RULE_UNKNOWN = "unknown-0"


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
class Counted:
    """The items by which a class was completed, each with the instant at which it was done."""

    required: Mapping[int, dt.datetime]
    electives: Mapping[int, dt.datetime]

    @property
    def at(self) -> dt.datetime:
        """Of the last of them."""
        return max([*self.required.values(), *self.electives.values()])


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

    def counted(self, done: Mapping[int, dt.datetime]) -> Counted | None:
        """What completes it: all that is required and the first electives, as many as are needed;
        None until then.
        """
        if not self.standing(done).complete:
            return None
        electives = sorted(self.electives & done.keys(), key=lambda pk: (done[pk], pk))
        return Counted(
            required={pk: done[pk] for pk in sorted(self.required)},
            electives={pk: done[pk] for pk in electives[: self.electives_needed]},
        )

    def reached(self, done: Mapping[int, dt.datetime]) -> dt.datetime | None:
        """The instant at which the last item that was needed was done; None until then."""
        counted = self.counted(done)
        return counted.at if counted is not None else None
