"""Attempts that go on from what an earlier one left: nothing is encoded twice, nothing shifts."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from media_pipeline.ffmpeg.resume import adopt
from media_pipeline.ffmpeg.runner import FailureReason, MediaProcessFailed, MediaProcessStopped
from media_pipeline.ffmpeg.tracks import read_track
from tests.integration.media_pipeline.ffmpeg.films import (
    X264,
    X265,
    Made,
    bright_from,
    cut_back,
    ffmpeg,
    ffmpeg_fed,
    loud_from,
    make,
    segments,
    staircase,
    steps,
)
from tests.processes import kill_below

RUNGS = ("360p", "light")


@pytest.fixture(scope="module")
def clapper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eighteen seconds in two rungs; a flash and a beep begin in the middle of the third segment,
    which is where a picture from the second attempt meets a sound from the first.
    """
    path = tmp_path_factory.mktemp("films") / "clapper.mp4"
    picture = "testsrc2=s=320x180:r=10:d=18,scale=640:360:flags=neighbor,lutyuv=y=val/3"
    flash = "drawbox=c=white:t=fill:enable=between(t\\,9.59\\,10.5)"
    beep = "aevalsrc=0.5*between(t\\,9.6\\,10.5)*sin(3000*t):s=48000:d=18"
    ffmpeg(
        "-f lavfi -i",
        f"{picture},{flash}",
        *["-f", "lavfi", "-i", beep, *X264.split(), "-c:a", "aac", str(path)],
    )
    return path


