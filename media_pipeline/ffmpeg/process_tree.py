"""A process and those below it, as /proc tells; on systems without it the process alone."""

import contextlib
import os
import signal

PAGE = os.sysconf("SC_PAGE_SIZE")


def members(leader: int) -> list[int]:
    """The process and all below it, the leader first. Children that a thread started, not the
    main one, are not seen: no program of ours does that.
    """
    found = [leader]
    for pid in found:
        try:
            with open(f"/proc/{pid}/task/{pid}/children", "rb") as children:
                found += map(int, children.read().split())
        except OSError:  # it has ended
            continue
    return found


def resident_bytes(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", "rb") as statm:
            return int(statm.read().split()[1]) * PAGE
    except (OSError, IndexError, ValueError):
        return 0


def written_bytes(pid: int) -> int:
    """All that it handed to write(2), to files and pipes."""
    try:
        with open(f"/proc/{pid}/io", "rb") as io:
            for line in io:
                name, _, value = line.partition(b":")
                if name == b"wchar":
                    return int(value)
    except (OSError, ValueError):
        pass
    return 0


def signal_all(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
