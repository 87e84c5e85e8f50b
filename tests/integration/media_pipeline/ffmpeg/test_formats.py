"""Formats that real devices write, each through the whole pipeline."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from media_pipeline.ffmpeg.probe import probe
from tests.integration.media_pipeline.ffmpeg.films import (
    X264,
    X265,
    colour_at,
    ffmpeg,
    film,
    make,
)

VP8 = "-c:v libvpx -deadline realtime -cpu-used 8"
VP9 = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8"
STEREO_OPUS = "-c:a libopus -ac 2"


def portrait(path: Path) -> Path:
    """Stored lying, red on the left; the flag turns it by a quarter against the clock."""
    graph = "color=blue:s=320x180:r=10:d=2,drawbox=c=red:w=iw/2:t=fill"
    lying = path.with_name("lying.mp4")
    ffmpeg("-f lavfi -i", graph, *X264.split(), str(lying))
    ffmpeg(f"-display_rotation:v:0 90 -i {lying} -c copy", str(path))
    return path


def unsteady(path: Path) -> Path:
    every = "select=not(mod(n\\,7))+not(mod(n\\,3))"
    ffmpeg(f"-f lavfi -i testsrc2=s=320x180:r=30:d=2 -vf {every} -fps_mode vfr {X264}", str(path))
    return path


def live(path: Path) -> Path:
    """As a browser's recorder writes it: no duration, no index."""
    return film(path, video=f"{VP8} -live 1", audio=STEREO_OPUS)


