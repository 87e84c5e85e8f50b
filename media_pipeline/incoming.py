"""The files of unfinished transfers: one `<id>.part` each in INCOMING_ROOT, written under a lock.

Knows files only. How many bytes of a file count stands in the database (`uploads`); whatever
lies behind that offset was never acknowledged and is cut off before the next byte is written.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

BLOCK_BYTES = 128 * 1024
# Left free for everything else that writes on the same disk.
SPARE_BYTES = 512 * 1024**2
# How long a request waits for the one before it to notice that its connection is gone.
LOCK_PATIENCE = 1.5
LOCK_POLL = 0.05
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Locked(Exception):
    """Another request, thread or process holds the file."""


class NoRoom(Exception):
    """The disk or its quota is full."""


def root() -> Path:
    folder = Path(settings.INCOMING_ROOT)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def part_path(upload_id: uuid.UUID) -> Path:
    """Named by our own id: nothing that a client sends becomes part of a path."""
    return root() / f"{upload_id}.part"


def free_bytes() -> int:
    return shutil.disk_usage(root()).free


class Part:
    """An open, locked part file. Writes are unbuffered, so that an error is known at once."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._fd = descriptor

    @property
    def size(self) -> int:
        return os.fstat(self._fd).st_size

    def start_at(self, offset: int) -> None:
        """Cut off what was never acknowledged and write from there."""
        os.ftruncate(self._fd, offset)
        os.lseek(self._fd, offset, os.SEEK_SET)

    def write(self, block: bytes) -> None:
        view = memoryview(block)
        try:
            while view:
                view = view[os.write(self._fd, view) :]
        except OSError as problem:
            if problem.errno in NO_ROOM:
                raise NoRoom from problem
            raise

    def sync(self) -> None:
        """Bring the bytes to the disk: only then may the database promise them."""
        os.fdatasync(self._fd)

    def head(self, count: int) -> bytes:
        return os.pread(self._fd, count, 0)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(upload_id: uuid.UUID, *, patience: float = LOCK_PATIENCE) -> Iterator[Part]:
    """The part file, made when missing, for this caller alone; raises `Locked`.

    flock belongs to the open file: it holds between threads as between processes, and the kernel
    gives it back when its holder is killed.
    """
    path = part_path(upload_id)
    deadline = time.monotonic() + patience
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            os.close(descriptor)
            if problem.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            if time.monotonic() >= deadline:
                raise Locked from problem
            time.sleep(LOCK_POLL)
            continue
        # Removed by its last holder between our open and our lock: open the name anew.
        if os.fstat(descriptor).st_nlink:
            break
        os.close(descriptor)
    try:
        yield Part(path, descriptor)
    finally:
        os.close(descriptor)


def part_ids() -> Iterator[uuid.UUID]:
    """The ids of all part files; whatever else lies in the folder is none of ours."""
    for path in root().glob("*.part"):
        with contextlib.suppress(ValueError):
            yield uuid.UUID(path.stem)
