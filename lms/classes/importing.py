"""Learners from a workbook: read and checked, shown, then enrolled; an answer for each row.

The columns are those of a roster (`organizations.roster.columns`), so a list that was exported can
be handed in as it is. A row names a person by code, by phone, or by name and branch; people who are
not in the roster are named and left out.
"""

from __future__ import annotations

import tempfile
import uuid
from collections import defaultdict
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit import log
from cms.plain import plain_line
from lms.classes.enrolments import people_enrol
from lms.classes.matching import people_kept
from lms.classes.models import ClassImport, Enrolment, TrainingClass
from lms.classes.permissions import ORGANISERS, check_can_organise
from lms.classes.planning import ClassError
from organizations.models import Membership, User
from organizations.roster import cells
from organizations.roster.guard import Limits
from organizations.roster.messages import sentence
from organizations.roster.problems import CellProblem, FileProblem
from organizations.roster.reading import sheet_open
from organizations.signin.phones import phone_normalise

State = ClassImport.State
NEW, SAME, REFUSED, ENROLLED = "new", "same", "refused", "enrolled"
LIMITS = Limits(
    file_bytes=8 * 1024**2,
    unpacked_bytes=80 * 1024**2,
    rows=5_000,
    columns=60,
    cells=300_000,
    text_bytes=24 * 1024**2,
    seconds=20,
)
LONGEST = 60
NAMES = ("name", "code", "phone", "unit", "unit_name")


