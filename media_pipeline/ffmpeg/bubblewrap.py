"""The walls around a media process: the command line of bubblewrap. Builds it, runs nothing.

Inside there is no network, no other process, and of the host's files only programs and libraries,
what the process is to read, and one folder to write into, all at their usual paths. No /proc and
no /tmp: nothing of ours needs them, and containers often forbid to mount the first.
"""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

PROGRAM = "bwrap"
SEARCHED = "/usr/local/bin:/usr/bin:/bin"
# What Debian's own ffmpeg needs to find its libraries, besides /usr.
_LINKER = ("/etc/ld.so.cache", "/etc/alternatives")
_LIBRARIES = ("/lib", "/lib32", "/lib64", "/libx32")


@dataclass(frozen=True)
class Files:
    """What a media process may see of this host's files: those it reads (a folder stands for all
    below it) and one folder that it fills. Its working directory must be among them.
    """

    reads: tuple[Path, ...] = ()
    writes: Path | None = None


def bubblewrap_path() -> str | None:
    return shutil.which(PROGRAM, path=SEARCHED)


def walled(argv: list[str], files: Files, *, cwd: Path | None, program: str) -> list[str]:
    """`argv` behind walls. `program` is bubblewrap's own path.

    The media program is the first process inside and the child of one waiting bubblewrap, so what
    it used is counted with that one, and a signal to it alone is answered with its exit status.
    """
    command = [program, "--unshare-all", "--die-with-parent", "--as-pid-1", "--cap-drop", "ALL"]
    for path in _system():
        command += _bound(path)
    for path in _own_program(argv[0]):
        command += ["--ro-bind", path, path]
    command += ["--dev-bind", "/dev/null", "/dev/null"]
    if files.writes is not None:
        folder = str(files.writes.absolute())
        command += ["--bind", folder, folder]
    for read in files.reads:
        command += ["--ro-bind", str(read.absolute()), str(read.absolute())]
    command += ["--remount-ro", "/", "--chdir", str(cwd.absolute()) if cwd else "/"]
    return [*command, "--", *argv]


def _system() -> list[str]:
    return [path for path in ("/usr", *_LIBRARIES, *_LINKER) if os.path.lexists(path)]


def _bound(path: str) -> list[str]:
    if os.path.islink(path):
        return ["--symlink", os.readlink(path), path]
    return ["--ro-bind", path, path]


def _own_program(program: str) -> list[str]:
    """The interpreter with its packages, or the program's own file."""
    paths = [sys.base_prefix, sys.prefix] if program == sys.executable else [program]
    return [path for path in dict.fromkeys(paths) if not Path(path).is_relative_to("/usr")]
