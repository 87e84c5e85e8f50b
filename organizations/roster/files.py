"""Where workbooks lie: one storage for all hosts, and a plain file while they are worked on."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.core.files import File
from django.core.files.storage import Storage, storages


def roster_storage() -> Storage:
    """Uploaded and made workbooks; nothing serves it but the views of the roster."""
    return storages["roster"]


def file_put(name: str, source: File | Path) -> str:
    """Store a file under a name, in place of what was there; returns the name to keep."""
    storage = roster_storage()
    storage.delete(name)
    if isinstance(source, Path):
        with source.open("rb") as opened:
            return storage.save(name, File(opened))
    return storage.save(name, source)


def file_remove(name: str) -> None:
    if name:
        roster_storage().delete(name)


@contextlib.contextmanager
def file_local(name: str) -> Iterator[Path]:
    """The stored file on this host's disk; a copy where the storage is remote."""
    storage = roster_storage()
    try:
        path = Path(storage.path(name))
    except NotImplementedError:
        pass
    else:
        yield path
        return
    with tempfile.NamedTemporaryFile(prefix="roster-") as copy:
        with storage.open(name, "rb") as remote:
            shutil.copyfileobj(remote, copy, 1024 * 1024)
        copy.flush()
        yield Path(copy.name)


@contextlib.contextmanager
def file_draft() -> Iterator[Path]:
    """A place for a workbook in the making."""
    with tempfile.TemporaryDirectory(prefix="roster-") as folder:
        yield Path(folder) / "draft.xlsx"
