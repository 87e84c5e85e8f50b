"""The Mandarin voices of the demo lectures: sentences in, samples out.

What belongs here: who can speak, having them speak in a process of their own, sound files.
What does not: the synthesiser itself (`espeak`), what is said (`lectures`), and when (`films`).
"""

from __future__ import annotations

import json
import sys
import wave
from array import array
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from pathlib import Path

from lms.demo import espeak
from media_pipeline.ffmpeg.runner import FailureReason, MediaProcessFailed, run

SAMPLE_RATE = espeak.SAMPLE_RATE
"""Samples a second of everything this module returns; mono, signed 16 bit."""


class VoiceUnavailable(RuntimeError):
    """espeak-ng could not be started, has no such voice, or said nothing."""


class Voice(Enum):
    """Who speaks: espeak-ng's name, pitch and melody, and the gain that makes them as loud."""

    MALE = ("cmn", 42, 60, 5.0)
    FEMALE = ("cmn+f2", 52, 60, 4.0)

    @property
    def makeup(self) -> float:
        """Linear gain after compression."""
        return self.value[3]


def speak(
    sentences: Sequence[str],
    *,
    voice: Voice,
    work_dir: Path,
    should_stop: Callable[[], bool] | None = None,
) -> list[array[int]]:
    """Say the sentences; returns the samples of each, without silence around them.

    The same list gives the same samples. Writes two files into `work_dir`. Raises
    `VoiceUnavailable`, or `MediaProcessStopped` when `should_stop` said so.
    """
    name, pitch, melody, _ = voice.value
    request, out = work_dir / "sentences.json", work_dir / "sentences.pcm"
    asked = {"voice": name, "pitch": pitch, "melody": melody, "sentences": list(sentences)}
    request.write_text(json.dumps(asked), encoding="utf-8")
    # Isolated: modules of this folder must not stand in for the standard library.
    script = str(Path(espeak.__file__).resolve())
    program = [sys.executable, "-I", script, str(request), str(out)]
    try:
        result = run(program, files=None, should_stop=should_stop)
    except MediaProcessFailed as failed:
        if failed.reason is FailureReason.DISK_FULL:
            raise
        raise VoiceUnavailable(failed.stderr_tail) from failed
    everything = array("h", out.read_bytes())
    said: list[array[int]] = []
    start = 0
    for length in map(int, result.stdout.split()):
        said.append(everything[start : start + length])
        start += length
    return said


def silence_samples(count: int) -> array[int]:
    return array("h", bytes(2 * count))


def wav_write(*, path: Path, pieces: Iterable[array[int]]) -> None:
    """Write the pieces one after another as a mono WAV file."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        for piece in pieces:
            out.writeframes(piece.tobytes())
