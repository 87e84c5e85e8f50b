"""Containers: which tracks are taken, and that clocks, edits and gaps keep picture and sound
where they belong.
"""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import pytest

from media_pipeline.ffmpeg.probe import probe
from tests.integration.media_pipeline.ffmpeg.cards import BT601, Card, film_of
from tests.integration.media_pipeline.ffmpeg.checks import check_package, watch
from tests.integration.media_pipeline.ffmpeg.films import X264, ffmpeg, film, make

CARD = Card(size=(320, 240), video=f"{X264} -g 30")
B_FRAMES = "-c:v libx264 -preset ultrafast -bf 2 -g 30 -pix_fmt yuv420p"


def checked(source: Path, out_dir: Path, *, seconds: float = 5, **more: object) -> None:
    make(source, out_dir)
    check_package(out_dir, seconds=seconds, shape=4 / 3, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_of(CARD, tmp_path_factory.mktemp("card") / "card.mkv")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film that is not the card: smaller, shorter, another tone."""
    return film(tmp_path_factory.mktemp("other") / "other.mkv", size="160x120", seconds=3)


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("larger") / "larger.mkv", size="640x480", seconds=6)


@pytest.mark.parametrize("name", ["film.mkv", pytest.param("film.mp4", marks=pytest.mark.long)])
def test_the_largest_picture_and_the_longest_sound_are_taken(
    card: Path, other: Path, tmp_path: Path, name: str
) -> None:
    ffmpeg(
        f"-i {other} -i {card} -map 0:v -map 0:a -map 1:a -map 1:v -c copy"
        " -disposition:v default -disposition:a default",
        str(tmp_path / name),
    )
    checked(tmp_path / name, tmp_path / "out")


def test_what_is_marked_as_default_is_taken_before_what_is_larger(
    card: Path, larger: Path, tmp_path: Path
) -> None:
    ffmpeg(
        f"-i {larger} -i {card} -map 0 -map 1 -c copy -disposition 0 -disposition:v:1 default"
        " -disposition:a:1 default",
        str(tmp_path / "film.mkv"),
    )
    checked(tmp_path / "film.mkv", tmp_path / "out")


def test_the_first_of_equal_sounds_is_taken(card: Path, tmp_path: Path) -> None:
    ffmpeg(
        f"-i {card} -f lavfi -i sine=d=5 -map 0 -map 1 -c:v copy -c:a aac -disposition:a default",
        str(tmp_path / "film.mp4"),
    )
    checked(tmp_path / "film.mp4", tmp_path / "out")


def test_a_sound_that_nobody_can_decode_does_not_hide_the_one_that_can(
    card: Path, tmp_path: Path
) -> None:
    """As phones add a track of spatial sound beside the usual one."""
    ffmpeg(
        f"-i {card} -map 0:v -map 0:a -map 0:a -c:v copy -c:a:0 pcm_s24le -c:a:1 aac"
        " -disposition:a default",
        str(tmp_path / "film.mov"),
    )
    data = (tmp_path / "film.mov").read_bytes()
    assert b"in24" in data
    (tmp_path / "film.mov").write_bytes(data.replace(b"in24", b"apac"))
    checked(tmp_path / "film.mov", tmp_path / "out")


def test_a_cover_picture_is_not_the_film(card: Path, tmp_path: Path) -> None:
    ffmpeg("-f lavfi -i color=red:s=640x480 -frames:v 1", str(tmp_path / "cover.jpg"))
    ffmpeg(
        f"-i {tmp_path}/cover.jpg -i {card} -map 0 -map 1 -c copy -disposition:v:0 attached_pic",
        str(tmp_path / "film.mp4"),
    )
    checked(tmp_path / "film.mp4", tmp_path / "out")


@pytest.mark.parametrize(
    "tag",
    [
        pytest.param(b"tmcd", id="time code", marks=pytest.mark.long),
        pytest.param(b"gpmd", id="GoPro", marks=pytest.mark.long),
        pytest.param(b"mebx", id="iPhone metadata"),
    ],
)
def test_data_beside_the_film_is_ignored(card: Path, tmp_path: Path, tag: bytes) -> None:
    ffmpeg(f"-i {card} -c:v copy -c:a aac -timecode 01:00:00:00", str(tmp_path / "film.mov"))
    data = (tmp_path / "film.mov").read_bytes()
    assert b"tmcd" in data
    if tag != b"tmcd":
        data = data.replace(b"mhlrtmcd", b"mhlrmeta").replace(b"tmcd", tag)
    (tmp_path / "film.mov").write_bytes(data)
    checked(tmp_path / "film.mov", tmp_path / "out")


@pytest.mark.parametrize(
    "name",
    ["film.ts", *(pytest.param(name, marks=pytest.mark.long) for name in ("film.mkv", "film.mp4"))],
)
def test_a_film_whose_clock_begins_late_begins_at_zero(
    card: Path, tmp_path: Path, name: str
) -> None:
    ffmpeg(f"-i {card} -c:v copy -c:a aac -output_ts_offset 100", str(tmp_path / name))
    checked(tmp_path / name, tmp_path / "out")


def test_a_picture_that_begins_late_stays_with_its_sound(card: Path, tmp_path: Path) -> None:
    """An empty edit at the beginning of the track of pictures."""
    ffmpeg(
        f"-i {card} -itsoffset 1.5 -i {card} -map 0:a -map 1:v -c:v copy -c:a aac",
        str(tmp_path / "late.mp4"),
    )
    assert probe(tmp_path / "late.mp4").video_start > 1.4
    make(tmp_path / "late.mp4", tmp_path / "out")
    whole = watch(tmp_path / "out" / "progressive.mp4")
    assert abs(max(whole.times) - 6.5) < 0.1
    flashes, beeps = whole.flashes(), whole.beeps()
    assert all(abs(a - b) < 0.04 for a, b in zip(flashes, [2.5, 4.5], strict=True)), flashes
    assert all(abs(a - b) < 0.04 for a, b in zip(beeps, [1, 3], strict=True)), beeps


def test_a_sound_that_begins_late_stays_with_its_picture(card: Path, tmp_path: Path) -> None:
    ffmpeg(
        f"-itsoffset 1.5 -i {card} -i {card} -map 0:a -map 1:v -c:v copy -c:a aac",
        str(tmp_path / "voice.mp4"),
    )
    assert probe(tmp_path / "voice.mp4").audio.start > 1.4  # type: ignore[union-attr]
    make(tmp_path / "voice.mp4", tmp_path / "out")
    whole = watch(tmp_path / "out" / "progressive.mp4")
    flashes, beeps = whole.flashes(), whole.beeps()
    assert all(abs(a - b) < 0.04 for a, b in zip(flashes, [1, 3], strict=True)), flashes
    assert all(abs(a - b) < 0.04 for a, b in zip(beeps, [2.5, 4.5], strict=True)), beeps


def test_a_film_that_was_trimmed_on_the_phone_begins_where_it_was_cut(
    card: Path, tmp_path: Path
) -> None:
    """An edit list that starts between two keyframes: what is before is there but not shown."""
    whole = tmp_path / "whole.mp4"
    ffmpeg(f"-i {card} -c:v copy -c:a aac", str(whole))
    ffmpeg(f"-ss 0.6 -i {whole} -c copy", str(tmp_path / "film.mp4"))
    assert b"elst" in (tmp_path / "film.mp4").read_bytes()
    checked(tmp_path / "film.mp4", tmp_path / "out", seconds=4.4, flashes=[0.4, 2.4])


def test_b_frames_do_not_shift_the_picture(tmp_path: Path) -> None:
    source = film_of(replace(CARD, video=B_FRAMES), tmp_path / "film.mp4")
    checked(source, tmp_path / "out")


@pytest.mark.parametrize(
    "flags",
    [
        pytest.param("", id="index at the end", marks=pytest.mark.long),
        pytest.param("+faststart", id="index in front", marks=pytest.mark.long),
        pytest.param("frag_keyframe+empty_moov", id="fragmented"),
        pytest.param(
            "frag_keyframe+empty_moov+default_base_moof", id="for DASH", marks=pytest.mark.long
        ),
    ],
)
def test_an_mp4_of_any_layout_comes_out_right(card: Path, tmp_path: Path, flags: str) -> None:
    arguments = f"-movflags {flags}" if flags else ""
    ffmpeg(f"-i {card} -c:v copy -c:a aac {arguments}", str(tmp_path / "film.mp4"))
    checked(tmp_path / "film.mp4", tmp_path / "out")


def test_a_webm_without_duration_comes_out_right(tmp_path: Path) -> None:
    """As a browser's recorder writes it: no duration, no index."""
    vp8 = "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 2M"
    source = film_of(
        replace(CARD, video=vp8, audio="-c:a libopus", filters=BT601),
        tmp_path / "film.webm",
        "-live",
        "1",
    )
    assert b"\x44\x89" not in source.read_bytes()[:400]  # the Duration element
    checked(source, tmp_path / "out")


def test_time_stamps_that_go_back_do_not_break_the_film(tmp_path: Path) -> None:
    """Each tenth picture is to be decoded before the one in front of it, and shown in its turn."""
    source = film_of(replace(CARD, video=B_FRAMES), tmp_path / "film.flv")
    source.write_bytes(decoded_earlier(source.read_bytes(), milliseconds=200))
    with av.open(str(source)) as container:
        decoded = [packet.dts for packet in container.demux(video=0) if packet.dts is not None]
    assert sum(after < before for before, after in pairwise(decoded)) > 5
    checked(source, tmp_path / "out")


def decoded_earlier(flv: bytes, *, milliseconds: int) -> bytes:
    """The film with each tenth picture's decoding time put back, and its showing left."""
    data, at, pictures = bytearray(flv), 13, 0
    while at < len(data):
        kind, size = data[at], int.from_bytes(data[at + 1 : at + 4], "big")
        if kind == 9 and data[at + 12] == 1:  # a picture, not the decoder's configuration
            pictures += 1
            if pictures % 10 == 6:
                for place, change in ((at + 4, -milliseconds), (at + 13, milliseconds)):
                    time = int.from_bytes(data[place : place + 3], "big") + change
                    data[place : place + 3] = time.to_bytes(3, "big")
        at += 11 + size + 4
    return bytes(data)


def test_a_last_piece_of_sound_that_is_said_to_last_long_does_not(
    card: Path, tmp_path: Path
) -> None:
    """It has its samples and no more, and the film ends with its pictures."""
    longer = "setts=duration=if(gte(PTS*TB\\,4.9)\\,4/TB\\,DURATION)"
    ffmpeg(f"-i {card} -c copy -bsf:a {longer}", str(tmp_path / "film.mp4"))
    with av.open(str(tmp_path / "film.mp4")) as container:
        assert container.duration > 8 * 1_000_000
    checked(tmp_path / "film.mp4", tmp_path / "out")


def test_a_transport_stream_whose_clock_starts_anew_runs_on(tmp_path: Path) -> None:
    """Two recordings in one file, as cameras leave them."""
    whole = replace(CARD, seconds=4, audio="-c:a mp2", rate="25")
    parts = [film_of(whole, tmp_path / f"{n}.ts").read_bytes() for n in (1, 2)]
    (tmp_path / "film.ts").write_bytes(b"".join(parts))
    assert abs(probe(tmp_path / "film.ts").duration - 8) < 0.2
    checked(tmp_path / "film.ts", tmp_path / "out", seconds=8, flashes=[1, 3, 5, 7])


def test_a_sound_that_is_not_taken_does_not_move_the_beginning(card: Path, tmp_path: Path) -> None:
    """Another track begins two seconds earlier than the film's picture and sound."""
    ffmpeg(
        f"-itsoffset 2 -i {card} -f lavfi -i sine=d=2 -map 0 -map 1 -c:v copy -c:a aac"
        " -disposition:a:0 default -disposition:a:1 0",
        str(tmp_path / "film.mkv"),
    )
    checked(tmp_path / "film.mkv", tmp_path / "out")
