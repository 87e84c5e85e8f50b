"""What runs below a process, seen while any of it may end."""

import contextlib

import psutil


def below(pid: int | None = None, *, word: str) -> list[psutil.Process]:
    """Descendants of a process (by default of this one) with the word in name or command."""
    found = []
    for process in psutil.Process(pid).children(recursive=True):
        try:
            if word in process.name() or word in process.cmdline():
                found.append(process)
        except psutil.Error:
            continue  # ended meanwhile
    return found


def kill_below(*, word: str) -> None:
    """kill -9 of those; with the first of a sandbox the others end by themselves."""
    for process in below(word=word):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
