"""What a media process may use: walls where bubblewrap runs, and limits everywhere.

Builds argument lists; `runner` starts them. Which file formats, protocols and decoders ffmpeg may
use is said in `recipe` and `probe`.

The environment's MEDIA_SANDBOX decides on the walls: `auto` puts them up where that is possible,
`bubblewrap` runs no media without them, `limits` does without.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from media_pipeline.ffmpeg.bubblewrap import PROGRAM, Files, bubblewrap_path, walled
from media_pipeline.ffmpeg.syscalls import filter_program

LAUNCHER = Path(__file__).with_name("launch.py")
NOT_STARTED = 126  # launch.py's exit status when the program cannot be executed
ORPHANED = 125  # and when its parent died first
TRIAL_SECONDS = 20


class Mode(StrEnum):
    AUTO = "auto"
    BUBBLEWRAP = "bubblewrap"
    LIMITS = "limits"


class SandboxMissing(RuntimeError):
    """MEDIA_SANDBOX asks for bubblewrap, and bubblewrap does not run here."""


@dataclass(frozen=True)
class ProcessLimits:
    """Kernel limits of one process; None leaves the inherited one. Bytes and seconds.

    `data` counts the memory that a process has taken for itself, used or not, and is what holds
    a media process: ffmpeg maps far more address space (1.6-2.4 GB) than it ever touches.

    `one_cpu` is for work that is little else than threads of ffmpeg handing packets to each other,
    such as sound: kept on one CPU it costs a quarter less.
    """

    cpu_seconds: int | None = None
    address_space: int | None = None
    data: int | None = None
    file_bytes: int | None = None
    open_files: int | None = 256
    nice: int = 0
    one_cpu: bool = False

    def by_name(self) -> dict[str, int]:
        limits = {
            "RLIMIT_CORE": 0,
            "RLIMIT_CPU": self.cpu_seconds,
            "RLIMIT_AS": self.address_space,
            "RLIMIT_DATA": self.data,
            "RLIMIT_FSIZE": self.file_bytes,
            "RLIMIT_NOFILE": self.open_files,
            # The C library gives each thread as much, and `data` counts it.
            "RLIMIT_STACK": None if self.data is None else 2 * 1024**2,
        }
        return {name: value for name, value in limits.items() if value is not None}


def clean_environment() -> dict[str, str]:
    """The whole environment of a media process: no secrets, no proxies, no library paths."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}


def mode() -> Mode:
    """What MEDIA_SANDBOX says. Raises ValueError for a word that it does not know."""
    return Mode(os.environ.get("MEDIA_SANDBOX") or Mode.AUTO)


def has_walls() -> bool:
    """Whether media processes run behind walls here. Raises SandboxMissing when they must and
    cannot.
    """
    chosen = mode()
    if chosen is Mode.LIMITS:
        return False
    trouble = walls_trouble()
    if trouble and chosen is Mode.BUBBLEWRAP:
        raise SandboxMissing(trouble)
    return not trouble


# What once stood is not tried again: should it break later, a job fails instead of running open.
_proven: set[str] = set()


def walls_trouble() -> str:
    """Why there can be no walls on this host; empty when there can. Tries it once (about 50 ms)."""
    program = bubblewrap_path()
    if program is None:
        return "bubblewrap is not installed"
    if program in _proven:
        return ""
    nothing = [sys.executable, "-I", "-S", "-c", ""]
    command = launch_command(nothing, limits=ProcessLimits(), files=Files(), walls=True)
    try:
        trial = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=clean_environment(),
            timeout=TRIAL_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not start: {error}"
    if trial.returncode != 0:
        said = trial.stderr.decode("utf-8", "replace").strip().splitlines()
        return said[-1] if said else f"bubblewrap ended with {trial.returncode}"
    _proven.add(program)
    return ""


def launch_command(
    argv: list[str],
    *,
    limits: ProcessLimits,
    files: Files | None,
    walls: bool,
    cwd: Path | None = None,
) -> list[str]:
    """Wrap `argv` (program by absolute path) so that it runs under `limits` and dies with us.

    Files None is for our own programs on our own material; others make no socket and no second
    process, and see no more than their files where `walls` stand.
    """
    if walls and files is not None:
        argv = walled(argv, files, cwd=cwd, program=bubblewrap_path() or PROGRAM)
    spec = {
        "parent": os.getpid(),
        "nice": limits.nice,
        "one_cpu": int(limits.one_cpu),
        "filter": "" if files is None else filter_program().hex(),
        "walls": int(walls),
        **limits.by_name(),
    }
    words = [f"{name}={value}" for name, value in spec.items()]
    return [sys.executable, "-I", "-S", str(LAUNCHER), *words, "--", *argv]
