"""A whole package from a plain film: what is in it, and what callers are told on the way."""

import re
from pathlib import Path

import pytest
from PIL import Image

from media_pipeline.ffmpeg.playlists import read_media_playlist
from media_pipeline.ffmpeg.tracks import read_track
from tests.integration.media_pipeline.ffmpeg.films import (
    X264,
    Made,
    bright_from,
    ffmpeg,
    film,
    loud_from,
    make,
)

GREY = ("-vf", "scale=1:1:flags=area,format=gray", "-f", "rawvideo", "-")


def test_the_package_has_the_rungs_the_film_allows(made: Made) -> None:
    assert [(r.name, r.width, r.height) for r in made.package.renditions] == [
        ("480p", 854, 480),
        ("360p", 640, 360),
        ("light", 640, 360),
        ("audio", 0, 0),
    ]
    assert abs(made.package.duration - 9) < 0.1
    assert made.package.has_audio
    assert made.package.loudness is not None
    assert -40 < made.package.loudness < 0


def test_the_media_playlists_are_finished_and_relative(made: Made) -> None:
    for rendition in made.package.renditions:
        text = (made.out_dir / rendition.name / "index.m3u8").read_text()
        assert "#EXT-X-PLAYLIST-TYPE:VOD" in text
        playlist = read_media_playlist(text)
        assert playlist.ended
        assert len(playlist.segments) == 3
        assert (made.out_dir / rendition.name / playlist.init_uri).is_file()


def test_all_rungs_are_cut_at_the_same_keyframes(made: Made) -> None:
    tracks = [read_track(made.out_dir, name) for name in ("480p", "360p", "light")]
    assert tracks[0].starts == tracks[1].starts == tracks[2].starts
    assert all(tracks[0].keyframes)
    gaps = [b - a for a, b in zip(tracks[0].starts, tracks[0].starts[1:], strict=False)]
    assert gaps == [4, 4]


def test_a_file_that_goes_while_one_looks_is_no_part_of_a_track(made: Made) -> None:
    """As the next segment does, which ffmpeg renames when it is whole."""
    before = read_track(made.out_dir, "light")
    going = made.out_dir / "light" / "seg_00009.m4s.tmp"
    going.symlink_to("gone")
    try:
        assert read_track(made.out_dir, "light") == before
    finally:
        going.unlink()


def test_the_master_lists_measured_rates_and_the_sound_alone(made: Made) -> None:
    text = (made.out_dir / "master.m3u8").read_text()
    for rendition in made.package.renditions:
        entry = text[: text.index(f"\n{rendition.name}/index.m3u8")].rpartition("\n")[2]
        assert f"BANDWIDTH={rendition.bandwidth}," in entry
        assert f'CODECS="{rendition.codecs}"' in entry
    sizes = sum(r.bytes for r in made.package.renditions if r.name in {"light", "audio"})
    lowest = made.package.renditions[2]
    assert abs(lowest.average_bandwidth * made.package.duration / 8 - sizes) < 0.02 * sizes
    assert re.search(r"avc1\.64[0-9a-f]{4},mp4a\.40\.2", lowest.codecs)


def test_every_file_that_is_named_is_there_and_nothing_else(made: Made) -> None:
    files = {str(path.relative_to(made.out_dir)) for path in made.out_dir.rglob("*.*")}
    segments = {f for f in files if re.fullmatch(r"(480p|360p|light|audio)/(seg_\d{5}\.m4s)", f)}
    lists = {f"{name}/index.m3u8" for name in ("480p", "360p", "light", "audio")}
    inits = {f for f in files if re.fullmatch(r"[^/]+/init_?\d*\.mp4", f)}
    assert len(segments) == 12
    assert len(inits) == 4
    assert files - segments - lists - inits == {
        "master.m3u8",
        "low.mp4",
        "sound.mp4",
        "loudness.json",
        "seen.json",
        "plan.json",
        "progressive.mp4",
        "poster.jpg",
        "storyboard.vtt",
        "story_001.jpg",
    }
    assert made.package.bytes_total == sum(p.stat().st_size for p in made.out_dir.rglob("*.*"))


def test_the_progressive_film_begins_with_its_index(made: Made) -> None:
    head = (made.out_dir / "progressive.mp4").read_bytes()[:256]
    assert b"moov" in head
    assert b"mdat" not in head


def test_the_storyboard_points_into_its_sheet(made: Made) -> None:
    vtt = (made.out_dir / "storyboard.vtt").read_text()
    assert vtt.startswith("WEBVTT\n")
    assert "00:00:04.000 --> 00:00:08.000" in vtt
    assert "story_001.jpg#xywh=160,0,160,90" in vtt


