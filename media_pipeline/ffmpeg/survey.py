"""What a film is like to encode, asked of a few samples of it before its ladder is chosen. Pure:
the command line, and what its answer means.

A sample is a keyframe and the pictures right after it, made small and encoded fast. What the later
pictures cost tells how much moves (pages that stand still cost next to nothing, a camera in a hand
ten times what somebody costs who talks before a tripod); how well the first one survives being
made smaller and larger again tells whether there is more to see at 1080 lines than at 720. The
answer is written down with the plan, so another attempt at the film goes by the same.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import ffmpeg

from media_pipeline.ffmpeg.facts import SourceFacts
from media_pipeline.ffmpeg.ladder import SMOOTH_LINES, Pace
from media_pipeline.ffmpeg.recipe import INDEXED, film_input

SAMPLES, PICTURES = 4, 12
MANY_PIXELS = 2_500_000
SHORT = 8.0  # seconds of a film that gets one sample
SMALL_LINES = 360
# From so many lines on it is asked whether the film is as sharp as it is large.
LARGE_LINES = 1000
# Bits that the middle one of the later pictures costs. The screen of a computer: 3,000; somebody
# who talks, with the noise of a webcam: 24,000; a camera in a hand: 36,000. At 12,000 the rung of
# 360 lines is about as large as a weak line takes.
STANDS_STILL, IS_BUSY = 7_000, 12_000
# Decibels between a picture and itself made smaller and larger again. Above this nobody sees it.
SAME = 48.0

_TALKING = ("-nostdin", "-hide_banner", "-nostats", "-v", "info")
# Of ffmpeg's framecrc: those that are no keyframe carry their flags at the end.
_LATER = re.compile(rb"^0,(?:\s*\d+,){3}\s*(\d+), 0x[0-9a-f]+, F=0x0\b", re.MULTILINE)
_LIKENESS = re.compile(r"PSNR .*\bmin:(\S+)")


@dataclass(frozen=True)
class Survey:
    """`sharp`: there is more to see at 1080 lines than at 720."""

    pace: Pace = Pace.CALM
    sharp: bool = True


def survey_command(facts: SourceFacts, *, source: Path, binary: str) -> list[str]:
    """Packets of the small pictures on standard output, likeness of the large ones in the last
    words. Samples are read from where the film can be entered, without decoding up to there.
    """
    # All are open at once, which larger pictures would take too much memory for.
    count = SAMPLES if facts.width * facts.height <= MANY_PIXELS else 1
    starts = [facts.pictures_end * (2 * n + 1) / (2 * count) for n in range(count)]
    if facts.container not in INDEXED or facts.pictures_end < SHORT:
        starts = [0.0]
    samples = [
        film_input(facts, source, threads=2, seek=round(start, 3))[str(facts.video_index)]
        .filter("trim", end_frame=PICTURES)
        .filter("setpts", "N/(30*TB)")
        .filter("fps", 30)
        for start in starts
    ]
    upright = facts.height > facts.width
    width, height = (SMALL_LINES, -2) if upright else (-2, SMALL_LINES)
    if not _is_large(facts):
        small = ffmpeg.concat(*(_scaled(sample, width, height) for sample in samples), v=1, a=0)
        return _told(_encoded(small), binary)
    halves = [sample.filter_multi_output("split", 2) for sample in samples]
    small = ffmpeg.concat(*(_scaled(half.stream(0), width, height) for half in halves), v=1, a=0)
    firsts = [half.stream(1).filter("trim", end_frame=1) for half in halves]
    size = (facts.width // 2 * 2, facts.height // 2 * 2)
    large = ffmpeg.concat(*(_scaled(first, *size) for first in firsts), v=1, a=0)
    pair = large.filter_multi_output("split", 2)
    lines = (SMOOTH_LINES, -2) if upright else (-2, SMOOTH_LINES)
    again = _scaled(_scaled(pair.stream(0), *lines), *size)
    likeness = ffmpeg.filter([again, pair.stream(1)], "psnr")
    return _told(
        ffmpeg.merge_outputs(_encoded(small), ffmpeg.output(likeness, "-", f="null")), binary
    )


def read_survey(packets: bytes, words: str) -> Survey:
    """What the command's answer means; a film that gave none is taken for a usual one."""
    later = [8 * int(size) for size in _LATER.findall(packets)]
    likeness = _LIKENESS.search(words)
    sharp = likeness is None or float(likeness[1]) < SAME
    if not later:
        return Survey(sharp=sharp)
    bits = median(later)  # a page that is turned is one picture, and so is the edge of a sample
    if bits < STANDS_STILL:
        return Survey(Pace.STILL, sharp)
    return Survey(Pace.BUSY if bits > IS_BUSY else Pace.CALM, sharp)


def _is_large(facts: SourceFacts) -> bool:
    return min(facts.width, facts.height) >= LARGE_LINES


def _scaled(stream: Any, width: int, height: int) -> Any:
    return stream.filter("scale", width, height).filter("setsar", 1).filter("format", "yuv420p")


def _encoded(small: Any) -> Any:
    return ffmpeg.output(
        small,
        "-",
        f="framecrc",
        **{
            "c:v": "libx264",
            "preset": "superfast",
            "crf": 23,
            "bf": 0,
            "threads:v": 1,
        },
    )


def _told(outputs: Any, binary: str) -> list[str]:
    command = outputs.global_args(*_TALKING).overwrite_output().compile(cmd=binary)
    return [str(part) for part in command]
