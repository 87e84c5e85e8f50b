"""Reads .xls and WPS's .et in a process of its own that may use so much memory and no more.

Nothing in such a file can be counted before it is read as `guard` does with an .xlsx, and what a
sheet says of its own size may be a lie: two cells in opposite corners, five thousand bytes, make
the reader reserve a gigabyte, and a file may have thousands of sheets. The system refuses memory
to that process alone; its rows arrive one by one, as JSON. Pure, no Django on either side.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from organizations.roster.guard import Limits
from organizations.roster.problems import FileProblem
from organizations.roster.workbooks import workbook_rows

# Of addresses, the interpreter included: 65,536 rows of 30 columns fit several times.
MEMORY = 768 * 1024**2
SECONDS = 120
ROOT = Path(__file__).resolve().parent.parent.parent
# How the process ends when it is refused memory (Rust, Python) or has used its time.
TOO_MUCH = 3
GREEDY = (TOO_MUCH, -signal.SIGABRT, -signal.SIGKILL, -signal.SIGXCPU, -signal.SIGSEGV)
# Values of cells that JSON has no word for.
PLAIN: dict[str, Callable[[str], object]] = {
    "datetime": dt.datetime.fromisoformat,
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
    "timedelta": lambda text: dt.timedelta(seconds=float(text)),
}


def confined_rows(path: Path, limits: Limits) -> Iterator[list[object]]:
    """Like `workbooks.workbook_rows`. Raises FileProblem, also when the file asks for too much."""
    order = [sys.executable, "-m", __name__, str(path.resolve()), str(limits.columns)]
    with subprocess.Popen(
        order, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
    ) as child:
        try:
            assert child.stdout is not None
            for line in child.stdout:
                said = json.loads(line, object_hook=_plain)
                if isinstance(said, FileProblem):
                    raise said
                yield said
            code = child.wait()
        finally:
            child.kill()
    if code:
        raise FileProblem("unpacks_too_large" if code in GREEDY else "damaged")


def _plain(said: dict[str, Any]) -> object:
    (name, value), *_none = said.items()
    return FileProblem(value[0], **dict(value[1])) if name == "problem" else PLAIN[name](value)


def _said(value: object) -> dict[str, str]:
    text = value.total_seconds() if isinstance(value, dt.timedelta) else value
    return {type(value).__name__: text.isoformat() if hasattr(text, "isoformat") else str(text)}


def _limit() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(path: str, columns: str) -> int:
    _limit()
    try:
        for row in workbook_rows(Path(path), Limits(columns=int(columns))):
            sys.stdout.write(json.dumps(row, default=_said) + "\n")
    except FileProblem as problem:
        sys.stdout.write(json.dumps({"problem": [problem.code, [*problem.params.items()]]}) + "\n")
    except MemoryError:
        return TOO_MUCH
    return 0


if __name__ == "__main__":
    # Whoever asked may have seen enough.
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main(*sys.argv[1:]))