@pytest.mark.parametrize(
    ("maker", "name", "size", "fps", "has_audio"),
    [
        (lambda p: film(p, video=f"{X265} -tag:v hvc1"), "hevc.mov", (320, 180), 15, True),
        (portrait, "portrait.mp4", (180, 320), 10, False),
        (unsteady, "vfr.mp4", (320, 180), 10, False),
        (lambda p: film(p, video=VP9, audio=STEREO_OPUS), "vp9.webm", (320, 180), 15, True),
        (live, "live.webm", (320, 180), 15, True),
        (lambda p: film(p, sound=""), "silent.mp4", (320, 180), 15, False),
        (lambda p: film(p, rate=60), "fast.mp4", (320, 180), 30, True),
        (lambda p: film(p, rate=5), "slow.mp4", (320, 180), 10, True),
        (
            lambda p: film(p, size="321x181", video="-c:v mpeg4", audio="-c:a libmp3lame"),
            "odd.avi",
            (320, 180),
            15,
            True,
        ),
        (
            lambda p: film(p, video="-c:v mpeg2video -r 25", audio="-c:a mp2"),
            "camera.ts",
            (320, 180),
            25,
            True,
        ),
        (lambda p: film(p, video=f"{X264} -vf setsar=2"), "wide.mkv", (640, 180), 15, True),
        (lambda p: film(p, rate=30, video=f"{X264} -bf 3"), "clip.flv", (320, 180), 30, True),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_format_becomes_a_package(
    tmp_path: Path,
    maker: Callable[[Path], Path],
    name: str,
    size: tuple[int, int],
    fps: int,
    has_audio: bool,
) -> None:
    made = make(maker(tmp_path / name), tmp_path / "out")
    top = made.package.renditions[0]
    assert (top.width, top.height) == size
    assert made.package.has_audio is has_audio
    assert abs(made.package.duration - 2) < 0.15
    master = (tmp_path / "out" / "master.m3u8").read_text()
    assert f"FRAME-RATE={fps}.000" in master
    assert ("AUDIO" in master) is has_audio
    assert made.first_play


def test_a_portrait_film_stands_upright(tmp_path: Path) -> None:
    made = make(portrait(tmp_path / "film.mp4"), tmp_path / "out")
    for picture in ("progressive.mp4", "poster.jpg"):
        assert colour_at(tmp_path / "out" / picture, x=0.5, y=0.9)[0] > 180
        assert colour_at(tmp_path / "out" / picture, x=0.5, y=0.1)[2] > 180
    assert made.facts.rotation % 180 == 90


@pytest.mark.parametrize(
    ("layout", "channels"), [("mono", "1"), ("stereo", "2"), ("5.1", "2"), ("7.1", "2")]
)
def test_sound_becomes_at_most_stereo(tmp_path: Path, layout: str, channels: str) -> None:
    tone = f"-f lavfi -i anoisesrc=d=2:a=0.1,aformat=channel_layouts={layout}"
    source = film(tmp_path / "film.mkv", seconds=2, sound=tone, audio="-c:a flac")
    assert probe(source).audio_channels == {"mono": 1, "stereo": 2, "5.1": 6, "7.1": 8}[layout]
    make(source, tmp_path / "out")
    assert f'CHANNELS="{channels}"' in (tmp_path / "out" / "master.m3u8").read_text()


@pytest.mark.parametrize("container", ["mp4", "mkv"])
@pytest.mark.parametrize(
    ("matrix", "span", "pixels"),
    [("bt601", "tv", "yuv420p"), ("bt709", "tv", "yuv444p"), ("bt601", "pc", "yuvj420p")],
)
def test_colours_survive_whatever_the_film_codes_them_in(
    tmp_path: Path, container: str, matrix: str, span: str, pixels: str
) -> None:
    tags = {"bt601": "smpte170m", "bt709": "bt709"}[matrix]
    source = tmp_path / f"film.{container}"
    graph = f"scale=out_color_matrix={matrix}:out_range={span},format={pixels}"
    ffmpeg(
        f"-f lavfi -i color=0xC83C50:s=320x180:r=10:d=1,format=gbrp,{graph} -c:v libx264 -crf 5"
        f" -colorspace {tags} -color_primaries {tags} -color_trc {tags} -color_range {span}",
        str(source),
    )
    make(source, tmp_path / "out")
    got = colour_at(tmp_path / "out" / "progressive.mp4", x=0.5, y=0.5)
    assert all(abs(a - b) <= 6 for a, b in zip(got, (200, 60, 80), strict=True)), got


@pytest.mark.parametrize(("curve", "name"), [("smpte2084", "pq"), ("arib-std-b67", "hlg")])
def test_hdr_greys_come_back_as_they_were(tmp_path: Path, curve: str, name: str) -> None:
    source = tmp_path / f"{name}.mov"
    to_hdr = (
        "scale=out_color_matrix=bt709:out_range=tv,format=yuv444p10le,setparams=range=tv"
        ":color_primaries=bt709:color_trc=bt709:colorspace=bt709,zscale=t=linear:npl=203,"
        f"format=gbrpf32le,zscale=p=bt2020,zscale=t={curve}:m=2020_ncl:r=tv:npl=203,"
        "format=yuv420p10le"
    )
    bars = "color=0xBEBEBE:s=320x180:r=10:d=1,drawbox=c=0x808080:w=iw/2:t=fill"
    ffmpeg(
        f"-f lavfi -i {bars},format=gbrp,{to_hdr} {X265} -color_primaries bt2020"
        f" -color_trc {curve} -colorspace bt2020nc -color_range tv -tag:v hvc1",
        str(source),
    )
    made = make(source, tmp_path / "out")
    assert made.facts.is_hdr
    film_made = tmp_path / "out" / "progressive.mp4"
    for x, expected in ((0.2, 0x80), (0.8, 0xBE)):
        got = colour_at(film_made, x=x, y=0.5)
        assert all(abs(value - expected) <= 6 for value in got), got


def test_interlaced_film_is_recognised(tmp_path: Path) -> None:
    source = film(
        tmp_path / "camera.mp4", rate=50, video=f"-vf interlace {X264} -flags +ilme+ildct"
    )
    assert probe(source).interlaced
    make(source, tmp_path / "out")


def test_the_place_of_recording_is_not_published(tmp_path: Path) -> None:
    source = film(
        tmp_path / "phone.mov",
        video=f"{X264} -metadata location=+41.5700+120.4500/ -movflags +faststart",
    )
    assert b"+41.5700" in source.read_bytes()
    make(source, tmp_path / "out")
    for path in (tmp_path / "out").rglob("*.mp4"):
        assert b"+41.5700" not in path.read_bytes()


def test_the_facts_can_be_kept_as_json(tmp_path: Path) -> None:
    facts: dict[str, Any] = probe(film(tmp_path / "film.mp4")).as_json()
    assert facts["fps"] == 15.0
    assert facts["container"] == "mov"
    assert facts["audio"]["codec"] == "aac"
    assert probe(tmp_path / "film.mp4").fps == Fraction(15)
