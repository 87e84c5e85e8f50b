"""Who holds a lease: a name for a process that tells later whether that process still lives.

Pure reading of /proc; nothing about jobs or leases belongs here. Elsewhere than on Linux a name
proves nothing and a dead owner's lease simply runs out.
"""

import os
import platform
import secrets
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Owner:
    """One process. `world` is this boot and process namespace, in which `pid` means something;
    `started` is its start in clock ticks, so that a reused pid is not taken for it.
    """

    host: str
    pid: int
    world: str
    started: str

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}:{self.world}:{self.started}"

    @classmethod
    def parse(cls, text: str) -> "Owner | None":
        host, _, rest = text.partition(":")
        parts = rest.split(":")
        if not host or len(parts) != 3 or not parts[0].isdecimal():
            return None
        return cls(host=host, pid=int(parts[0]), world=parts[1], started=parts[2])


def owner_of_this_process() -> str:
    """The name under which this process claims jobs; at most 100 characters."""
    pid = os.getpid()
    started = _started(pid) or secrets.token_hex(4)
    return str(Owner(host=_host(), pid=pid, world=_world(), started=started))


def owner_is_dead(name: str) -> bool:
    """Whether the process certainly ran in this very world and is gone; when in doubt, False."""
    owner = Owner.parse(name)
    world = _world()
    if owner is None or not world or (owner.host, owner.world) != (_host(), world):
        return False
    return _started(owner.pid) != owner.started


def _host() -> str:
    return platform.node().replace(":", "-")[:40] or "localhost"


def _world() -> str:
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot[:8]}-{os.stat(PROC / 'self/ns/pid').st_ino}"
    except OSError:
        return ""


def _started(pid: int) -> str:
    """Field 22 of stat; empty for a process that is gone or only waits to be reaped."""
    try:
        stat = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()  # the command name may hold spaces
    return "" if fields[0] in "ZX" else fields[19]
