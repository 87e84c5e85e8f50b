"""The step that makes the small pictures: the storyboard for the seek bar, and the poster."""

import os
from collections.abc import Callable
from pathlib import Path

from media_pipeline.ffmpeg.facts import SourceFacts
from media_pipeline.ffmpeg.ladder import Rung
from media_pipeline.ffmpeg.outputs import MAKING
from media_pipeline.ffmpeg.recipe import CANDIDATE, POSTER, pictures_command, progressive_rung
from media_pipeline.ffmpeg.runner import RunResult
from media_pipeline.ffmpeg.storyboard import (
    SHEET_NAME,
    STORYBOARD,
    best_poster,
    storyboard_for,
    storyboard_vtt,
)
from media_pipeline.ffmpeg.tracks import bad_output, replace_text


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
    run(pictures_command(facts, rungs, binary=binary))
    candidates = _numbered(making, CANDIDATE)
    sheets = _numbered(making, SHEET_NAME)
    if not candidates or not (sheets or facts.sound_only):
        raise bad_output("no poster or no storyboard")
    best = best_poster([path.stat().st_size for path in candidates])
    os.replace(candidates[best], out_dir / POSTER)
    for sheet in sheets:
        os.replace(sheet, out_dir / sheet.name)
    size = progressive_rung(rungs)
    plan = storyboard_for(duration=facts.duration, width=size.width, height=size.height)
    text = storyboard_vtt(plan, duration=facts.duration, sheets=len(sheets))
    replace_text(out_dir / STORYBOARD, text)


def _numbered(folder: Path, name: str) -> list[Path]:
    return sorted(folder.glob(name.replace("%03d", "[0-9][0-9][0-9]")))