def import_create(
    *, training_class: TrainingClass, user: Any, file: UploadedFile, key: uuid.UUID
) -> ClassImport:
    """Read and check. Nobody is enrolled. Raises PermissionDenied, ClassError."""
    check_can_organise(user, training_class.organization)
    if (found := ClassImport.objects.filter(pk=key, who=user).first()) is not None:
        return found
    if file.size is not None and file.size > LIMITS.file_bytes:
        raise ClassError(
            _("The file is larger than %(limit)s MB. Please split it into several files.")
            % {"limit": LIMITS.file_bytes // 1024**2}
        )
    with tempfile.NamedTemporaryFile(prefix="learners-") as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        try:
            rows = _read(Path(copy.name))
        except FileProblem as problem:
            raise ClassError(sentence(list(problem.message))) from problem
    if not rows:
        raise ClassError(_("There is no row with data below the header."))
    try:
        with transaction.atomic():
            return ClassImport.objects.create(
                uuid=key,
                training_class=training_class,
                who=user,
                file_name=plain_line(file.name or "")[-120:],
                rows=rows_check(rows, training_class=training_class, user=user),
            )
    except IntegrityError:
        if (found := ClassImport.objects.filter(pk=key, who=user).first()) is not None:
            return found
        raise ClassError(_("Please reload the page and choose the file once more.")) from None


def _read(path: Path) -> list[dict[str, Any]]:
    sheet = sheet_open(path, kind="people", limits=LIMITS)
    rows = []
    for line in sheet.lines:
        found = sheet.header.pick(line.cells)
        row: dict[str, Any] = {"line": line.number, "problems": []}
        for name in NAMES:
            try:
                row[name] = plain_line(cells.text(found.get(name)))[:LONGEST]
            except CellProblem as problem:
                row[name] = ""
                row["problems"].append(sentence(list(problem.message)))
        rows.append(row)
    return rows


def rows_check(
    rows: list[dict[str, Any]], *, training_class: TrainingClass, user: Any
) -> list[dict[str, Any]]:
    """What would become of each row. As many queries for one row as for all."""
    people = _People(rows)
    ids = {pk for row in rows for pk in people.named(row)}
    kept = people_kept(user, ids, roles=ORGANISERS)
    learners = set(
        Enrolment.objects.open()
        .filter(training_class=training_class, user__in=ids)
        .values_list("user_id", flat=True)
    )
    answers, seen = [], set()
    for row in rows:
        found = people.named(row)
        inside = [pk for pk in found if pk in kept]
        problems = list(row["problems"])
        person = inside[0] if len(inside) == 1 else None
        if not problems and len(inside) > 1:
            problems.append(
                _("Several people are called so. Please write the code or the phone number.")
            )
        elif not problems and person is None:
            # Whether somebody of another unit exists is not said.
            problems.append(
                _(
                    "Not in the roster of your units. Please check the row, or enter the person "
                    "there."
                )
            )
        outcome = REFUSED if problems else SAME if person in learners or person in seen else NEW
        seen.add(person)
        answers.append(
            {
                **{
                    name: row[name]
                    for name in ("line", "name", "code", "phone", "unit", "unit_name")
                },
                "person": person,
                "home": kept.get(person) if person else None,
                "outcome": outcome,
                "problems": problems,
            }
        )
    return answers


class _People:
    """Who is meant by code, phone, or name and branch."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        codes = {row["code"] for row in rows if row["code"]}
        codes |= {code.upper() for code in codes}
        phones = {phone for row in rows if (phone := phone_normalise(row["phone"]))}
        names = {
            row["name"] for row in rows if row["name"] and not row["code"] and not row["phone"]
        }
        people = User.objects.order_by().filter(erased_at__isnull=True)
        self.by_code = dict(people.filter(code__in=codes).values_list("code", "pk"))
        self.by_phone = dict(people.filter(phone__in=phones).values_list("phone", "pk"))
        self.names = dict(people.filter(pk__in=self._ids()).values_list("pk", "name"))
        self.by_name: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
        ties = Membership.objects.current().filter(user__name__in=names)
        for pk, name, code, unit in ties.values_list(
            "user_id", "user__name", "organization__code", "organization__name"
        ):
            # As a cell of that name is read: brackets of either width are one.
            self.by_name[name].append((pk, code, cells.text(unit)))

    def _ids(self) -> set[int]:
        return {*self.by_code.values(), *self.by_phone.values()}

    def named(self, row: dict[str, Any]) -> list[int]:
        """A code or phone that belongs to somebody of another name names nobody."""
        if row["code"] or row["phone"]:
            found = self.by_code.get(row["code"]) or self.by_code.get(row["code"].upper())
            if found is None:
                found = self.by_phone.get(phone_normalise(row["phone"]) or "")
            if found is None or (row["name"] and self.names.get(found) != row["name"]):
                return []
            return [found]
        words = {row["unit"], row["unit_name"]} - {""}
        fitting = {
            pk
            for pk, code, unit in self.by_name.get(row["name"], [])
            if not words or words & {code, unit}
        }
        return sorted(fitting)


def import_confirm(*, class_import: ClassImport, user: Any) -> int | None:
    """Enrol whom the rows name; how many are new. None when that was done already."""
    check_can_organise(user, class_import.training_class.organization)
    with transaction.atomic():
        mine = ClassImport.objects.filter(pk=class_import.pk, who=user)
        if not mine.filter(state=State.CHECKED).update(state=State.DONE):
            return None
        # Posts, branches and learners may have changed since it was checked; what was refused stays
        # refused.
        again = [row for row in class_import.rows if row["outcome"] != REFUSED]
        refused = [row for row in class_import.rows if row["outcome"] == REFUSED]
        checked = rows_check(
            [row | {"problems": []} for row in again],
            training_class=class_import.training_class,
            user=user,
        )
        new = [row for row in checked if row["outcome"] == NEW]
        count = people_enrol(
            training_class=class_import.training_class,
            homes=((row["person"], row["home"]) for row in new),
            origin=Enrolment.Origin.EXCEL,
        )
        for row in new:
            row["outcome"] = ENROLLED
        mine.update(rows=sorted([*checked, *refused], key=lambda row: row["line"]))
        log.record("enrolment.import", actor=user, target=class_import.training_class, people=count)
        return count


def import_cancel(*, class_import: ClassImport, user: Any) -> None:
    mine = ClassImport.objects.filter(pk=class_import.pk, who=user, state=State.CHECKED)
    mine.update(state=State.CANCELLED)
