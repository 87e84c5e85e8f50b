"""Files of recordings and packages in the storage named "recordings".

Names and moves of files only: which of them are still wanted is decided by `assets`, `work` and
`leftovers`. A local storage is written in place; a remote one is filled from a folder of this
host and read back through a copy.
"""

import contextlib
import errno
import logging
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, storages

ORIGINALS = "originals"
PACKAGES = "packages"
INGEST = "ingest-"  # scratch folders of files that are being brought in
COPY_BYTES = 1024 * 1024

logger = logging.getLogger(__name__)


class StoreAway(OSError):
    """The remote store cannot be reached or fails; no recording is to blame."""


def recordings() -> Storage:
    return storages["recordings"]


def room_left() -> int | None:
    """Bytes that are free where recordings lie; None in a remote store, which has no end."""
    folder = local_path("")
    if folder is None:
        return None
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def original_folder(asset_id: uuid.UUID) -> str:
    return f"{ORIGINALS}/{asset_id}"


def package_folder(key: str) -> str:
    return f"{PACKAGES}/{key}"


def scratch(key: str) -> Path:
    """This host's scratch folder of one attempt; it may not exist."""
    return Path(settings.WORK_ROOT) / key


def chore_scratch(what: str, pk: int) -> Path:
    """This host's scratch folder of one chore, made and removed by who holds its claim."""
    return scratch(what + chore_ending(pk))


def chore_ending(pk: int) -> str:
    return f"-{pk}"  # no package key has a dash


def local_path(name: str) -> Path | None:
    """Where a stored file lies on this host; None in a remote store."""
    try:
        return Path(recordings().path(name))
    except NotImplementedError:
        return None


def file_link(source: Path, name: str) -> bool:
    """Put a file of this host into the storage without copying it; False where that is not
    possible: in a remote store, on another file system, on one without links or in trouble.
    """
    target = local_path(name)
    if target is None:
        return False
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(source, target)
    except OSError:
        return False
    return True


class _Watched(File):
    """A file that says before each piece that it is being read."""

    def __init__(self, file: IO[bytes], on_read: Callable[[], None]) -> None:
        super().__init__(file)
        self._file = file
        self._on_read = on_read

    def read(self, size: int = -1, /) -> bytes:
        self._on_read()
        return self._file.read(size)


def file_copy(source: Path, name: str, *, on_copy: Callable[[], None] = lambda: None) -> None:
    """Copy a file of this host into the storage, whatever was there. `on_copy` is called for
    every piece; an OSError that it raises ends the copy. Raises StoreAway, OSError.
    """
    with _reached(), source.open("rb") as file:
        file_replace(name, _Watched(file, on_copy))
        if (stored := recordings().size(name)) != (size := source.stat().st_size):
            raise OSError(errno.EIO, f"{stored} of {size} bytes are stored", name)
    if (target := local_path(name)) is not None:
        tree_flush(target.parent)


@contextlib.contextmanager
def file_here(name: str, copy: Path, *, on_copy: Callable[[], None]) -> Iterator[Path]:
    """A path of this host with the stored file's bytes; from a remote store a copy at `copy`.
    `on_copy` is called for every piece copied. Raises StoreAway.
    """
    path = local_path(name)
    if path is not None:
        yield path
        return
    copy.parent.mkdir(parents=True, exist_ok=True)
    with _reached():
        stored = recordings().open(name, "rb")
    with stored as source, copy.open("wb") as target:
        pieces = source.chunks(COPY_BYTES)
        while piece := _next(pieces):
            target.write(piece)
            on_copy()
    try:
        yield copy
    finally:
        copy.unlink(missing_ok=True)


@contextlib.contextmanager
def _reached() -> Iterator[None]:
    """Around one request to the store. What the disk of this host says stays as it is."""
    try:
        yield
    except OSError:
        raise
    except Exception as problem:
        raise StoreAway(str(problem)) from problem


def _next(pieces: Iterator[bytes]) -> bytes:
    with _reached():
        return next(pieces, b"")


def tree_upload(folder: Path, name: str, *, on_file: Callable[[], None]) -> None:
    """Send every file below `folder` to `name`/… of a remote store. Raises StoreAway."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with _reached(), path.open("rb") as file:
                recordings().save(f"{name}/{path.relative_to(folder).as_posix()}", File(file))
            on_file()


def tree_flush(folder: Path) -> None:
    """Make every file below `folder` durable before a pointer to it is."""
    for root, _, names in os.walk(folder):
        for path in [Path(root), *(Path(root, name) for name in names)]:
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def tree_delete(name: str) -> None:
    """Delete everything below `name`; nothing there is fine, what cannot be deleted raises
    OSError.
    """
    path = local_path(name)
    if path is not None:
        folder_delete(path)
        return
    with _reached():
        folders, files = _listing(name)
        for file in files:
            recordings().delete(f"{name}/{file}")
        for folder in folders:
            tree_delete(f"{name}/{folder}")
        if folders or files:
            recordings().delete(name)  # the folder itself, in a store that has real ones


def folder_delete(path: Path) -> None:
    """Delete a folder of this host. A writer that is being ended may still add to it."""
    for attempt in range(3):
        with contextlib.suppress(FileNotFoundError):
            try:
                shutil.rmtree(path)
            except OSError:
                if attempt == 2:
                    raise
        if not path.exists():
            return


@contextlib.contextmanager
def removing(what: str) -> Iterator[None]:
    """One thing that cannot be removed now must not keep the others; the next round tries it."""
    try:
        yield
    except OSError as problem:
        logger.warning("Could not remove %s: %s", what, problem)


def file_replace(name: str, content: File) -> None:
    """Store `content` under `name`, whatever was there; on this host in one step."""
    target = local_path(name)
    if target is None:
        recordings().delete(name)
        recordings().save(name, content)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        with beside.open("wb") as file:
            for piece in content.chunks():
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def tree_names(name: str) -> Iterator[str]:
    """Every file below `name`, relative to it."""
    folders, files = _listing(name)
    yield from files
    for folder in folders:
        for file in tree_names(f"{name}/{folder}"):
            yield f"{folder}/{file}"


def files_in(name: str) -> list[str]:
    """Names of the files directly in `name`."""
    return _listing(name)[1]


def folders_in(name: str) -> list[str]:
    """Names of the folders directly below `name`."""
    return _listing(name)[0]


def _listing(name: str) -> tuple[list[str], list[str]]:
    try:
        folders, files = recordings().listdir(name)
    except FileNotFoundError:
        return [], []
    return [folder for folder in folders if folder], [file for file in files if file]