@pytest.fixture(scope="module")
def whole(clapper: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The package of an attempt that nothing disturbed."""
    return make(clapper, tmp_path_factory.mktemp("whole") / "out")


def interrupted(source: Path, out_dir: Path, *, at: int, kill: bool) -> None:
    """An attempt that ends by a kill of ffmpeg or by a stop once `at` segments are complete."""

    def reached() -> bool:
        return all((out_dir / name / f"seg_{at - 1:05d}.m4s").exists() for name in RUNGS)

    def look() -> bool:
        if reached() and kill:
            kill_below(word="ffmpeg")
        return reached() and not kill

    with pytest.raises((MediaProcessFailed, MediaProcessStopped)) as ended:
        make(source, out_dir, should_stop=look)
    if kill:
        assert isinstance(ended.value, MediaProcessFailed)
        assert ended.value.reason is FailureReason.KILLED


def played(path: Path) -> bytes:
    """One grey value for each picture, after decoding everything without a complaint."""
    return ffmpeg(
        "-xerror -err_detect explode -i",
        str(path),
        *["-map", "0:v:0", "-vf", "scale=1:1:flags=area,format=gray", "-f", "rawvideo", "-"],
    )


@dataclass
class Mended:
    """A package of two attempts, and what the first had left."""

    made: Made
    left: dict[str, tuple[bytes, int]]


def mend(source: Path, folder: Path, *, at: int, kill: bool) -> Mended:
    interrupted(source, folder / "first", at=at, kill=kill)
    left = segments(folder / "first")
    adopt(folder / "first", folder / "second")
    return Mended(make(source, folder / "second"), left)


@pytest.fixture(
    scope="module",
    params=[
        (2, True),
        (1, False),
        *[
            pytest.param(case, marks=pytest.mark.long)
            for case in ((1, True), (3, True), (3, False))
        ],
    ],
    ids=lambda case: f"{'killed' if case[1] else 'stopped'} after {case[0]}",
)
def seam(
    request: pytest.FixtureRequest, clapper: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[int, Mended]:
    at, kill = request.param
    return at, mend(clapper, tmp_path_factory.mktemp("mended"), at=at, kill=kill)


def test_a_broken_off_ladder_goes_on_where_all_rungs_are_complete(
    seam: tuple[int, Mended], whole: Made
) -> None:
    at, mended = seam
    now = segments(mended.made.out_dir)
    kept = [f"{name}/seg_{n:05d}.m4s" for name in RUNGS for n in range(at)]
    kept += [name for name in now if name.startswith("audio/")]
    assert {name: now[name] for name in kept} == {name: mended.left[name] for name in kept}
    assert now.keys() == segments(whole.out_dir).keys()
    for name in (*RUNGS, "audio"):
        one, other = (read_track(made.out_dir, name) for made in (whole, mended.made))
        assert one.starts == other.starts
        assert one.playlist == other.playlist
    assert mended.made.package.duration == whole.package.duration


@pytest.fixture(scope="module")
def mended(seam: tuple[int, Mended]) -> Made:
    return seam[1].made


def test_progress_counts_what_was_done_before(mended: Made) -> None:
    shares = [share for _, share in mended.steps]
    assert shares == sorted(shares)
    assert shares[0] > 0.2
    assert mended.first_play == ["master.m3u8"]


def test_sound_and_picture_stay_together_across_the_seam(mended: Made) -> None:
    for name in ("progressive.mp4", "master.m3u8"):
        path = mended.out_dir / name
        assert abs(loud_from(path) - 9.6) < 0.02
        assert abs(bright_from(path) - loud_from(path)) < 0.04


def test_the_whole_package_decodes_across_the_seam(mended: Made) -> None:
    for name in (*(f"{rung}/index.m3u8" for rung in RUNGS), "progressive.mp4"):
        assert len(played(mended.out_dir / name)) == 18 * 10


def test_finished_steps_are_not_repeated(mended: Made, clapper: Path, tmp_path: Path) -> None:
    """A package that was complete when its worker died is only verified again."""
    adopt(mended.out_dir, tmp_path / "out")
    again = make(clapper, tmp_path / "out")
    names = {path.relative_to(again.out_dir) for path in again.out_dir.rglob("*") if path.is_file()}
    same = [
        os.path.samefile(again.out_dir / name, mended.out_dir / name)
        for name in names - {Path("master.m3u8")}
    ]
    assert len(same) > 20
    assert all(same)
    assert again.package == mended.package


def late(path: Path) -> Path:
    even = steps(path.with_name("even.mp4"), X264)
    ffmpeg(f"-i {even} -itsoffset 0.7 -i {even} -map 0:a -map 1:v -c copy", str(path))
    return path


def turned(path: Path) -> Path:
    lying = steps(path.with_name("lying.mp4"), X264)
    ffmpeg(f"-display_rotation:v:0 90 -i {lying} -c copy", str(path))
    return path


VP8 = "-c:v libvpx -deadline realtime"
PQ = "-color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -pix_fmt yuv420p10le"


FILMS = {
    "odd_rate.mov": lambda p: steps(p, f"{X264} -bf 3 -g 40", rate="30000/1001"),
    "pause.mp4": lambda p: steps(p, f"{X264} -vf select=lt(t\\,5)+gt(t\\,10.6) -fps_mode vfr"),
    "interlaced.ts": lambda p: steps(
        p, "-c:v mpeg2video -flags +ilme+ildct -b:v 4M -c:a mp2", rate="25"
    ),
}
MORE_FILMS = {
    "late.mp4": late,
    "open_gop.mkv": lambda p: steps(p, f"{X264} -x264-params open-gop=1:keyint=50"),
    "plain.mp4": lambda p: steps(p, f"{X264} -g 250"),
    "vfr.mp4": lambda p: steps(p, f"{X264} -vf select=mod(n\\,7)*mod(n\\,3) -fps_mode vfr"),
    "turned.mp4": turned,
    "hdr.mp4": lambda p: steps(p, f"{X265} {PQ} -tag:v hvc1"),
    "fragments.mp4": lambda p: steps(p, f"{X264} -movflags +frag_keyframe+empty_moov"),
    "live.webm": lambda p: steps(p, f"{VP8} -live 1 -c:a libopus -g 60"),
    "cues.webm": lambda p: steps(p, f"{VP8} -c:a libopus -g 60"),
    "video.avi": lambda p: steps(p, f"{X264} -bf 2 -c:a libmp3lame"),
    "clip.flv": lambda p: steps(p, f"{X264} -bf 3 -ar 44100"),
}


@pytest.mark.parametrize(
    ("maker", "name"),
    [
        *[pytest.param(maker, name, id=name) for name, maker in FILMS.items()],
        *[
            pytest.param(maker, name, id=name, marks=pytest.mark.long)
            for name, maker in MORE_FILMS.items()
        ],
    ],
)
def test_the_same_pictures_follow_whatever_the_film_is(
    tmp_path: Path, maker: Callable[[Path], Path], name: str
) -> None:
    source = maker(tmp_path / name)
    whole = make(source, tmp_path / "whole")
    expected = played(whole.out_dir / "64p" / "index.m3u8")
    out = tmp_path / "out"
    adopt(whole.out_dir, out)
    cut_back(out, 2)
    made = make(source, out, facts=whole.facts)
    got = played(out / "64p" / "index.m3u8")
    assert len(got) == len(expected)
    assert max(abs(a - b) for a, b in zip(got, expected, strict=True)) < 9
    assert made.package.duration == whole.package.duration


def test_a_resume_in_the_still_after_the_last_picture(tmp_path: Path) -> None:
    """The voice goes on for two segments after the last picture."""
    source = tmp_path / "film.mp4"
    raw = "-f rawvideo -pix_fmt yuv420p -s 64x64 -r 30 -i pipe:0 -f lavfi -i sine=d=14"
    ffmpeg_fed(staircase(152), f"{raw} {X264} -c:a aac", str(source))
    whole = make(source, tmp_path / "whole")
    expected = played(whole.out_dir / "64p" / "index.m3u8")
    for seam in (1, 3):
        out = tmp_path / str(seam)
        adopt(whole.out_dir, out)
        cut_back(out, seam)
        make(source, out, facts=whole.facts)
        got = played(out / "64p" / "index.m3u8")
        assert len(got) == len(expected)
        assert max(abs(a - b) for a, b in zip(got, expected, strict=True)) < 9


def test_a_film_that_ends_with_a_segment_needs_no_other_when_that_was_complete(
    tmp_path: Path,
) -> None:
    source = steps(tmp_path / "film.mp4", X264, seconds=8)
    whole = make(source, tmp_path / "whole")
    out = tmp_path / "out"
    adopt(whole.out_dir, out)
    cut_back(out, 2)
    made = make(source, out)
    assert segments(out).keys() == segments(whole.out_dir).keys()
    assert made.package.duration == whole.package.duration
