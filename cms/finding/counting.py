"""How many results each choice of a filter would leave. Pure.

A cell is what one lecture is for each filter, in the order of the filters; a filter under which a
lecture is several things holds them with commas between. Cells are counted, not lectures: there are
few of them however many lectures there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

Cell = tuple[str, ...]


def fits(cell: Cell, wish: Sequence[str], *, apart: int = -1) -> bool:
    """Whether a lecture of this cell meets the wish, "" being none; `apart` is one left open."""
    return all(
        not wanted or at == apart or wanted in cell[at].split(",") for at, wanted in enumerate(wish)
    )


def choice_counts(cells: Mapping[Cell, int], wish: Sequence[str]) -> list[Counter[str]]:
    """For each filter its choices, with what each would show beside the other filters' wishes;
    under "" what the filter would show if it were left open.
    """
    counts: list[Counter[str]] = [Counter() for _ in wish]
    for cell, number in cells.items():
        for at, count in enumerate(counts):
            if fits(cell, wish, apart=at):
                for key in {"", *cell[at].split(",")}:
                    count[key] += number
    return counts
