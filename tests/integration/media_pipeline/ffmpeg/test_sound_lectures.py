"""What voice recorders write becomes a lecture with a still picture that plays as films do."""

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from media_pipeline.ffmpeg.facts import NO_STREAM
from media_pipeline.ffmpeg.frames import POSTER_LONG_SIDE
from media_pipeline.ffmpeg.pictures import seen_in
from media_pipeline.ffmpeg.probe import probe
from tests.integration.media_pipeline.ffmpeg.cards import Card, sound
from tests.integration.media_pipeline.ffmpeg.checks import (
    check_lists,
    read_master,
    read_playlist,
    still_in,
    watch,
)
from tests.integration.media_pipeline.ffmpeg.films import Made, ffmpeg, film, make

CARD = Card(seconds=9)


def recording(path: Path, codec: str, *more: str, card: Card = CARD) -> Path:
    ffmpeg("-f lavfi -i", sound(card), *codec.split(), *more, str(path))
    return path


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        pytest.param("voice.mp3", "-c:a libmp3lame -ar 44100", id="MP3"),
        pytest.param(
            "voice.mp3",
            "-c:a libmp3lame -ar 22050 -q:a 6 -write_xing 0",
            id="bare VBR",
            marks=pytest.mark.long,
        ),
        pytest.param("voice.m4a", "-c:a aac -ar 44100", id="M4A", marks=pytest.mark.long),
        pytest.param("voice.mp4", "-c:a aac", id="MP4", marks=pytest.mark.long),
        pytest.param("voice.aac", "-c:a aac -ar 16000", id="AAC", marks=pytest.mark.long),
        pytest.param("voice.wav", "-c:a pcm_s16le -ar 16000", id="WAV", marks=pytest.mark.long),
        pytest.param("voice.amr", "-c:a libopencore_amrnb -ar 8000 -b:a 12.2k", id="AMR"),
        pytest.param(
            "voice.3gp",
            "-c:a libopencore_amrnb -ar 8000 -b:a 12.2k",
            id="3GP",
            marks=pytest.mark.long,
        ),
        pytest.param("voice.ogg", "-c:a libopus", id="Opus in Ogg"),
        pytest.param(
            "voice.oga", "-c:a libvorbis -ac 2", id="Vorbis in Ogg", marks=pytest.mark.long
        ),
        pytest.param("voice.webm", "-c:a libopus", id="Opus in WebM", marks=pytest.mark.long),
        pytest.param("voice.flac", "-c:a flac", id="FLAC", marks=pytest.mark.long),
    ],
)
def test_a_voice_recording_becomes_a_lecture(tmp_path: Path, name: str, codec: str) -> None:
    made = make(recording(tmp_path / name, codec), tmp_path / "out")
    assert made.facts.sound_only
    # Nobody is told to switch on the light.
    assert seen_in(tmp_path / "out").brightness is None
    check_still(made, seconds=9, shape=16 / 9)
    _, group = read_master((tmp_path / "out" / "master.m3u8").read_text())
    assert group is not None
    for heard in (
        watch(read_playlist(tmp_path / "out" / group.uri).whole),
        watch(tmp_path / "out" / "progressive.mp4"),
    ):
        assert [round(second) for second in heard.beeps()] == [1, 3, 5, 7]
        # MP3 and AMR say nowhere how late their encoder lets the sound begin.
        assert all(abs(second - round(second)) < 0.07 for second in heard.beeps())


def check_still(made: Made, *, seconds: float, shape: float) -> None:
    check_lists(made.out_dir, seconds=seconds, shape=shape)
    still, sounding = made.package.renditions
    assert still.average_bandwidth - sounding.average_bandwidth < 16_000
    film = watch(made.out_dir / "progressive.mp4")
    assert film.picture is not None
    poster = still_in(made.out_dir / "poster.jpg")
    assert film.picture.size == (still.width, still.height)
    assert max(poster.size) == min(POSTER_LONG_SIDE, max(film.picture.size))
    assert (made.out_dir / "storyboard.vtt").read_text() == "WEBVTT\n"
    assert not list(made.out_dir.glob("story_*"))


