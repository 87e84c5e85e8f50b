"""The uploaded columns once more, with what became of each row and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import override

from organizations.models import RosterImport, RosterRow
from organizations.roster import cells, files
from organizations.roster.columns import PASSWORD, bare
from organizations.roster.imports import limits
from organizations.roster.messages import sentences
from organizations.roster.problems import CellProblem
from organizations.roster.reading import Line, sheet_open
from organizations.roster.writing import SheetWriter

EVERY = 5000


def outcome_write(
    roster_import: RosterImport, path: Path, *, alive: Callable[[], None] = lambda: None
) -> None:
    """Write the workbook to `path`; `alive` is called now and then and may raise to stop."""
    with files.file_local(roster_import.source) as source, override("zh-hans"):
        sheet = sheet_open(source, kind=roster_import.kind, limits=limits())
        labels = sheet.header.labels
        keep = [at for at, label in enumerate(labels) if not PASSWORD.search(bare(label))]
        shown = [labels[at] for at in keep]
        head = [_("Row in the file"), *shown, _("Outcome"), _("Reason")]
        writer = SheetWriter(title=_("Outcome"), widths=[8, *(14 for _each in keep), 10, 60])
        writer.head(head)
        writer.rows(_rows(roster_import, sheet.lines, keep, alive))
        writer.save(path)


def _rows(
    roster_import: RosterImport,
    lines: Iterator[Line],
    keep: Sequence[int],
    alive: Callable[[], None],
) -> Iterator[list[str]]:
    """Both come in the order of the file."""
    stopped = roster_import.state == RosterImport.State.CANCELLED
    results = (
        RosterRow.objects.filter(roster_import=roster_import)
        .order_by("number")
        .values_list("number", "outcome", "messages")
        .iterator(chunk_size=2000)
    )
    names = {value: str(label) for value, label in RosterRow.Outcome.choices if value}
    result = next(results, None)
    for count, line in enumerate(lines):
        if count % EVERY == 0:
            alive()
        while result is not None and result[0] < line.number:
            result = next(results, None)
        outcome, messages = ("", [])
        if result is not None and result[0] == line.number:
            outcome, messages = result[1], result[2]
        waiting = _("not written: cancelled") if stopped else _("not written")
        texts = [_shown(line.cells[at]) if at < len(line.cells) else "" for at in keep]
        yield [str(line.number), *texts, names.get(outcome, waiting), sentences(messages)]


def _shown(value: object) -> str:
    try:
        text = cells.text(value)
    except CellProblem:
        text = format(value, ".0f") if isinstance(value, int | float) else ""
    return _("(not repeated)") if cells.identity_like(text) else text
