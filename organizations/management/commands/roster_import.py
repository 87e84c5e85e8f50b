"""Import a workbook from the shell; see docs/roster.md."""

from __future__ import annotations

import json
import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import override

from organizations.models import Organization, RosterImport, RosterRow, User
from organizations.roster import files
from organizations.roster.imports import (
    RosterError,
    import_cancel,
    import_confirm,
    import_count,
    import_create,
)
from organizations.roster.messages import sentence
from organizations.roster.outcome import outcome_write
from organizations.roster.work import import_work

State = RosterImport.State
# Exit codes.
ALL_TAKEN, ROWS_REFUSED, FILE_REFUSED, STOPPED = 0, 1, 2, 3


class Command(BaseCommand):
    help = (
        "Import people or units from a workbook. Exit code 0: every row taken; 1: some rows "
        "refused, the others taken; 2: the file refused, nothing taken; 3: stopped by a failure."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--kind", choices=RosterImport.Kind.values, default="people")
        parser.add_argument("--unit", default="", help="code of the unit that rows must lie within")
        parser.add_argument("--as", dest="username", default="", help="account whose rights count")
        parser.add_argument("--dry-run", action="store_true", help="check only, write nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--out", type=Path, help="where to put the workbook with the outcomes")

    def handle(self, *args: Any, **options: Any) -> None:
        with override(options.get("language") or "zh-hans"):
            code = self.run(options)
        if code:
            raise SystemExit(code)

    def run(self, options: dict[str, Any]) -> int:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"{path}: no such file", returncode=FILE_REFUSED)
        actor = _actor(options["username"])
        unit = _unit(options["unit"], actor)
        try:
            with path.open("rb") as opened:
                made = import_create(
                    actor=actor,
                    unit=unit,
                    kind=options["kind"],
                    file=File(opened),
                    file_name=path.name,
                    wake=False,
                )
        except (RosterError, PermissionDenied) as problem:
            return self.say(options, {"state": "refused", "reason": str(problem)}, FILE_REFUSED)
        import_work(key=made.pk)
        made.refresh_from_db()
        if made.state == State.CHECKED and not options["dry_run"]:
            import_confirm(actor=actor, roster_import=made, wake=False)
            import_work(key=made.pk)
            made.refresh_from_db()
        facts, code = self.facts(made, dry_run=options["dry_run"])
        if options["out"] and made.rows_total:
            self.put_outcome(made, options["out"])
        if options["dry_run"] and made.state == State.CHECKED:
            import_cancel(actor=actor, roster_import=made)
            files.file_remove(made.source)
            made.delete()
        return self.say(options, facts, code)

    def facts(self, made: RosterImport, *, dry_run: bool) -> tuple[dict[str, Any], int]:
        import_count(made.pk)
        made.refresh_from_db()
        refused = RosterRow.objects.filter(
            roster_import=made, **({"plan": "refuse"} if dry_run else {"outcome": "refused"})
        )
        facts = {
            "import": str(made.pk),
            "state": str(made.state),
            "dry_run": dry_run,
            "rows": made.rows_total,
            "plans": made.plans,
            "outcomes": made.outcomes,
            "notes": [sentence(note) for note in made.notes],
            "reason": sentence(made.reason) if made.reason else "",
            "refused": [
                {
                    "row": number,
                    "codes": [message[0] for message in messages],
                    "reasons": [sentence(message) for message in messages],
                }
                for number, messages in refused.order_by("number").values_list("number", "messages")
            ],
        }
        if made.state == State.REFUSED:
            return facts, FILE_REFUSED
        if made.state not in (State.DONE, State.CHECKED):
            return facts, STOPPED
        return facts, ROWS_REFUSED if facts["refused"] else ALL_TAKEN

    def put_outcome(self, made: RosterImport, target: Path) -> None:
        if made.outcome:
            with files.file_local(made.outcome) as path:
                shutil.copyfile(path, target)
        else:
            outcome_write(made, target)

    def say(self, options: dict[str, Any], facts: dict[str, Any], code: int) -> int:
        if options["json"]:
            self.stdout.write(json.dumps({**facts, "exit": code}, ensure_ascii=False))
            return code
        if facts.get("reason"):
            self.stderr.write(facts["reason"])
        for row in facts.get("refused", []):
            self.stderr.write(f"{row['row']}: {' '.join(row['reasons'])}")
        counts = facts.get("outcomes") or facts.get("plans") or {}
        self.stdout.write(f"{facts['state']} {json.dumps(counts)}")
        return code


def _actor(username: str) -> User | None:
    if not username:
        return None
    found = User.objects.filter(username=username).first()
    if found is None:
        raise CommandError(f"{username}: no such account", returncode=FILE_REFUSED)
    return found


def _unit(code: str, actor: User | None) -> Organization | None:
    """The unit that was named; without a name, the topmost that the account keeps."""
    if code:
        unit = Organization.objects.filter(code__iexact=code).first()
        if unit is None:
            raise CommandError(f"{code}: no such unit", returncode=FILE_REFUSED)
        return unit
    if actor is None:
        return None
    from organizations.roster.forms import kept_units

    units = kept_units(actor)
    return units[0] if units else None
