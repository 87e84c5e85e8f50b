"""How many recordings a worker may encode at a time: no more than its memory holds.

A ladder that is started where only another one fits ends both, because the kernel or our own
watch kills what takes too much. So a slot too many in the settings is not used.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from media_pipeline.ffmpeg import preview, transcode

# Bytes for everything that is no media process: worker, web, database, the cache of files.
OTHERS = 1_000_000_000
# Of a container, by the two versions of control groups.
LIMITS = tuple(
    Path("/sys/fs/cgroup") / name for name in ("memory.max", "memory/memory.limit_in_bytes")
)


def slots_that_fit(wanted: int, *, memory: int) -> int:
    """Of `wanted` slots those for which `memory` bytes suffice beside a preview; one in any case,
    or nothing would ever be made.
    """
    return max(1, min(wanted, (memory - preview.RSS_BYTES) // transcode.RSS_BYTES))


def memory_for_media(limits: Iterable[Path] = LIMITS) -> int:
    """Bytes that this host, or the container around this process, leaves to media processes."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for path in limits:
        try:
            whole = min(whole, int(path.read_text("ascii")))
        except (OSError, ValueError):  # no such version here, or "max"
            continue
    return whole - OTHERS
