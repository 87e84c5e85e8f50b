"""What runs below a process, seen while any of it may end."""

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
