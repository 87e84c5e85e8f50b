"""Lecture activities from a workbook: read and checked, shown, then written; an answer a row.

A workbook holds a year of a township at most, so it is read while the person waits, by a process
that may use so much memory and time and no more.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import uuid
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from audit import log
from cms.plain import plain_line
from cms.programme.activities import day_problem
from cms.programme.activity_rows import LIMITS, Row, row_of, rows_read
from cms.programme.messages import row_sentence
from cms.programme.models import ActivityImport, LectureActivity
from cms.programme.permissions import check_can_hold, held_units
from cms.programme.recordings import recordings_named
from organizations import scope
from organizations.models import Organization
from organizations.roster.problems import FileProblem

State = ActivityImport.State
NEW, SAME, REFUSED, LOGGED = "new", "same", "refused", "logged"
KEY = ("held_on", "title", "speaker", "place")


class ImportProblem(Exception):
    """The workbook cannot be taken; the message says why and what to do."""


def import_create(
    *, user: Any, file: UploadedFile, today: dt.date, key: uuid.UUID | None = None
) -> ActivityImport:
    """Read and check. Nothing is written but the answer. Raises PermissionDenied, ImportProblem."""
    check_can_hold(user)
    if file.size is not None and file.size > LIMITS.file_bytes:
        raise ImportProblem(
            _("The file is larger than %(limit)s MB. Please split it into several files.")
            % {"limit": LIMITS.file_bytes // 1024**2}
        )
    with tempfile.NamedTemporaryFile(prefix="activities-") as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        try:
            rows = list(rows_read(Path(copy.name)))
        except FileProblem as problem:
            raise ImportProblem(row_sentence(problem.message)) from problem
    if not rows:
        raise ImportProblem(_("There is no row with data below the header."))
    return ActivityImport.objects.create(
        uuid=key or uuid.uuid4(),
        who=user,
        file_name=plain_line(file.name or "")[-120:],
        rows=rows_check(rows, user=user, today=today),
    )


def rows_check(rows: list[Row], *, user: Any, today: dt.date) -> list[dict[str, Any]]:
    """What would become of each row. As many queries for one row as for all."""
    units = _units(rows, user)
    recordings = recordings_named({row.values["recording"] for row in rows})
    answers = [_answer(row, units, recordings, today) for row in rows]
    logged = _logged(answers)
    for answer in answers:
        if answer["outcome"] != NEW:
            continue
        key = _key(answer)
        if key in logged:
            answer["outcome"] = SAME
        logged.add(key)
    return answers


def import_confirm(*, activity_import: ActivityImport, user: Any, today: dt.date) -> bool:
    """Write what can be written. False when that was done already. Raises PermissionDenied."""
    check_can_hold(user)
    try:
        return _confirm(activity_import, user, today)
    except IntegrityError:
        # Somebody logged one of these at this moment; the second look finds it.
        return _confirm(activity_import, user, today)


@transaction.atomic
def _confirm(activity_import: ActivityImport, user: Any, today: dt.date) -> bool:
    mine = ActivityImport.objects.filter(pk=activity_import.pk, who=user)
    if not mine.filter(state=State.CHECKED).update(state=State.DONE):
        return False
    # Posts, units and what is logged may have changed since it was checked. What was refused stays
    # refused: of a cell that could not be read only the beginning is kept.
    rows = [
        row_of(one["line"], one["values"])
        for one in activity_import.rows
        if one["outcome"] != REFUSED
    ]
    refused = [one for one in activity_import.rows if one["outcome"] == REFUSED]
    checked = rows_check(rows, user=user, today=today)
    answers = sorted([*checked, *refused], key=lambda answer: answer["line"])
    new = [answer for answer in checked if answer["outcome"] == NEW]
    LectureActivity.objects.bulk_create(_activity(answer, user) for answer in new)
    for answer in new:
        answer["outcome"] = LOGGED
    mine.update(rows=answers)
    log.record("activity.import", actor=user, target=activity_import, rows=len(new))
    return True


def import_cancel(*, activity_import: ActivityImport, user: Any) -> None:
    mine = ActivityImport.objects.filter(pk=activity_import.pk, who=user, state=State.CHECKED)
    mine.update(state=State.CANCELLED)


def _activity(answer: dict[str, Any], user: Any) -> LectureActivity:
    values = answer["values"]
    return LectureActivity(
        organization_id=answer["unit"],
        held_on=dt.date.fromisoformat(values["held_on"]),
        title=values["title"],
        speaker=values["speaker"],
        place=values["place"],
        headcount=int(values["headcount"]),
        recording_id=answer["recording"],
        logged_by=user,
    )


def _units(rows: list[Row], user: Any) -> dict[str, list[Organization]]:
    """Code or name → open units that the person may log for; "" → the only one there is."""
    held = held_units(user)
    inside = Organization.objects.open().filter(scope.units_filter(held))
    words = {row.values["unit"] for row in rows}
    found: dict[str, list[Organization]] = {}
    for unit in inside.filter(Q(code__in=words) | Q(name__in=words)):
        for word in {unit.code, unit.name}:
            found.setdefault(word, []).append(unit)
    if len(held) == 1 and held[0].is_leaf():
        found[""] = held
    return found


def _answer(
    row: Row, units: dict[str, list[Organization]], recordings: dict[str, int], today: dt.date
) -> dict[str, Any]:
    values = row.values | {
        name: plain_line(row.values[name]) for name in ("title", "speaker", "place")
    }
    problems = [row_sentence(message) for message in row.problems]
    notes = []
    fitting = units.get(values["unit"], [])
    if len(fitting) > 1:
        problems.append(_("Several units are called so. Please write the code."))
    elif not fitting:
        problems.append(
            _("You do not log for a unit of this name or code.")
            if values["unit"]
            else _("Please write the unit.")
        )
    if not row.problems:
        if problem := day_problem(dt.date.fromisoformat(values["held_on"]), today=today):
            problems.append(problem)
        if any(not values[name] for name in ("title", "speaker", "place")):
            problems.append(_("Title, speaker and place need characters that one can see."))
    if values["recording"] and values["recording"] not in recordings:
        notes.append(_("No published lecture has this title or address; logged without it."))
    return {
        "line": row.line,
        "values": values,
        "unit": fitting[0].pk if len(fitting) == 1 else None,
        "unit_name": fitting[0].name if len(fitting) == 1 else values["unit"],
        "recording": recordings.get(values["recording"]),
        "outcome": REFUSED if problems else NEW,
        "problems": problems,
        "notes": notes,
    }


def _key(answer: dict[str, Any]) -> tuple[Any, ...]:
    return (answer["unit"], *(answer["values"][name] for name in KEY))


def _logged(answers: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """What of it is logged already."""
    new = [answer for answer in answers if answer["outcome"] == NEW]
    rows = LectureActivity.objects.filter(
        organization__in={answer["unit"] for answer in new},
        held_on__in={answer["values"]["held_on"] for answer in new},
    )
    return {
        (unit, day.isoformat(), *rest)
        for unit, day, *rest in rows.values_list("organization_id", *KEY)
    }