def test_every_tile_of_the_storyboard_shows_its_own_second(tmp_path: Path) -> None:
    """A film that is a shade lighter every four seconds, on two sheets of tiles."""
    seconds, step = 34 * 4, 6
    picture = f"geq=lum=16+{step}*floor(T/4):cb=128:cr=128,setparams=range=tv,format=yuv420p"
    source = f"-f lavfi -i nullsrc=s=160x90:r=5:d={seconds}"
    ffmpeg(f"{source} -vf {picture} {X264} -g 20", str(tmp_path / "film.mp4"))
    out_dir = make(tmp_path / "film.mp4", tmp_path / "out").out_dir
    cues = re.findall(
        r"^(\d+):(\d+):(\d+)\.000 --> \S+\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$",
        (out_dir / "storyboard.vtt").read_text(),
        re.M,
    )
    assert [int(h) * 3600 + int(m) * 60 + int(s) for h, m, s, *_ in cues] == [*range(0, seconds, 4)]
    assert len({sheet for *_, sheet, _x, _y, _w, _h in cues}) == 2
    for number, (*_, sheet, x, y, width, height) in enumerate(cues):
        place = (int(x) + int(width) // 2, int(y) + int(height) // 2)
        with Image.open(out_dir / sheet) as image:
            shown = image.convert("L").getpixel(place)
        assert shown == pytest.approx(step * number * 255 / 219, abs=3)


def test_progress_covers_the_job_and_never_falls(made: Made) -> None:
    shares = [share for _, share in made.steps]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert list(dict.fromkeys(step for step, _ in made.steps)) == [
        "sound",
        "encode",
        "package",
        "verify",
    ]


def test_a_film_plays_while_its_package_is_made(tmp_path: Path) -> None:
    source = film(
        tmp_path / "film.webm", seconds=9, video="-c:v libvpx -deadline realtime", audio=""
    )
    growing: list[str] = []
    out = tmp_path / "out"

    def look(path: str) -> None:
        growing.append((out / path).read_text())
        ffmpeg("-i", str(out / path), *["-t", "1", "-f", "null", "-"])  # plays as far as it goes

    made = make(source, out, on_first_play=look)
    assert made.first_play == ["master.m3u8"]
    assert "180p/index.m3u8" in growing[0]
    assert "AUDIO" in growing[0]


def test_sound_and_picture_stay_together(tmp_path: Path) -> None:
    """A flash and a beep at one second, in a film whose picture begins later than its sound."""
    flash = "-f lavfi -i color=black:s=320x180:r=30:d=3 -f lavfi -i"
    beep = "aevalsrc=gte(t\\,1)*sin(2000*t):s=48000:d=3"
    white = "drawbox=c=white:t=fill:enable=gte(t\\,1)"
    ffmpeg(
        flash,
        beep,
        "-vf",
        white,
        *["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"],
        str(tmp_path / "even.mp4"),
    )
    ffmpeg(
        f"-i {tmp_path}/even.mp4 -itsoffset 0.5 -i {tmp_path}/even.mp4 -map 0:a -map 1:v -c copy",
        str(tmp_path / "late.mp4"),
    )
    for name, apart in (("even.mp4", 0.0), ("late.mp4", 0.5)):
        made = make(tmp_path / name, tmp_path / "out" / name)
        for path in (made.out_dir / "progressive.mp4", made.out_dir / "master.m3u8"):
            assert abs(loud_from(path) - 1) < 0.02
            assert abs(bright_from(path) - loud_from(path) - apart) < 0.02


def test_all_tracks_begin_at_zero_without_edit_lists(made: Made) -> None:
    for name in ("480p", "360p", "light", "audio"):
        track = read_track(made.out_dir, name)
        assert track.starts[0] == 0
        assert b"elst" not in (made.out_dir / name / track.playlist.init_uri).read_bytes()


def test_the_poster_is_not_the_black_picture_that_a_film_begins_with(tmp_path: Path) -> None:
    """The only keyframe of so short a film is black."""
    fade = f"{X264} -vf fade=in:st=1:d=1"
    made = make(film(tmp_path / "film.mp4", seconds=3.5, video=fade), tmp_path / "out")
    poster = ffmpeg("-i", str(made.out_dir / "poster.jpg"), *GREY)
    assert 60 < poster[0] < 200


@pytest.mark.parametrize("seconds", [4, 8], ids=["all pictures", "keyframes"])
def test_the_poster_shows_something(tmp_path: Path, seconds: int) -> None:
    """Of a part in black, a test picture and a part of one colour."""
    parts = ["color=black", "testsrc2=", "color=red"]
    graph = [f"{part}:s=320x180:r=10:d={seconds}[p{n}]" for n, part in enumerate(parts)]
    graph.append("[p0][p1][p2]concat=n=3")
    source = tmp_path / "film.mp4"
    ffmpeg("-f lavfi -i", ";".join(graph).replace("=:", "="), *X264.split(), str(source))
    made = make(source, tmp_path / "out")
    assert made.package.moments
    assert all(seconds <= second < 2 * seconds for second in made.package.moments)
    shown = ffmpeg("-i", str(made.out_dir / "poster.jpg"), *GREY)
    taken = ffmpeg("-ss", str(seconds + 1), "-i", str(source), "-frames:v", "1", *GREY)
    assert abs(shown[0] - taken[0]) < 12
    # Of black (16), the test picture and red (81) the middle one.
    assert 30 < (made.package.brightness or 0) < 150


def test_the_poster_is_sharp(tmp_path: Path) -> None:
    """A film of the same, out of focus at its beginning and at its end."""
    source = tmp_path / "film.mp4"
    blurred = "gblur=sigma=6:enable=not(between(t\\,8\\,15.95))"
    ffmpeg(f"-f lavfi -i testsrc2=s=640x360:r=10:d=24,{blurred} {X264} -g 20", str(source))
    made = make(source, tmp_path / "out")
    in_focus = [8 <= second < 15.5 for second in made.package.moments]
    assert in_focus == sorted(in_focus, reverse=True), made.package.moments
    assert in_focus[0]


def test_the_last_picture_stays_while_the_voice_goes_on(tmp_path: Path) -> None:
    source = film(tmp_path / "film.mp4", seconds=2, sound="-f lavfi -i sine=duration=6")
    made = make(source, tmp_path / "out")
    assert abs(read_track(made.out_dir, "180p").playlist.seconds - 6) < 0.2
