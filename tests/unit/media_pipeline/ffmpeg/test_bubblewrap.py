"""The command line of the walls."""

import sys
from pathlib import Path

from media_pipeline.ffmpeg.bubblewrap import Files, walled

SOURCE, OUT = Path("/srv/media/originals/film"), Path("/srv/media/packages/100% 党课")


def command(argv: list[str], files: Files, cwd: Path | None = None) -> list[str]:
    return walled(argv, files, cwd=cwd, program="/usr/bin/bwrap")


def bound(parts: list[str], option: str) -> set[str]:
    return {parts[at + 2] for at, part in enumerate(parts) if part == option}


def test_the_source_is_read_only_and_one_folder_is_not() -> None:
    parts = command(["/usr/bin/ffmpeg"], Files(reads=(SOURCE,), writes=OUT), OUT)
    assert bound(parts, "--bind") == {str(OUT)}
    assert str(SOURCE) in bound(parts, "--ro-bind")
    assert parts[parts.index("--chdir") + 1] == str(OUT)


def test_a_source_inside_the_folder_stays_read_only() -> None:
    inside = OUT / "source"
    parts = command(["/usr/bin/ffmpeg"], Files(reads=(inside,), writes=OUT))
    last = len(parts) - 1 - parts[::-1].index(str(inside))
    assert last > parts.index("--bind")


def test_nothing_but_programs_is_seen_by_default() -> None:
    parts = command(["/usr/bin/ffmpeg"], Files())
    seen = bound(parts, "--ro-bind") - {"/usr", "/lib", "/lib32", "/lib64", "/libx32"}
    assert seen <= {"/etc/ld.so.cache", "/etc/alternatives"}
    assert not bound(parts, "--bind")
    assert bound(parts, "--dev-bind") == {"/dev/null"}


def test_python_sees_its_own_packages_and_another_program_its_own_file() -> None:
    assert sys.prefix in bound(command([sys.executable], Files()), "--ro-bind")
    other = bound(command(["/opt/ffmpeg/bin/ffmpeg"], Files()), "--ro-bind")
    assert "/opt/ffmpeg/bin/ffmpeg" in other
    assert sys.prefix not in other


def test_there_is_no_network_and_the_end_of_the_worker_is_the_end_of_all() -> None:
    parts = command(["/usr/bin/ffmpeg", "-version"], Files())
    assert {"--unshare-all", "--die-with-parent"} <= set(parts)
    assert "--share-net" not in parts
    assert parts[parts.index("--") + 1 :] == ["/usr/bin/ffmpeg", "-version"]
