"""What a media process may use: resource limits, a clean environment, a session of its own.

Builds argument lists only; `runner` starts them. Which file formats and protocols ffmpeg may open
is said in `recipe` and `probe`.
"""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

LAUNCHER = Path(__file__).with_name("launch.py")
NOT_STARTED = 126  # launch.py's exit status when the program cannot be executed
ORPHANED = 125  # and when its parent died first


@dataclass(frozen=True)
class ProcessLimits:
    """Kernel limits of one process; None leaves the inherited one. Bytes and seconds.

    `processes` counts all processes and threads of the user on Linux, so it only suits a program
    that starts none (0). ffmpeg maps far more address space than it uses (measured 1.6-2.4 GB at
    0.5 GB resident), so its resident memory is watched by the runner instead.
    """

    cpu_seconds: int | None = None
    address_space: int | None = None
    file_bytes: int | None = None
    processes: int | None = None
    open_files: int | None = 256
    nice: int = 0

    def by_name(self) -> dict[str, int]:
        limits = {
            "RLIMIT_CORE": 0,
            "RLIMIT_CPU": self.cpu_seconds,
            "RLIMIT_AS": self.address_space,
            "RLIMIT_FSIZE": self.file_bytes,
            "RLIMIT_NPROC": self.processes,
            "RLIMIT_NOFILE": self.open_files,
        }
        return {name: value for name, value in limits.items() if value is not None}


def clean_environment() -> dict[str, str]:
    """The whole environment of a media process: no secrets, no proxies, no library paths."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}


def launch_command(argv: list[str], *, limits: ProcessLimits) -> list[str]:
    """Wrap `argv` (program by absolute path) so that it runs under `limits` and dies with us."""
    spec = {"parent": os.getpid(), "limits": limits.by_name(), "nice": limits.nice}
    return [sys.executable, "-I", "-S", str(LAUNCHER), json.dumps(spec), *argv]
