"""What programmes and lecture activities keep about people, and for how long."""

from __future__ import annotations

import datetime as dt
from typing import Any

from cms.programme.models import ActivityImport
from organizations.privacy.retention import Kind, cleaned
from organizations.privacy.rules import Fate, declare


def contribute() -> None:
    declare(
        "programme.Programme",
        {"ordered_by": Fate.DETACH},
        rest=("organization", "on", "title", "menu", "ordered_at"),
        why="The programme is the branch's.",
    )
    declare(
        "programme.LectureActivity",
        {"logged_by": Fate.DETACH},
        rest=(
            *("organization", "held_on", "title", "speaker", "place", "headcount", "recording"),
            *("programme", "logged_at"),
        ),
        why="Who spoke in public is part of the branch's record; the log keeps who entered it.",
    )
    declare(
        "programme.ActivityImport",
        {"who": Fate.DELETE},
        rest=("uuid", "file_name", "state", "rows", "created_at"),
    )
    cleaned(Kind.ROSTER_IMPORTS, old_imports)


def old_imports(before: dt.datetime) -> Any:
    return ActivityImport.objects.filter(created_at__lt=before)
