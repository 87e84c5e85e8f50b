"""When which page of a lecture is seen: shots in whole frames, cut to the narration.

Pure: no files, no drawing, no voice. Times are counted in audio samples, so picture and sound
cannot drift apart however long a lecture is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lms.demo.lectures import Slide

BEFORE_FIRST = 0.5
BEFORE_PAGE = 0.3
BETWEEN_SENTENCES = 0.26
AFTER_PAGE = 0.4
AFTER_LAST = 1.0


@dataclass(frozen=True)
class Shot:
    """A page with one line standing out (None: all do), for so many frames."""

    page: int
    spoken_line: int | None
    frames: int


@dataclass(frozen=True)
class Timeline:
    """Shots, and the sound as samples of silence (int) and numbers of sentences, in order."""

    shots: tuple[Shot, ...]
    pauses: tuple[int, ...]
    """Samples of silence before each sentence, and at the end after the last."""

    @property
    def frames(self) -> int:
        return sum(shot.frames for shot in self.shots)


def timeline_cut(
    *, slides: Sequence[Slide], sentence_samples: Sequence[int], sample_rate: int, fps: int
) -> Timeline:
    """Lay the sentences, each so many samples long, over the pages they belong to."""
    marks: list[tuple[int, int, int | None]] = []  # (first sample, page, line)
    pauses: list[int] = []
    sentences = iter(sentence_samples)
    now = 0
    for page, slide in enumerate(slides):
        opening = slide.line_spoken_by(0)
        marks.append((now, page, opening))
        for number in range(len(slide.spoken)):
            pause = BETWEEN_SENTENCES if number else BEFORE_PAGE
            if page == 0 and number == 0:
                pause = BEFORE_FIRST
            if page > 0 and number == 0:
                pause += AFTER_PAGE
            silence = round(pause * sample_rate)
            pauses.append(silence)
            # A page turns when the one before has been quiet for its share of the pause.
            if page > 0 and number == 0:
                marks[-1] = (now + round(AFTER_PAGE * sample_rate), page, opening)
            now += silence
            marks.append((now, page, slide.line_spoken_by(number)))
            now += next(sentences)
    pauses.append(round(AFTER_LAST * sample_rate))
    now += pauses[-1]
    return Timeline(shots=_shots(marks, now, sample_rate, fps), pauses=tuple(pauses))


def sentence_times(
    pauses: Sequence[int], sentence_samples: Sequence[int], sample_rate: int
) -> list[tuple[int, int]]:
    """When each sentence begins and ends, in milliseconds."""
    times, now = [], 0
    for pause, samples in zip(pauses, sentence_samples, strict=False):
        start, now = now + pause, now + pause + samples
        times.append((round(1000 * start / sample_rate), round(1000 * now / sample_rate)))
    return times


def _shots(
    marks: list[tuple[int, int, int | None]], end: int, sample_rate: int, fps: int
) -> tuple[Shot, ...]:
    shots: list[Shot] = []
    for index, (start, page, line) in enumerate(marks):
        until = marks[index + 1][0] if index + 1 < len(marks) else end
        frames = round(until * fps / sample_rate) - round(start * fps / sample_rate)
        if shots and (shots[-1].page, shots[-1].spoken_line) == (page, line):
            shots[-1] = Shot(page, line, shots[-1].frames + frames)
        elif frames > 0:
            shots.append(Shot(page, line, frames))
    return tuple(shots)
