"""A bubblewrap that was killed while it built its walls leaves a half behind that waits for the
other one for ever: it has no parent of ours, becomes no media program, and holds pipes.
"""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from media_pipeline.ffmpeg.bubblewrap import PROGRAM

PROC = Path("/proc")
# Walls stand within milliseconds; one that works has the media program as its child.
AGE_SECONDS = 60.0


@dataclass(frozen=True)
class _Process:
    pid: int
    parent: int
    age: float
    program: str
    is_ours: bool


def orphans_end(*, older_than: float = AGE_SECONDS) -> int:
    """Kill this user's bubblewraps that have no child; returns how many. Needs /proc, and to see
    all that is there: a child inside the walls may count as another user's.
    """
    try:
        found = list(_processes())
    except PermissionError:
        return 0
    parents = {process.parent for process in found}
    ended = 0
    for process in found:
        idle = process.pid not in parents and process.age > older_than
        if process.is_ours and process.program == PROGRAM and idle:
            try:
                os.kill(process.pid, signal.SIGKILL)
                ended += 1
            except ProcessLookupError:
                continue
    return ended


def _processes() -> Iterator[_Process]:
    if not (PROC / "1").is_dir():  # there is no /proc, or it hides what others run
        return
    ticks, up = os.sysconf("SC_CLK_TCK"), time.clock_gettime(time.CLOCK_BOOTTIME)
    for folder in PROC.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            is_ours = folder.stat().st_uid == os.getuid()
            program = (folder / "cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
            # The name in brackets may hold anything; the state follows it, then the parent.
            facts = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
        age = up - int(facts[19]) / ticks
        yield _Process(int(folder.name), int(facts[1]), age, Path(program).name, is_ours)
