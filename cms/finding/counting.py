"""How many results each choice of a filter would leave. Pure.

A cell is what one lecture is for each filter, in the order of the filters; a filter under which a
lecture is several things holds them with commas between. Cells are counted, not lectures: there are
few of them however many lectures there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

Cell = tuple[str, ...]


def fits(cell: Cell, wish: Sequence[str]) -> bool:
    """Whether a lecture of this cell meets the wish, "" being none."""
    return not _unmet(cell, wish)


def choice_counts(cells: Mapping[Cell, int], wish: Sequence[str]) -> list[Counter[str]]:
    """For each filter its choices, with what each would show beside the other filters' wishes;
    under "" what the filter would show if it were left open.
    """
    counts: list[Counter[str]] = [Counter() for _ in wish]
    for cell, number in cells.items():
        unmet = _unmet(cell, wish)
        if len(unmet) > 1:
            continue
        for at in unmet or range(len(wish)):
            count = counts[at]
            count[""] += number
            for key in cell[at].split(",") if cell[at] else ():
                count[key] += number
    return counts


def _unmet(cell: Cell, wish: Sequence[str]) -> list[int]:
    """The filters by which a lecture of this cell would be left out."""
    return [
        at
        for at, wanted in enumerate(wish)
        if wanted and wanted != cell[at] and wanted not in cell[at].split(",")
    ]
