"""What the figures keep about a person, and what of it stays."""

from __future__ import annotations

from organizations.privacy.rules import Fate, declare


def contribute() -> None:
    declare(
        "reports.Counted",
        {"user": Fate.KEEP},
        rest=(
            *("state", "home", "is_asked", "months", "target", "hours"),
            *("roster", "entries"),
        ),
        why="What the ledger says of a pseudonym, added up; figures of units rest on it.",
    )
    declare("reports.Mark", {"user": Fate.KEEP}, rest=("at",), why="Gone within minutes.")
