"""Whether this host's clock may decide that something is old enough to be deleted or given up.

A clock that jumps ahead by two days makes every open transfer look abandoned, one that jumps by a
year every original. So each look notes what the clock shows beside the seconds since the host
started, which no jump changes. Where both moved differently, or, across a restart, the clock moved
by more than a restart takes, nothing is deleted by age until a day of running has shown nothing
else. An installation that was really off for a week loses that day and nothing more.
"""

import json
import logging
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

# What an ordinary correction moves; a restart may take two days more.
STEP_SECONDS = 3600.0
RESTART_SECONDS = 48 * 3600.0
REST_SECONDS = 24 * 3600.0
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
IN_DOUBT = (
    "The clock of this host has jumped, or the host was off for days: nothing is deleted by age "
    "for another %.1f hours of running. Compare the clock (timedatectl, date)."
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Look:
    """What was seen. `wall`: seconds of the clock; `steady`: seconds since the start of the host
    that `boot` names; `rest`: seconds of running for which the clock stays in doubt.
    """

    wall: float
    steady: float
    boot: str
    rest: float = 0.0


def judged(before: Look | None, now: Look) -> Look:
    """`now` with its `rest`, by what was seen before. Pure."""
    if before is None:
        return now
    moved = now.wall - before.wall
    if now.boot == before.boot and now.steady >= before.steady:
        passed = now.steady - before.steady
        jumped = abs(moved - passed) > STEP_SECONDS
    else:
        passed = 0.0
        jumped = not -STEP_SECONDS <= moved <= RESTART_SECONDS
    rest = REST_SECONDS if jumped else max(0.0, before.rest - passed)
    return Look(now.wall, now.steady, now.boot, rest)


def clock_look() -> float:
    """Look at the clock now, and keep what was seen. Returns for how many seconds of running it
    stays in doubt; 0.0 when it may be trusted.
    """
    look = judged(_last(), _now())
    path = _path()
    beside = path.with_suffix(".new")
    try:
        beside.write_text(json.dumps(asdict(look)), "utf-8")
        beside.replace(path)
    except OSError as problem:  # a full disk must not keep the sweep from making room
        logger.error("What the clock shows cannot be kept: %s", problem)
    return look.rest


def clock_doubt() -> float:
    """The same by what was seen last, and changing nothing."""
    return judged(_last(), _now()).rest


def _now() -> Look:
    try:
        boot = BOOT_ID.read_text("ascii").strip()
    except OSError:
        boot = ""
    # Counts on while the host sleeps, where the system knows such a clock.
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return Look(time.time(), time.clock_gettime(clock), boot)


def _last() -> Look | None:
    try:
        found = json.loads(_path().read_text("utf-8"))
        return Look(**found)
    except (OSError, ValueError, TypeError):
        return None


def _path() -> Path:
    return Path(os.fspath(settings.LECTERN_VAR)) / "clock.json"
