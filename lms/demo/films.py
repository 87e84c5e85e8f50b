"""A lecture becomes a film: pages drawn, sentences spoken, both encoded into one file.

What belongs here: the order of these steps, and leaving no half-made file behind. What does
not: the steps themselves (`slides`, `voice`, `timeline`, `encoding`).
"""

from __future__ import annotations

import os
import tempfile
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PIL import Image

from lms.demo.encoding import film_command, rotation_command
from lms.demo.lectures import DemoLecture
from lms.demo.slides import Deck
from lms.demo.timeline import Timeline, timeline_cut
from lms.demo.voice import SAMPLE_RATE, silence_samples, speak, wav_write
from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.runner import run

# Within a page the emphasis glides from line to line. Pages are cut, not dissolved: any frame
# may become a poster or a storyboard picture, and two pages' words in one are no picture.
_FRAMES_TO_CHANGE_A_LINE = 4

# Fine enough for every frame rate in use: the list of pictures rounds to these ticks.
_LIST_TICKS = 600


def make_film(
    lecture: DemoLecture,
    *,
    out_dir: Path,
    font_dir: Path,
    should_stop: Callable[[], bool] | None = None,
    binary: str = "",
) -> Path:
    """Make the lecture's film in `out_dir` and return its path; at once if it is there already.

    `font_dir` is the folder of the npm package @expo-google-fonts/noto-sans-sc. The same
    lecture gives the same bytes. Nothing is left behind on failure.

    Raises `OSError` (a font or folder is missing), `VoiceUnavailable`, and what
    `media_pipeline.ffmpeg.runner.run` raises, `MediaProcessStopped` among them.
    """
    film_path = out_dir / lecture.file_name
    if film_path.exists():
        return film_path
    out_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out_dir, prefix=".making-") as made_in:
        work = Path(made_in)
        timeline = _voice_made(lecture, work, should_stop)
        deck = Deck(lecture, font_dir=font_dir)
        _pictures_made(deck, timeline, lecture.film.fps, work)
        program = ffmpeg_binary(binary)
        finished = work / f"film.{lecture.film.container}"
        command = film_command(
            film=lecture.film,
            pictures=work / "pictures.ffconcat",
            voice=work / "voice.wav",
            makeup=lecture.voice.makeup,
            frames=timeline.frames,
            out=finished,
            binary=program,
        )
        run(command, files=None, should_stop=should_stop)
        if lecture.film.rotation:
            stored, finished = finished, work / f"turned.{lecture.film.container}"
            command = rotation_command(
                film=lecture.film, source=stored, out=finished, binary=program
            )
            run(command, files=None, should_stop=should_stop)
        os.replace(finished, film_path)
    return film_path


def _voice_made(
    lecture: DemoLecture, work: Path, should_stop: Callable[[], bool] | None
) -> Timeline:
    """Speak the whole lecture into a file; returns how its pages follow the voice."""
    sentences = [sentence for slide in lecture.slides for sentence in slide.spoken]
    said = speak(sentences, voice=lecture.voice, work_dir=work, should_stop=should_stop)
    timeline = timeline_cut(
        slides=lecture.slides,
        sentence_samples=[len(samples) for samples in said],
        sample_rate=SAMPLE_RATE,
        fps=lecture.film.fps,
    )
    wav_write(path=work / "voice.wav", pieces=_with_pauses(said, timeline.pauses))
    return timeline


def _with_pauses(said: Sequence[array[int]], pauses: Sequence[int]) -> Iterator[array[int]]:
    for pause, samples in zip(pauses, said, strict=False):
        yield silence_samples(pause)
        yield samples
    yield silence_samples(pauses[-1])


def _pictures_made(deck: Deck, timeline: Timeline, fps: int, work: Path) -> None:
    """Draw every shot once, with a few mixed frames where the emphasis moves on.

    JPEG in between: at this quality the loss is not seen, and it costs a fifth of PNG.
    """
    listed = ["ffconcat version 1.0"]
    before: Image.Image | None = None
    page_before = -1
    for number, shot in enumerate(timeline.shots):
        picture = deck.page(shot.page, spoken_line=shot.spoken_line)
        mixed = 0
        if before is not None and page_before == shot.page:
            mixed = min(_FRAMES_TO_CHANGE_A_LINE, shot.frames - 1)
            for step in range(1, mixed + 1):
                between = Image.blend(before, picture, step / (mixed + 1))
                listed += _entry(between, work / f"{number:03d}-{step}.jpg", 1, fps)
        listed += _entry(picture, work / f"{number:03d}.jpg", shot.frames - mixed, fps)
        before, page_before = picture, shot.page
    # The last duration only counts when something follows.
    listed += listed[-3:]
    (work / "pictures.ffconcat").write_text("\n".join(listed) + "\n", encoding="utf-8")


def _entry(picture: Image.Image, path: Path, frames: int, fps: int) -> list[str]:
    picture.save(path, quality=96, subsampling=0)
    return [f"file {path.name}", f"option framerate {_LIST_TICKS}", f"duration {frames / fps:.6f}"]
