"""What can be wrong with a file or a cell, as a code and facts; the sentences are in `messages`.

No Django here: the reading and the rules of a roster are pure.
"""

from __future__ import annotations

from typing import Any

# A code and the facts that its sentence names, as they are stored with a row.
Message = tuple[str, dict[str, Any]]


class RosterProblem(ValueError):
    """Something that stops a cell or a file."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    @property
    def message(self) -> Message:
        return self.code, self.params


class CellProblem(RosterProblem):
    """A cell that cannot be read; the row is refused."""


class FileProblem(RosterProblem):
    """A file that cannot be read at all; nothing of it is taken."""
