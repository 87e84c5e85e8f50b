"""What is to be done for one row of a workbook, or why it is refused. Pure.

Decided in `people_plan` and `unit_plan`, done in `people_commit`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from organizations.roster.problems import Message, RosterProblem

CREATE, CHANGE, LEAVE, SAME, REFUSE = "create", "change", "leave", "same", "refuse"
# [field, before, after], as it is shown and stored.
Change = list[Any]


class Refused(RosterProblem):
    """The row cannot be taken."""


@dataclass(slots=True)
class Act:
    """What to do for one row. `values` are columns of the account."""

    number: int
    plan: str
    code: str = ""
    person: int | None = None
    values: dict[str, Any] = field(default_factory=dict)
    close: list[tuple[int, dt.date, str]] = field(default_factory=list)
    # Ties: to end (with reason), to begin, to date back or forth, to another unit on its first day.
    open: list[tuple[int, str, dt.date]] = field(default_factory=list)
    date: list[tuple[int, dt.date]] = field(default_factory=list)
    place: list[tuple[int, int]] = field(default_factory=list)
    tags_open: list[tuple[str, str]] = field(default_factory=list)
    tags_close: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    @property
    def does_something(self) -> bool:
        return bool(self.values or self.changes_record)

    @property
    def changes_record(self) -> bool:
        """Ties or tags."""
        return bool(
            self.close or self.open or self.date or self.place or self.tags_open or self.tags_close
        )
