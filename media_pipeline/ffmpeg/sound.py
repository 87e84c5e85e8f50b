"""The step that makes the shared track of sound: measured, made as loud as it should be."""

import json
import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from media_pipeline.ffmpeg.boxes import BoxError, read_init
from media_pipeline.ffmpeg.facts import SourceFacts
from media_pipeline.ffmpeg.loudness import (
    SILENCE,
    Loudness,
    corrected,
    is_certain,
    read_loudness,
    treatment_for,
)
from media_pipeline.ffmpeg.outputs import AUDIO, INIT, MAKING
from media_pipeline.ffmpeg.recipe import measure_command, measure_sound_command, sound_command
from media_pipeline.ffmpeg.resume import LOUDNESS
from media_pipeline.ffmpeg.runner import RunResult
from media_pipeline.ffmpeg.tracks import Piece, bad_output, read_piece, replace_text, write_playlist

ROUNDS = 5  # of encoding, at most; one is usual, two where peaks had to be held down

logger = logging.getLogger(__name__)


def make_sound(
    out_dir: Path,
    facts: SourceFacts,
    *,
    source: Path,
    binary: str,
    run: Callable[[list[str]], RunResult],
) -> None:
    """Make the folder `audio`. `run` runs a command in `out_dir`."""
    assert facts.audio is not None
    found = _measured_before(out_dir)
    if found is None:
        said = run(measure_command(facts, source=source, binary=binary))
        found = _loudness(said)
        replace_text(out_dir / LOUDNESS, json.dumps(asdict(found)))
    treatment = treatment_for(found, channels=facts.audio.channels)
    making = out_dir / MAKING / AUDIO
    for number in range(1, ROUNDS + 1):
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        run(sound_command(facts, treatment, source=source, binary=binary))
        if number == ROUNDS or is_certain(treatment, source=found):
            break
        better = corrected(
            treatment, source=found, made=_loudness(run(measure_sound_command(binary=binary)))
        )
        if better is None:
            break
        treatment = better
    logger.info("Sound: %s, %s", found, treatment)
    _publish(out_dir, making)


def loudness_in(out_dir: Path) -> float | None:
    """Integrated loudness of the source in LUFS, as it was measured for this package; the scale's
    lower end for silence, None where there is no sound.
    """
    found = _measured_before(out_dir)
    return None if found is None else max(found.integrated, SILENCE)


def _measured_before(out_dir: Path) -> Loudness | None:
    try:
        return Loudness(**json.loads((out_dir / LOUDNESS).read_text("ascii")))
    except (OSError, ValueError, TypeError):
        return None


def _loudness(said: RunResult) -> Loudness:
    loudness = read_loudness(said.stderr_tail)
    if loudness is None:
        raise bad_output(f"no loudness: {said.stderr_tail[-500:]}")
    return loudness


def _publish(out_dir: Path, making: Path) -> None:
    try:
        init = read_init((making / INIT).read_bytes())
    except (OSError, BoxError) as error:
        raise bad_output(f"{AUDIO}: {error}") from error
    pieces: list[Piece] = []
    while piece := read_piece(making, len(pieces), init):
        pieces.append(piece)
    if not pieces or len(pieces) < len(list(making.glob("seg_*.m4s"))):
        raise bad_output(f"{AUDIO}: segment {len(pieces)} is not one")
    write_playlist(making, pieces, ended=True)
    shutil.rmtree(out_dir / AUDIO, ignore_errors=True)
    os.replace(making, out_dir / AUDIO)
