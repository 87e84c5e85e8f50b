"""Attempts that go on from what an earlier one left: nothing is encoded twice, nothing shifts."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
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
)

RUNGS = ("480p", "360p", "240p")


@pytest.fixture(scope="module")
def clapper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eighteen seconds in three rungs; a flash and a beep begin in the middle of the third segment,
    which is where a picture from the second attempt meets a sound from the first.
    """
    path = tmp_path_factory.mktemp("films") / "clapper.mp4"
    picture = "testsrc2=s=427x240:r=10:d=18,scale=854:480:flags=neighbor,lutyuv=y=val/3"
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
            for process in psutil.Process().children(recursive=True):
                if "ffmpeg" in process.name():
                    process.kill()
        return reached() and not kill

    with pytest.raises((MediaProcessFailed, MediaProcessStopped)) as ended:
        make(source, out_dir, should_stop=look)
    if kill:
        assert isinstance(ended.value, MediaProcessFailed)
        assert ended.value.reason is FailureReason.KILLED


def segments(out_dir: Path) -> dict[str, tuple[bytes, int]]:
    """Bytes and time of writing of each segment that is there under its final name."""
    paths = sorted(path for path in out_dir.rglob("seg_*.m4s") if "making" not in path.parts)
    return {
        str(path.relative_to(out_dir)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in paths
    }


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


def staircase(frames: int, size: int = 64) -> bytes:
    """Raw pictures that each differ from their neighbours, so that a wrong one is seen."""
    return b"".join(
        bytes([24 + 40 * (n % 5)]) * size * size + b"\x80" * (size * size // 2)
        for n in range(frames)
    )


def steps(path: Path, arguments: str, *, rate: str = "30", seconds: float = 14) -> Path:
    """A film of such pictures, with a tone."""
    raw = f"-f rawvideo -pix_fmt yuv420p -s 64x64 -r {rate} -i pipe:0"
    frames = round(seconds * (30000 / 1001 if "/" in rate else float(rate)))
    tone = f"-f lavfi -i sine=d={seconds}"
    ffmpeg_fed(staircase(frames), f"{raw} {tone} {arguments}", str(path))
    return path


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
    "late.mp4": late,
    "interlaced.ts": lambda p: steps(
        p, "-c:v mpeg2video -flags +ilme+ildct -b:v 4M -c:a mp2", rate="25"
    ),
    "open_gop.mkv": lambda p: steps(p, f"{X264} -x264-params open-gop=1:keyint=50"),
}
MORE_FILMS = {
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


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Made]:
    folder = tmp_path_factory.mktemp("small")
    source = steps(folder / "film.mp4", X264)
    return source, make(source, folder / "out")


def truncate(path: Path) -> None:
    data = path.read_bytes()
    path.unlink()  # it is a link to a good one
    path.write_bytes(data[: len(data) // 2])


@pytest.mark.parametrize(
    ("spoil", "again_from"),
    [
        (lambda out: truncate(out / "64p" / "seg_00001.m4s"), 1),
        (lambda out: (out / "64p" / "seg_00002.m4s").unlink(), 2),
        (lambda out: (out / "64p" / "init.mp4").unlink(), 0),
        (lambda out: truncate(out / "plan.json"), 0),
        (lambda out: (out / "64p" / "seg_00003.m4s.tmp").write_bytes(b"half"), 3),
    ],
    ids=["cut segment", "lost segment", "lost init", "broken plan", "half written"],
)
def test_what_is_not_whole_is_made_again(
    small: tuple[Path, Made], tmp_path: Path, spoil: Callable[[Path], None], again_from: int
) -> None:
    source, whole = small
    out = tmp_path / "out"
    adopt(whole.out_dir, out)
    cut_back(out, 3)
    spoil(out)
    made = make(source, out, facts=whole.facts)
    before, after = segments(whole.out_dir), segments(out)
    kept = [n for n in range(4) if before[name := f"64p/seg_{n:05d}.m4s"][1] == after[name][1]]
    assert kept == list(range(again_from))
    assert made.package.duration == whole.package.duration
    assert not list(out.rglob("*.tmp"))


def test_another_film_or_recipe_begins_afresh(small: tuple[Path, Made], tmp_path: Path) -> None:
    _, whole = small
    other = steps(tmp_path / "other.mp4", X264, seconds=13)
    out = tmp_path / "out"
    adopt(whole.out_dir, out)
    made = make(other, out)
    assert abs(made.package.duration - 13) < 0.1


def test_segments_that_do_not_fit_the_old_init_are_not_put_behind_it(
    small: tuple[Path, Made], tmp_path: Path
) -> None:
    source, whole = small
    out = tmp_path / "out"
    adopt(whole.out_dir, out)
    cut_back(out, 2)
    init = out / "64p" / "init.mp4"
    data = init.read_bytes()
    init.unlink()
    init.write_bytes(data.replace(b"VideoHandler", b"OtherHandler"))
    make(source, out, facts=whole.facts)
    assert init.read_bytes() == data
    assert segments(out)["64p/seg_00000.m4s"][1] != segments(whole.out_dir)["64p/seg_00000.m4s"][1]


def test_adopting_shares_no_file_that_can_still_change(
    small: tuple[Path, Made], tmp_path: Path
) -> None:
    _, whole = small
    first = tmp_path / "first"
    shutil.copytree(whole.out_dir, first)
    (first / "making" / "64p").mkdir(parents=True)
    for name in ("making/64p/init_0.mp4", "64p/seg_00004.m4s.tmp", "64p/index.m3u8.new", "notes"):
        (first / name).write_bytes(b"in the making")
    (first / "64p" / "seg_00009.m4s").symlink_to("/etc/passwd")
    (first / "32p").symlink_to("/etc")
    out = tmp_path / "out"
    adopt(first, out)
    shared = {str(p.relative_to(out)) for p in out.rglob("*") if p.is_file() or p.is_symlink()}
    there = {str(p.relative_to(whole.out_dir)) for p in whole.out_dir.rglob("*") if p.is_file()}
    assert shared == there - {"master.m3u8"}


def test_a_writer_that_lives_on_does_not_change_what_was_adopted(
    small: tuple[Path, Made], tmp_path: Path
) -> None:
    source, whole = small
    first, out = tmp_path / "first", tmp_path / "out"
    adopt(whole.out_dir, first)
    cut_back(first, 2)
    adopt(first, out)
    held = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    make(source, first, facts=whole.facts)  # the zombie goes on to its end
    assert all(path.read_bytes() == data for path, data in held.items())


@pytest.mark.parametrize("kind", ["missing", "file", "empty", "no plan", "rubbish"])
def test_adopting_what_is_no_attempt_leaves_nothing(tmp_path: Path, kind: str) -> None:
    earlier, out = tmp_path / "earlier", tmp_path / "out"
    if kind == "file":
        earlier.write_text("no folder")
    elif kind != "missing":
        (earlier / "64p").mkdir(parents=True)
    if kind == "no plan":
        (earlier / "64p" / "seg_00000.m4s").write_bytes(b"segment")
    if kind == "rubbish":
        (earlier / "plan.json").mkdir()
    adopt(earlier, out)
    assert not [path for path in out.rglob("*") if path.is_file()]


def test_adopting_copies_where_links_do_not_reach(
    small: tuple[Path, Made], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(os, "link", no_links)
    _, whole = small
    adopt(whole.out_dir, tmp_path / "out")
    assert segments(tmp_path / "out") == segments(whole.out_dir)


def test_a_bad_package_is_not_gone_on_from(
    small: tuple[Path, Made], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What did not pass would not pass the next time either."""
    source, whole = small
    out = tmp_path / "out"
    adopt(whole.out_dir, out)
    (out / "progressive.mp4").unlink()
    (out / "progressive.mp4").write_bytes(b"nothing")
    with pytest.raises(MediaProcessFailed) as failed:
        make(source, out, facts=whole.facts)
    assert failed.value.reason is FailureReason.BAD_OUTPUT
    make(source, out, facts=whole.facts)
    assert json.loads((out / "plan.json").read_text())
