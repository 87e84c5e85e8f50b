"""Export the roster of a unit from the shell; logged like every export."""

from __future__ import annotations

import json
import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from organizations.models import Organization, RosterExport, User
from organizations.roster import files
from organizations.roster.exports import export_create, export_work
from organizations.roster.imports import RosterError


class Command(BaseCommand):
    help = "Export the people of a unit and below into a workbook."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("out", type=Path, help="where to put the workbook")
        parser.add_argument("--unit", required=True, help="code of the unit")
        parser.add_argument("--reason", required=True, choices=RosterExport.Reason.values)
        parser.add_argument("--reason-text", default="", help="more about the reason")
        parser.add_argument("--full-phones", action="store_true", help="phones without stars")
        parser.add_argument("--as", dest="username", default="", help="account whose rights count")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        unit = Organization.objects.filter(code__iexact=options["unit"]).first()
        if unit is None:
            raise CommandError(f"{options['unit']}: no such unit")
        actor = None
        if options["username"]:
            actor = User.objects.filter(username=options["username"]).first()
            if actor is None:
                raise CommandError(f"{options['username']}: no such account")
        try:
            made = export_create(
                actor=actor,
                unit=unit,
                reason=options["reason"],
                reason_text=options["reason_text"],
                full_phones=options["full_phones"],
                wake=False,
            )
        except (RosterError, PermissionDenied) as problem:
            raise CommandError(str(problem)) from problem
        if made.state == RosterExport.State.WAITING:
            export_work(key=made.pk)
            made.refresh_from_db()
        if made.state != RosterExport.State.DONE:
            raise CommandError("The workbook could not be made; the log says why.")
        with files.file_local(made.file) as path:
            shutil.copyfile(path, options["out"])
        facts = {"number": made.number, "rows": made.rows, "file": str(options["out"])}
        self.stdout.write(json.dumps(facts) if options["json"] else f"{made.number} {made.rows}")
