"""Reads an uploaded file in a process of its own that may use so much memory and time and no more.

What a file says of its own size may be a lie, and what its reader will ask for cannot be told from
outside: two cells in opposite corners of an .xls, five thousand bytes, reserve a gigabyte, and a
few columns of XML half the memory of the host. In a worker that would end every other task of its
too. The system refuses memory to this process alone; its rows arrive one by one, as JSON. Pure, no
Django on either side.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from organizations.roster.csv_files import csv_rows
from organizations.roster.guard import Limits, sniff
from organizations.roster.problems import FileProblem
from organizations.roster.workbooks import workbook_rows

READERS: dict[str, Callable[[Path, Limits], Iterator[list[object]]]] = {
    "csv": csv_rows,
    "xlsx": workbook_rows,
    "xls": workbook_rows,
}
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
    """The rows of the first visible sheet that has any, from its first row on.

    Raises FileProblem, also when the file asks for too much.
    """
    bounds = json.dumps(dataclasses.asdict(limits))
    order = [sys.executable, "-m", __name__, str(path.resolve()), bounds]
    # What goes wrong there unforeseen stands in the log of the worker.
    with subprocess.Popen(
        order, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=ROOT
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
    if code in GREEDY:
        raise FileProblem("unpacks_too_large")
    if code:
        raise FileProblem("damaged")


def _plain(said: dict[str, Any]) -> object:
    (name, value), *_none = said.items()
    return FileProblem(value[0], **dict(value[1])) if name == "problem" else PLAIN[name](value)


def _said(value: object) -> dict[str, str]:
    text = value.total_seconds() if isinstance(value, dt.timedelta) else value
    return {type(value).__name__: text.isoformat() if hasattr(text, "isoformat") else str(text)}


def _confine(limits: Limits) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(name: str, bounds: str) -> int:
    path, limits = Path(name), Limits(**json.loads(bounds))
    _confine(limits)
    try:
        for row in READERS[sniff(path, limits)](path, limits):
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
