"""Pictures as phones, cameras, browsers and screen recorders write them, each through the whole
pipeline and looked at on its package: `checks` says what holds for all of them.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from media_pipeline.ffmpeg.probe import probe
from tests.integration.media_pipeline.ffmpeg.cards import (
    AAC,
    BT601,
    BT709,
    Card,
    coded,
    film_of,
    hdr,
)
from tests.integration.media_pipeline.ffmpeg.checks import check_package
from tests.integration.media_pipeline.ffmpeg.films import X264, X265, ffmpeg, film, make

CARD = Card(size=(320, 240))
VP8 = "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 4M -g 30"
VP9 = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 4M"
AV1 = "-c:v libsvtav1 -preset 12 -crf 20 -svtav1-params lp=1"
OPUS = "-c:a libopus -b:a 96k"


def flagged(path: Path, flags: str, turn: str, card: Card) -> Path:
    """The card stored as `turn` makes it, with flags that make players show it upright."""
    stored = film_of(replace(card, filters=f"{turn},{card.filters}"), path.with_name("stored.mp4"))
    ffmpeg(f"{flags} -i {stored} -c copy", str(path))
    return path


@pytest.mark.parametrize(
    ("flags", "turn"),
    [
        pytest.param("-display_rotation:v:0 90", "transpose=clock", id="by 90"),
        pytest.param(
            "-display_rotation:v:0 180", "hflip,vflip", id="by 180", marks=pytest.mark.long
        ),
        pytest.param(
            "-display_rotation:v:0 270", "transpose=cclock", id="by 270", marks=pytest.mark.long
        ),
        pytest.param("-display_hflip:v:0", "hflip", id="mirrored"),
        pytest.param(
            "-display_rotation:v:0 90 -display_hflip:v:0",
            "transpose=clock_flip",
            id="mirrored and by 90",
            marks=pytest.mark.long,
        ),
    ],
)
@pytest.mark.parametrize(
    "size",
    [
        pytest.param((854, 480), id="landscape", marks=pytest.mark.long),
        pytest.param((240, 320), id="portrait"),
    ],
)
def test_a_film_that_is_flagged_as_turned_stands_upright(
    tmp_path: Path, flags: str, turn: str, size: tuple[int, int]
) -> None:
    source = flagged(tmp_path / "film.mp4", flags, turn, replace(CARD, size=size))
    make(source, tmp_path / "out")
    check_package(tmp_path / "out", seconds=5, shape=size[0] / size[1], rate=15)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        pytest.param("film.mp4", {}, id="H.264", marks=pytest.mark.long),
        pytest.param("film.mov", {"video": f"{X265} -tag:v hvc1"}, id="HEVC Main"),
        pytest.param(
            "film.mov",
            {
                "video": f"{X265} -profile:v main10 -tag:v hvc1",
                "filters": f"{BT709},format=yuv420p10le",
            },
            id="HEVC Main10",
            marks=pytest.mark.long,
        ),
        pytest.param(
            "film.webm", {"video": VP9, "audio": OPUS}, id="VP9 in WebM", marks=pytest.mark.long
        ),
        pytest.param("film.mp4", {"video": AV1}, id="AV1", marks=pytest.mark.long),
        pytest.param(
            "film.avi",
            {
                "video": "-c:v mpeg4 -q:v 2",
                "audio": "-c:a libmp3lame",
                "filters": BT601,
                "rate": "30",
            },
            id="AVI",
            marks=pytest.mark.long,
        ),
        pytest.param(
            "film.avi",
            {
                "video": "-c:v mjpeg -q:v 2",
                "audio": "-c:a pcm_u8",
                "filters": coded("bt601", span="pc", pixels="yuvj420p", tag="smpte170m"),
            },
            id="MJPEG in AVI",
        ),
        pytest.param(
            "film.webm",
            {"video": VP8, "audio": OPUS, "filters": BT601},
            id="VP8",
            marks=pytest.mark.long,
        ),
        pytest.param(
            "film.ts",
            {"video": "-c:v mpeg2video -q:v 2", "audio": "-c:a mp2", "rate": "25"},
            id="MPEG-TS",
        ),
        pytest.param("film.mkv", {"video": f"{X264} -bf 3"}, id="Matroska", marks=pytest.mark.long),
        pytest.param(
            "film.flv", {"video": f"{X264} -bf 3", "rate": "30"}, id="FLV", marks=pytest.mark.long
        ),
    ],
)
def test_a_codec_and_container_of_real_devices_comes_out_right(
    tmp_path: Path, name: str, change: dict[str, str]
) -> None:
    card = replace(CARD, **change)
    make(film_of(card, tmp_path / name), tmp_path / "out")
    check_package(tmp_path / "out", seconds=5, shape=4 / 3, rate=float(card.rate))


@pytest.mark.parametrize(
    ("rate", "result"),
    [
        pytest.param("5", 10, marks=pytest.mark.long),
        pytest.param("24000/1001", 23.976, marks=pytest.mark.long),
        ("30000/1001", 29.97),
        ("50", 25),
        pytest.param("60", 30, marks=pytest.mark.long),
        pytest.param("120", 30, marks=pytest.mark.long),
    ],
)
def test_every_picture_rate_becomes_one_of_at_most_thirty(
    tmp_path: Path, rate: str, result: float
) -> None:
    make(film_of(replace(CARD, rate=rate), tmp_path / "film.mp4"), tmp_path / "out")
    check_package(tmp_path / "out", seconds=5, shape=4 / 3, rate=result)


def test_a_variable_rate_with_long_gaps_becomes_constant(tmp_path: Path) -> None:
    """As a screen recorder writes it: pictures only while something moves."""
    moving = f"{BT709},select=lt(mod(t\\,2)\\,1.4)*(gt(mod(t\\,2)\\,0.9)+not(mod(n\\,4)))"
    card = replace(CARD, rate="30", seconds=7, filters=moving)
    source = film_of(card, tmp_path / "film.mp4", "-fps_mode", "vfr")
    assert probe(source).is_vfr
    make(source, tmp_path / "out")
    check_package(tmp_path / "out", seconds=7, shape=4 / 3)


def test_a_last_picture_that_stands_for_seconds_counts(tmp_path: Path) -> None:
    """A silent screen recording whose last slide does not move."""
    card = replace(CARD, audio="", seconds=8, filters=f"{BT709},select=lt(t\\,4.4)+gte(t\\,7.9)")
    whole = film_of(card, tmp_path / "whole.mp4", "-fps_mode", "vfr")
    ffmpeg(f"-i {whole} -c copy -t 7.5", str(tmp_path / "film.mp4"))
    make(tmp_path / "film.mp4", tmp_path / "out")
    check_package(tmp_path / "out", seconds=7.93, shape=4 / 3, has_audio=False, flashes=[1, 3])


HDR_HLG = (
    f"{X265} -profile:v main10 -color_primaries bt2020 -color_trc arib-std-b67"
    " -colorspace bt2020nc -color_range tv -tag:v hvc1"
)


@pytest.mark.long
@pytest.mark.parametrize(
    ("size", "change", "more"),
    [
        pytest.param(
            (854, 480),
            {"rate": "30", "filters": f"{BT709},select=gt(mod(t\\,2)\\,0.9)+not(mod(n\\,4))"},
            ("-fps_mode", "vfr"),
            id="VFR",
        ),
        pytest.param(
            (854, 480),
            {
                "rate": "50",
                "filters": f"{BT709},interlace=scan=tff:lowpass=off",
                "video": "-c:v libx264 -flags +ilme+ildct -x264opts tff=1",
            },
            (),
            id="interlaced",
        ),
        pytest.param(
            (855, 481), {"filters": BT601, "video": VP8, "audio": OPUS}, (), id="odd size"
        ),
        pytest.param(
            (854, 480), {"filters": f"scale=720:480,setsar=427/360,{BT709}"}, (), id="anamorphic"
        ),
        pytest.param((854, 480), {"filters": hdr("arib-std-b67"), "video": HDR_HLG}, (), id="HDR"),
    ],
)
def test_rungs_of_unusual_films_share_their_keyframes(
    tmp_path: Path, size: tuple[int, int], change: dict[str, str], more: tuple[str, ...]
) -> None:
    name = "film.webm" if change.get("video") == VP8 else "film.mov"
    source = film_of(replace(CARD, size=size, seconds=9, **change), tmp_path / name, *more)
    package = make(source, tmp_path / "out").package
    assert len(package.renditions) >= 2
    check_package(tmp_path / "out", seconds=9, shape=size[0] / size[1], tolerance=24)


def test_a_track_of_timecode_is_left_out(tmp_path: Path) -> None:
    """As cameras write it beside the picture."""
    source = film_of(replace(CARD, seconds=2), tmp_path / "film.mov", "-timecode", "10:00:00:00")
    assert b"tmcd" in source.read_bytes()
    make(source, tmp_path / "out")
    check_package(tmp_path / "out", seconds=2, shape=4 / 3, rate=15)
    for path in (tmp_path / "out").rglob("*.mp4"):
        assert b"tmcd" not in path.read_bytes()


@pytest.mark.parametrize("order", ["tff", pytest.param("bff", marks=pytest.mark.long)])
def test_an_interlaced_film_has_no_combs(tmp_path: Path, order: str) -> None:
    codec = f"-c:v libx264 -flags +ilme+ildct -x264opts {order}=1"
    card = replace(
        CARD, rate="50", filters=f"{BT709},interlace=scan={order}:lowpass=off", video=codec
    )
    source = film_of(card, tmp_path / "film.mp4")
    assert probe(source).interlaced
    make(source, tmp_path / "out")
    check_package(tmp_path / "out", seconds=5, shape=4 / 3, rate=25)

    moving = (
        "color=black:s=320x240:r=50:d=2[a];color=white:s=40x240:r=50:d=2[b];"
        f"[a][b]overlay=x=120*t:shortest=1,interlace=scan={order}:lowpass=off,format=yuv420p[v]"
    )
    ffmpeg(f"-filter_complex {moving} -map [v] {codec}", str(tmp_path / "moving.mp4"))
    make(tmp_path / "moving.mp4", tmp_path / "still")
    assert combs(tmp_path / "moving.mp4") > 10
    assert combs(tmp_path / "still" / "progressive.mp4") < 2


def test_a_film_that_is_interlaced_behind_its_title_counts_as_such(tmp_path: Path) -> None:
    picture = "-f lavfi -i testsrc2=s=320x240:r=50:d=3"
    ffmpeg(f"{picture} -vf fps=25 {X264}", str(tmp_path / "title.ts"))
    ffmpeg(
        f"{picture} -vf interlace=lowpass=off -c:v libx264 -flags +ilme+ildct -pix_fmt yuv420p"
        " -output_ts_offset 3",
        str(tmp_path / "rest.ts"),
    )
    title, rest = ((tmp_path / name).read_bytes() for name in ("title.ts", "rest.ts"))
    (tmp_path / "film.ts").write_bytes(title + rest)
    assert not probe(tmp_path / "title.ts").interlaced
    assert probe(tmp_path / "film.ts").interlaced


def combs(path: Path) -> float:
    """How much more neighbouring rows differ than every second row, in the middle of a film."""
    data = ffmpeg(f"-ss 1 -i {path} -frames:v 1 -vf format=gray -f rawvideo -")
    width = 320
    rows = [data[n : n + width] for n in range(0, len(data), width)]

    def apart(step: int) -> float:
        pairs = zip(rows[60:180], rows[60 + step : 180 + step], strict=True)
        return sum(abs(a - b) for x, y in pairs for a, b in zip(x, y, strict=True)) / 120

    return apart(1) - apart(2)


@pytest.mark.parametrize(
    "size",
    [
        (321, 241),
        pytest.param((161, 120), marks=pytest.mark.long),
        pytest.param((499, 373), marks=pytest.mark.long),
    ],
)
def test_an_odd_size_becomes_even(tmp_path: Path, size: tuple[int, int]) -> None:
    card = replace(CARD, size=size, video=VP8, audio=OPUS, filters=BT601)
    make(film_of(card, tmp_path / "film.webm"), tmp_path / "out")
    check_package(tmp_path / "out", seconds=5, shape=size[0] / size[1], rate=15)


@pytest.mark.parametrize(
    ("size", "coded", "ratio"),
    [
        pytest.param((384, 240), "240:240", "8/5", id="wide"),
        pytest.param((480, 480), "720:480", "2/3", id="narrow", marks=pytest.mark.long),
    ],
)
def test_pixels_that_are_not_square_become_square(
    tmp_path: Path, size: tuple[int, int], coded: str, ratio: str
) -> None:
    card = replace(CARD, size=size, filters=f"scale={coded},setsar={ratio},{BT709}")
    make(film_of(card, tmp_path / "film.mp4"), tmp_path / "out")
    check_package(tmp_path / "out", seconds=5, shape=size[0] / size[1], rate=15)


def test_wide_pixels_and_a_turn_together_come_out_right(tmp_path: Path) -> None:
    card = replace(CARD, size=(240, 384))
    turn = "transpose=clock,scale=240:240,setsar=8/5"
    make(flagged(tmp_path / "film.mp4", "-display_rotation:v:0 90", turn, card), tmp_path / "out")
    check_package(tmp_path / "out", seconds=5, shape=240 / 384, rate=15)


def test_a_film_of_one_second_plays(tmp_path: Path) -> None:
    long = film_of(replace(CARD, seconds=2), tmp_path / "long.mp4")
    ffmpeg(f"-ss 0.6 -t 1 -i {long} {X264} {AAC}", str(tmp_path / "film.mp4"))
    make(tmp_path / "film.mp4", tmp_path / "out")
    check_package(tmp_path / "out", seconds=1, shape=4 / 3, rate=15, flashes=[0.4])


@pytest.mark.long
def test_a_film_of_two_hours_keeps_time(tmp_path: Path) -> None:
    seconds = 7200
    card = replace(CARD, size=(128, 96), rate="10", seconds=seconds)
    make(film_of(card, tmp_path / "film.mp4"), tmp_path / "out")
    check_package(tmp_path / "out", seconds=seconds, shape=4 / 3, rate=10, tolerance=24)


def test_the_place_of_recording_is_not_published(tmp_path: Path) -> None:
    source = film(
        tmp_path / "phone.mov",
        video=f"{X264} -metadata location=+41.5700+120.4500/ -movflags +faststart",
    )
    assert b"+41.5700" in source.read_bytes()
    make(source, tmp_path / "out")
    for path in (tmp_path / "out").rglob("*.mp4"):
        assert b"+41.5700" not in path.read_bytes()
