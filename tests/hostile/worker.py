"""A worker's media code in a process of its own: takes paths, tells what became of each film in
both lanes.

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
from media_pipeline.ffmpeg.preview import preview
from media_pipeline.ffmpeg.probe import Limits, probe
from media_pipeline.ffmpeg.refusals import MediaRefused
from media_pipeline.ffmpeg.runner import MediaProcessFailed
from media_pipeline.ffmpeg.transcode import transcode


def first_look(source: Path, out: Path, limits: Limits) -> None:
    """As `Attempt.first_look`: plays before all of a long film is read."""
    facts = probe(source, limits=limits, beginning=True)
    preview(
        source=source,
        facts=facts,
        out_dir=out,
        on_step=lambda step, done: None,
        on_first_play=lambda path: None,
        should_stop=lambda: False,
        binary=ffmpeg_binary(),
    )
    if not facts.whole:
        probe(source, limits=limits)


def whole_film(source: Path, out: Path, limits: Limits) -> None:
    transcode(
        source=source,
        facts=probe(source, limits=limits),
        out_dir=out,
        on_step=lambda step, done: None,
        on_first_play=lambda path: None,
        should_stop=lambda: False,
        binary=ffmpeg_binary(),
    )


# In the order in which they meet a film.
LANES = {"preview": first_look, "full": whole_film}


def ended(lane: str, source: Path, out: Path, limits: Limits) -> dict[str, Any]:
    """The state (made, refused, failed), the code of the reason, all that was said, seconds."""
    began = time.monotonic()
    found = {"state": "made", "code": "", "said": ""}
    try:
        LANES[lane](source, out / lane, limits)
    except MediaRefused as refusal:
        found = {"state": "refused", "code": str(refusal.code), "said": str(refusal)}
    except MediaProcessFailed as failure:
        found = {"state": "failed", "code": str(failure.reason), "said": failure.stderr_tail}
    return {**found, "seconds": time.monotonic() - began}


def main() -> None:
    for line in sys.stdin:
        task = json.loads(line)
        source, out = Path(task["source"]), Path(task["out"])
        limits = Limits(max_seconds=task["max_seconds"])
        answer = {
            "lanes": {lane: ended(lane, source, out, limits) for lane in LANES},
            # Of all films so far.
            "peak_rss": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024,
            "files_open": len(os.listdir("/proc/self/fd")),
        }
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
