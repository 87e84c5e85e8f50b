"""The Mandarin voice of the demo lectures: text in, samples out, by espeak-ng through ctypes.

What belongs here: talking to the espeak-ng library and cutting the silence around what it
says. What does not: what is said (`lectures`), and how long a page stays (`films`).
"""

from __future__ import annotations

import ctypes
import threading
import wave
from array import array
from collections.abc import Iterable
from enum import Enum
from pathlib import Path

import espeakng_loader

SAMPLE_RATE = 22_050
"""Samples a second of everything this module returns; mono, signed 16 bit."""

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

# espeak-ng holds one voice and one callback for the whole process.
_lock = threading.Lock()
_library: ctypes.CDLL | None = None
_heard = bytearray()

_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class VoiceUnavailable(RuntimeError):
    """espeak-ng could not be started, or has no Mandarin."""


class Voice(Enum):
    """Who speaks: espeak-ng's name, pitch and melody, and the gain that makes them as loud."""

    MALE = ("cmn", 42, 60, 5.0)
    FEMALE = ("cmn+f2", 52, 60, 4.0)

    @property
    def makeup(self) -> float:
        """Linear gain after compression."""
        return self.value[3]


def _on_samples(samples: ctypes._Pointer[ctypes.c_short], count: int, _events: int | None) -> int:
    if samples and count > 0:
        _heard.extend(ctypes.string_at(samples, count * 2))
    return 0


# Kept for the life of the process: the library calls it, so it must not be collected.
_callback = _Callback(_on_samples)


def _started() -> ctypes.CDLL:
    global _library
    if _library is None:
        library = ctypes.CDLL(espeakng_loader.get_library_path())
        data_parent = str(Path(espeakng_loader.get_data_path()).parent).encode()
        rate = library.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, 0, data_parent, 0)
        if rate != SAMPLE_RATE:
            raise VoiceUnavailable(f"espeak-ng answered {rate} when it was started")
        library.espeak_SetSynthCallback(_callback)
        _library = library
    return _library


def speak(text: str, *, voice: Voice) -> array[int]:
    """Say `text`; returns its samples without the silence before and after.

    Raises `VoiceUnavailable` when the voice is missing or nothing was said.
    """
    name, pitch, melody, _ = voice.value
    with _lock:
        library = _started()
        if library.espeak_SetVoiceByName(name.encode()) != 0:
            raise VoiceUnavailable(f"espeak-ng has no voice {name}")
        for parameter, value in (
            (_PARAMETER_RATE, _WORDS_A_MINUTE),
            (_PARAMETER_VOLUME, _VOLUME),
            (_PARAMETER_PITCH, pitch),
            (_PARAMETER_RANGE, melody),
        ):
            library.espeak_SetParameter(parameter, value, 0)
        _heard.clear()
        encoded = text.encode()
        library.espeak_Synth(encoded, len(encoded) + 1, 0, 1, 0, _CHARS_UTF8, None, None)
        library.espeak_Synchronize()
        samples = array("h", bytes(_heard))
        _heard.clear()
    spoken = without_silence(samples)
    if not spoken:
        raise VoiceUnavailable(f"espeak-ng said nothing for {text!r}")
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
