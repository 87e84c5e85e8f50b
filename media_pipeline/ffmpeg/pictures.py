"""The step that makes the small pictures: the storyboard for the seek bar, and the poster."""

import json
import os
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from media_pipeline.ffmpeg.facts import SourceFacts
from media_pipeline.ffmpeg.frames import picture_command
from media_pipeline.ffmpeg.ladder import Rung
from media_pipeline.ffmpeg.outputs import MAKING
from media_pipeline.ffmpeg.poster_choice import candidates, read_looks
from media_pipeline.ffmpeg.recipe import (
    LOOKS,
    POSTER,
    PROGRESSIVE,
    pictures_command,
    progressive_rung,
)
from media_pipeline.ffmpeg.resume import SEEN
from media_pipeline.ffmpeg.runner import RunResult
from media_pipeline.ffmpeg.storyboard import (
    SHEET_NAME,
    STORYBOARD,
    storyboard_for,
    storyboard_vtt,
)
from media_pipeline.ffmpeg.tracks import bad_output, replace_text

MOST_LOOKS = 120


@dataclass(frozen=True)
class Seen:
    """What looking across a film told: seconds of pictures that would do as its poster, best
    first, and the median of the mean brightness of its pictures, 0 to 255; of a still, none.
    """

    moments: tuple[float, ...] = ()
    brightness: float | None = None


def make_pictures(
    out_dir: Path,
    facts: SourceFacts,
    rungs: tuple[Rung, ...],
    *,
    binary: str,
    run: Callable[[list[str]], RunResult],
) -> None:
    """Make poster, sheets and, last, the list of them, which is empty for a lecture of sound alone.
    `run` runs a command in `out_dir`.
    """
    making = out_dir / MAKING
    every = max(1.0, facts.duration / MOST_LOOKS)
    run(pictures_command(facts, rungs, every=every, binary=binary))
    looks = read_looks((making / LOOKS).read_text("utf-8"))
    sheets = sorted(making.glob(SHEET_NAME.replace("%03d", "[0-9][0-9][0-9]")))
    if not looks or not (sheets or facts.sound_only):
        raise bad_output("no pictures or no storyboard")
    moments = [round(look.second, 3) for look in candidates(looks)]
    run(picture_command(Path(PROGRESSIVE), Path(MAKING) / POSTER, second=moments[0], binary=binary))
    os.replace(making / POSTER, out_dir / POSTER)
    mean = statistics.median(look.mean for look in looks)
    brightness = None if facts.sound_only else round(mean, 1)
    replace_text(out_dir / SEEN, json.dumps({"moments": moments, "brightness": brightness}))
    for sheet in sheets:
        os.replace(sheet, out_dir / sheet.name)
    size = progressive_rung(rungs)
    plan = storyboard_for(duration=facts.duration, width=size.width, height=size.height)
    text = storyboard_vtt(plan, duration=facts.duration, sheets=len(sheets))
    replace_text(out_dir / STORYBOARD, text)


def seen_in(out_dir: Path) -> Seen:
    """What was seen when the pictures of this package were made; nothing where that was before it
    was written down.
    """
    try:
        found = json.loads((out_dir / SEEN).read_text("ascii"))
        return Seen(tuple(found["moments"]), found["brightness"])
    except (OSError, ValueError, KeyError, TypeError):
        return Seen()
