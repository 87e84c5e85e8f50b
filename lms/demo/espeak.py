"""A small program of its own: speaks sentences with espeak-ng, started by `voice`.

    python espeak.py REQUEST.json OUT.pcm

REQUEST holds {"voice", "pitch", "melody", "sentences"}; OUT gets the samples of all sentences
one after another (mono, 16 bit, 22,050 a second), and the standard output gets how many
samples each sentence has, one number a line.

A process for each lecture because espeak-ng keeps state in the library that starting it again
does not clear: the same sentence would sound a little different each time. It imports nothing
of the product.
"""

from __future__ import annotations

import ctypes
import json
import sys
from array import array
from pathlib import Path
from typing import Any

import espeakng_loader

SAMPLE_RATE = 22_050

_AUDIO_OUTPUT_SYNCHRONOUS = 2
_CHARS_UTF8 = 1
_PARAMETER_RATE = 1
_PARAMETER_VOLUME = 2
_PARAMETER_PITCH = 3
_PARAMETER_RANGE = 4
# At its own full volume the synthesiser clips its vowels; the film brings the level back up.
_VOLUME = 60
_WORDS_A_MINUTE = 172
_QUIET = 160
_KEPT_AROUND_SPEECH = SAMPLE_RATE // 50

_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class Speaker:
    """espeak-ng with one voice chosen. One for each process."""

    def __init__(self, *, voice: str, pitch: int, melody: int) -> None:
        self._heard = bytearray()
        # Held here because the library calls it, so it must not be collected.
        self._callback = _Callback(self._on_samples)
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data_parent = str(Path(espeakng_loader.get_data_path()).parent).encode()
        rate = self._library.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, 0, data_parent, 0)
        if rate != SAMPLE_RATE:
            raise SystemExit(f"espeak-ng answered {rate} when it was started")
        self._library.espeak_SetSynthCallback(self._callback)
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise SystemExit(f"espeak-ng has no voice {voice}")
        for parameter, value in (
            (_PARAMETER_RATE, _WORDS_A_MINUTE),
            (_PARAMETER_VOLUME, _VOLUME),
            (_PARAMETER_PITCH, pitch),
            (_PARAMETER_RANGE, melody),
        ):
            self._library.espeak_SetParameter(parameter, value, 0)

    def _on_samples(self, samples: Any, count: int, _events: int | None) -> int:
        if samples and count > 0:
            self._heard.extend(ctypes.string_at(samples, count * 2))
        return 0

    def speak(self, sentence: str) -> array[int]:
        """Say one sentence; its samples without the silence before and after."""
        self._heard.clear()
        text = sentence.encode()
        self._library.espeak_Synth(text, len(text) + 1, 0, 1, 0, _CHARS_UTF8, None, None)
        self._library.espeak_Synchronize()
        spoken = without_silence(array("h", bytes(self._heard)))
        if not spoken:
            raise SystemExit(f"espeak-ng said nothing for {sentence!r}")
        return spoken


def without_silence(samples: array[int]) -> array[int]:
    """Cut what is quiet before the first and after the last sound, but for a breath of 20 ms."""
    loud = (index for index, sample in enumerate(samples) if abs(sample) > _QUIET)
    first = next(loud, None)
    if first is None:
        return array("h")
    backwards = range(len(samples) - 1, -1, -1)
    last = next(index for index in backwards if abs(samples[index]) > _QUIET)
    return samples[max(0, first - _KEPT_AROUND_SPEECH) : last + 1 + _KEPT_AROUND_SPEECH]


def main(request_path: str, out_path: str) -> None:
    request = json.loads(Path(request_path).read_text(encoding="utf-8"))
    speaker = Speaker(voice=request["voice"], pitch=request["pitch"], melody=request["melody"])
    with Path(out_path).open("wb") as out:
        for sentence in request["sentences"]:
            samples = speaker.speak(sentence)
            out.write(samples.tobytes())
            sys.stdout.write(f"{len(samples)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
