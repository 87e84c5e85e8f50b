"""What of an earlier attempt is taken over: what is whole and cannot change, and nothing else."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from media_pipeline.ffmpeg.resume import adopt
from media_pipeline.ffmpeg.runner import FailureReason, MediaProcessFailed
from tests.integration.media_pipeline.ffmpeg.films import (
    X264,
    Made,
    cut_back,
    make,
    segments,
    steps,
)


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
