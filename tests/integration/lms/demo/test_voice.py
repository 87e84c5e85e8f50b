from __future__ import annotations

from array import array
from pathlib import Path

import pytest

from lms.demo.espeak import without_silence
from lms.demo.voice import SAMPLE_RATE, Voice, VoiceUnavailable, speak

SENTENCES = ["主题党日，每月一次。", "看天、看棚、看苗。"]


@pytest.mark.parametrize("voice", Voice)
def test_sentences_are_spoken_in_mandarin_time_without_clipping(
    voice: Voice, tmp_path: Path
) -> None:
    said = speak(SENTENCES, voice=voice, work_dir=tmp_path)
    assert len(said) == 2
    for samples in said:
        assert 1.2 < len(samples) / SAMPLE_RATE < 4.0
        assert 4_000 < max(samples) < 32_000


def test_the_same_sentences_are_the_same_sound(tmp_path: Path) -> None:
    first = speak(SENTENCES, voice=Voice.MALE, work_dir=tmp_path)
    assert speak(SENTENCES, voice=Voice.MALE, work_dir=tmp_path) == first


def test_saying_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(VoiceUnavailable, match="said nothing"):
        speak([""], voice=Voice.MALE, work_dir=tmp_path)


def test_silence_around_speech_is_cut() -> None:
    samples = array("h", [0] * 5000 + [9000] * 100 + [0] * 5000)
    assert len(without_silence(samples)) < 1_100
