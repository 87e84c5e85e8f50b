"""The index of what can be found: bring it in step, make it anew, or prove that it is right."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from cms.finding.cells import cells_differing, cells_refresh
from cms.finding.fields import BY_NUMBER
from cms.finding.indexing import differences, index_rebuild, lecture_index
from cms.models import LecturePage


class Command(BaseCommand):
    help = "Brings the search index in step with the library. Writes only what differs."

    def add_arguments(self, parser: CommandParser) -> None:
        group = parser.add_mutually_exclusive_group()
        group.add_argument("--check", action="store_true", help="change nothing; 1 if it differs")
        group.add_argument("--rebuild", action="store_true", help="empty it first")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        lectures = LecturePage.objects.count()
        differing: list[dict[str, Any]] = []
        if options["check"]:
            wrong = {
                pk: sorted({BY_NUMBER[number].name for number, _ in keys})
                for pk, keys in differences()
            }
            cells = cells_differing(connection)
            differing = [
                {"lecture": pk, "texts": wrong.get(pk, [])}
                | ({"cell": True} if pk in cells else {})
                for pk in sorted({*wrong, *cells})
            ]
            done = {"lectures": lectures, "differing": differing}
        elif options["rebuild"]:
            cells_refresh(connection)
            done = {"lectures": index_rebuild()}
        else:
            cells_refresh(connection)
            pks = list(LecturePage.objects.order_by("pk").values_list("pk", flat=True))
            done = {"lectures": lectures, "written": sum(map(lecture_index, pks))}
        text = (
            json.dumps(done)
            if options["json"]
            else "  ".join(
                f"{name}: {len(value) if isinstance(value, list) else value}"
                for name, value in done.items()
            )
        )
        self.stdout.write(text)
        if differing:
            raise CommandError("The index differs from the library. library_index mends it.")
