"""A worker's media code in a process of its own: takes paths, tells what became of each film.

`python -m tests.hostile.worker`; a line of JSON in, a line of JSON out. It lives as long as the
whole corpus, as a real worker does.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.probe import Limits, probe
from media_pipeline.ffmpeg.refusals import MediaRefused
from media_pipeline.ffmpeg.runner import MediaProcessFailed
from media_pipeline.ffmpeg.transcode import transcode

# A real worker's four hours would let some films here take one.
LIMITS = Limits(max_seconds=600)


def work(source: Path, out: Path) -> dict[str, Any]:
    """The state (made, refused, failed), the code of the reason, and all that was said."""
    try:
        facts = probe(source, limits=LIMITS)
        transcode(
            source=source,
            facts=facts,
            out_dir=out,
            on_step=lambda step, done: None,
            on_first_play=lambda path: None,
            should_stop=lambda: False,
            binary=ffmpeg_binary(),
        )
    except MediaRefused as refusal:
        return {"state": "refused", "code": str(refusal.code), "said": str(refusal)}
    except MediaProcessFailed as failure:
        return {"state": "failed", "code": str(failure.reason), "said": failure.stderr_tail}
    return {"state": "made", "code": "", "said": ""}


def main() -> None:
    for line in sys.stdin:
        task = json.loads(line)
        began = time.monotonic()
        answer = work(Path(task["source"]), Path(task["out"]))
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        answer |= {
            "seconds": time.monotonic() - began,
            "cpu_seconds": used.ru_utime + used.ru_stime,  # of all films so far
            "peak_rss": used.ru_maxrss * 1024,  # of all films so far
            "files_open": len(os.listdir("/proc/self/fd")),
        }
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