def test_the_still_is_the_houses_own_where_the_file_has_none(tmp_path: Path) -> None:
    made = make(recording(tmp_path / "voice.m4a", "-c:a aac"), tmp_path / "out")
    assert made.facts.video_index == NO_STREAM
    picture = watch(tmp_path / "out" / "progressive.mp4").picture
    assert picture is not None
    red, ground = picture.getpixel((320, 160)), picture.getpixel((20, 20))
    assert red[0] > 150  # type: ignore[index]
    assert red[1] < 60  # type: ignore[index]
    assert max(ground) < 40  # type: ignore[arg-type, type-var]


COVER = (600, 400)


def cover(path: Path, size: tuple[int, int] = COVER) -> Path:
    """Blue, with a yellow left third."""
    image = Image.new("RGB", size, (40, 70, 190))
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 3, size[1]), fill=(200, 190, 60))
    image.save(path)
    return path


def with_cover(tmp_path: Path, name: str, picture: Path, codec: str = "") -> Path:
    arguments = f"-map 0 -map 1 {codec} -c:v copy -disposition:v attached_pic"
    voice = recording(tmp_path / "voice.wav", "-c:a pcm_s16le", card=replace(CARD, seconds=2))
    ffmpeg(f"-i {voice} -i {picture} {arguments}", str(tmp_path / name))
    return tmp_path / name


@pytest.mark.parametrize(
    ("name", "kind", "codec"),
    [
        pytest.param("voice.mp3", "jpg", "-id3v2_version 3", id="JPEG in MP3"),
        pytest.param("voice.m4a", "png", "-c:a aac", id="PNG in M4A"),
        pytest.param("voice.flac", "png", "-c:a flac", id="PNG in FLAC", marks=pytest.mark.long),
    ],
)
def test_a_cover_in_the_file_is_the_still(tmp_path: Path, name: str, kind: str, codec: str) -> None:
    source = with_cover(tmp_path, name, cover(tmp_path / f"cover.{kind}"), codec)
    made = make(source, tmp_path / "out")
    check_still(made, seconds=2, shape=COVER[0] / COVER[1])
    for picture in (
        watch(tmp_path / "out" / "progressive.mp4").picture,
        still_in(tmp_path / "out" / "poster.jpg"),
    ):
        assert picture is not None
        left, right = (picture.getpixel((x, 180)) for x in (80, 400))
        assert all(abs(a - b) < 16 for a, b in zip(left, (200, 190, 60), strict=True)), left  # type: ignore[arg-type]
        assert all(abs(a - b) < 16 for a, b in zip(right, (40, 70, 190), strict=True)), right  # type: ignore[arg-type]


def test_a_cover_that_cannot_be_shown_costs_nothing_but_itself(tmp_path: Path) -> None:
    picture = cover(tmp_path / "cover.png")
    data = picture.read_bytes()
    picture.write_bytes(data[:60] + bytes(len(data) - 60))
    huge, tiny = cover(tmp_path / "huge.png", (9000, 4000)), cover(tmp_path / "tiny.png", (9, 9))
    for broken in (huge, tiny, picture):
        source = with_cover(tmp_path, "voice.mp3", broken, "-id3v2_version 3")
        assert probe(source).video_index == NO_STREAM
    check_still(make(source, tmp_path / "out"), seconds=2, shape=16 / 9)


def test_a_camera_that_wrote_no_picture_leaves_a_lecture_of_sound(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.mkv", seconds=3)
    ffmpeg(f"-i {whole} -map 0 -c copy -bsf:v noise=drop=1", str(tmp_path / "film.mkv"))
    assert probe(tmp_path / "film.mkv").sound_only
