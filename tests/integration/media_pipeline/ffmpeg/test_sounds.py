"""Sound as devices write it, in the film it belongs to."""

from dataclasses import replace
from pathlib import Path

import pytest

from media_pipeline.ffmpeg.probe import probe
from tests.integration.media_pipeline.ffmpeg.cards import AAC, Card, film_of
from tests.integration.media_pipeline.ffmpeg.checks import (
    Watched,
    check_package,
    read_master,
    read_playlist,
    watch,
)
from tests.integration.media_pipeline.ffmpeg.films import make

CARD = Card(size=(320, 240), seconds=5)
LAYOUTS = {"mono": 1, "stereo": 2, "5.1": 6, "7.1": 8}
AMR = "-c:a libopencore_amrnb -b:a 12.2k -ac 1"
SPEAKERS_5_1 = ("FL", "FR", "FC", "LFE", "BL", "BR")


def sound_of(out_dir: Path) -> tuple[Watched, str]:
    """The shared track and how many channels the master says it has."""
    _, group = read_master((out_dir / "master.m3u8").read_text())
    assert group is not None
    return watch(read_playlist(out_dir / group.uri).whole), group.attributes["CHANNELS"]


@pytest.mark.parametrize(
    "layout", ["mono", "5.1", *(pytest.param(n, marks=pytest.mark.long) for n in ("stereo", "7.1"))]
)
def test_sound_becomes_mono_or_stereo(tmp_path: Path, layout: str) -> None:
    voice = "|".join(["{beep}*0.2"] * LAYOUTS[layout])
    card = replace(CARD, voice=voice, layout=layout, audio="-c:a flac")
    source = film_of(card, tmp_path / "film.mkv")
    assert probe(source).audio_channels == LAYOUTS[layout]
    make(source, tmp_path / "out")
    check_package(tmp_path / "out", seconds=5, shape=4 / 3, rate=15)
    heard, said = sound_of(tmp_path / "out")
    assert str(heard.channels) == said == ("1" if layout == "mono" else "2")


def test_a_silent_film_stays_silent(tmp_path: Path) -> None:
    make(film_of(replace(CARD, audio=""), tmp_path / "film.mp4"), tmp_path / "out")
    check_package(tmp_path / "out", seconds=5, shape=4 / 3, rate=15, has_audio=False)


@pytest.mark.parametrize(
    "codec",
    [
        pytest.param(AAC, id="AAC"),
        pytest.param("-c:a ac3 -b:a 384k", id="AC-3", marks=pytest.mark.long),
    ],
)
def test_the_voice_in_the_middle_speaker_is_not_lost(tmp_path: Path, codec: str) -> None:
    """Where the speaker of a lecture is, in sound for six speakers."""
    voice = "|".join("{beep}*0.5" if name == "FC" else "0" for name in SPEAKERS_5_1)
    card = replace(CARD, voice=voice, layout="5.1", audio=codec)
    make(film_of(card, tmp_path / "film.mp4"), tmp_path / "out")
    check_package(tmp_path / "out", seconds=5, shape=4 / 3, rate=15)
    assert max(sound_of(tmp_path / "out")[0].samples) > 0.14


def test_six_loud_speakers_together_do_not_clip(tmp_path: Path) -> None:
    voice = "|".join(["{beep}*0.97"] * 6)
    card = replace(CARD, voice=voice, layout="5.1", audio="-c:a flac")
    make(film_of(card, tmp_path / "film.mkv"), tmp_path / "out")
    heard, _ = sound_of(tmp_path / "out")
    at = int((1.1 - heard.sound_start) * heard.rate)
    tone = heard.samples[at : at + heard.rate // 20]
    peak = max(map(abs, tone))
    mean_square = sum(value * value for value in tone) / len(tone)
    assert peak < 1
    assert 0.45 < mean_square / peak**2 < 0.55, "no sine any more"


@pytest.mark.parametrize(
    ("name", "rate", "codec"),
    [
        pytest.param("film.mp4", 44_100, AAC, id="44.1 kHz", marks=pytest.mark.long),
        pytest.param("film.mp4", 22_050, AAC, id="22.05 kHz", marks=pytest.mark.long),
        pytest.param("film.3gp", 8_000, AMR, id="AMR of 8 kHz"),
    ],
)
def test_every_sample_rate_keeps_sound_and_picture_together(
    tmp_path: Path, name: str, rate: int, codec: str
) -> None:
    make(film_of(replace(CARD, sample_rate=rate, audio=codec), tmp_path / name), tmp_path / "out")
    check_package(tmp_path / "out", seconds=5, shape=4 / 3, rate=15)
    assert sound_of(tmp_path / "out")[0].rate == 48_000
