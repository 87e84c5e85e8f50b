"""Originals on their way from the disk that received them into the storage.

Where both are one file system, the end of an upload is a link and nothing is left to do. Anywhere
else (a remote store, a media folder that is a mount of its own) copying gigabytes is no work for a
request: the file stays in INCOMING_ROOT as `<recording>.original`, jobs read it there, and a worker
that sees the folder moves it. `VideoAsset.arriving` says that the storage does not have it yet.
"""

import contextlib
import datetime as dt
import errno
import fcntl
import logging
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from media_pipeline import incoming, store
from media_pipeline.clock_watch import clock_doubt
from media_pipeline.models import VideoAsset
from notices.commits import after_commit
from notices.wakeups import EXPIRES_SECONDS, wake

TASK = "media_pipeline.tasks.move_originals"
SUFFIX = ".original"
# How long the host that received a film may be away before the others take the film for lost.
PATIENCE = dt.timedelta(hours=48)
FULL = (errno.ENOSPC, errno.EDQUOT)

logger = logging.getLogger(__name__)


def arrival_path(asset_id: uuid.UUID) -> Path:
    """Where a received original lies on this host; it may not exist."""
    return incoming.root() / f"{asset_id}{SUFFIX}"


def arrival_keep(*, source: Path, asset_id: uuid.UUID) -> bool:
    """Keep a file of INCOMING_ROOT as an original; False where the file system knows no links.
    The source stays until the caller removes it. A worker is told once the row is there.
    """
    try:
        os.link(source, arrival_path(asset_id))
    except OSError:
        return False
    after_commit(wake, TASK, expires=EXPIRES_SECONDS)
    return True


def arrival_remove(asset_id: uuid.UUID) -> None:
    arrival_path(asset_id).unlink(missing_ok=True)


def is_out_of_reach(asset: VideoAsset, *, now: dt.datetime) -> bool:
    """Whether another host has the original, so that this one cannot work on it yet."""
    if not asset.arriving or arrival_path(asset.pk).exists():
        return False
    return asset.created_at > now - PATIENCE or clock_doubt() > 0


@contextlib.contextmanager
def original_here(asset: VideoAsset, copy: Path, *, on_copy: Callable[[], None]) -> Iterator[Path]:
    """A path of this host with the original's bytes, as `store.file_here`. Where it was received
    it stays for as long as it is held.
    """
    with contextlib.ExitStack() as held:
        path = held.enter_context(_kept(asset.pk))
        if path is None:
            stored = store.file_here(asset.original_key, copy, on_copy=on_copy)
            path = held.enter_context(stored)
        yield path


@contextlib.contextmanager
def _kept(asset_id: uuid.UUID) -> Iterator[Path | None]:
    path = arrival_path(asset_id)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield None
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)  # who removes it holds it for an instant only
        yield path if path.exists() else None
    finally:
        os.close(handle)


def arrivals_move(*, should_stop: Callable[[], bool]) -> int:
    """Move what lies here into the storage, one after the other, and remove what has been moved;
    return how many were. Killed at any instant it begins that one again. What cannot be moved now
    (a store that is away or full) is tried by the next round.
    """

    def go_on() -> None:
        if should_stop():
            raise InterruptedError

    moved = 0
    with _alone() as alone:
        arriving = VideoAsset.objects.filter(arriving=True).order_by("created_at") if alone else ()
        for asset in arriving:
            try:
                moved += _move(asset, go_on)
            except InterruptedError:
                break
            except OSError as problem:
                logger.error("The original of %s waits for the storage: %s", asset.pk, problem)
                if problem.errno in FULL:
                    break
        if alone:
            _remove_moved()
    return moved


def _move(asset: VideoAsset, go_on: Callable[[], None]) -> bool:
    with _kept(asset.pk) as path:
        if path is None:
            return False
        store.tree_delete(store.original_folder(asset.pk))  # what a move that was killed has left
        room = store.room_left()
        if room is not None and room < asset.size + incoming.SPARE_BYTES:
            logger.error("The original of %s waits for room in the storage", asset.pk)
            return False
        store.file_copy(path, asset.original_key, on_copy=go_on)
        moved = VideoAsset.objects.filter(pk=asset.pk).exclude(original_key="")
        if not moved.update(arriving=False):  # thrown away meanwhile
            store.tree_delete(store.original_folder(asset.pk))
    return True


def _remove_moved() -> None:
    """What somebody still reads goes with a later round."""
    for asset_id, path in _here():
        if not VideoAsset.objects.filter(pk=asset_id, arriving=False).exists():
            continue
        busy_or_gone = contextlib.suppress(BlockingIOError, FileNotFoundError)
        # NFS locks for one alone only what was opened for writing.
        with store.removing(path.name), busy_or_gone, path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def arrivals_sweep(*, before: dt.datetime) -> int:
    """Remove files without a row that came here `before`; return how many."""
    removed = 0
    found = dict(_here())
    known = VideoAsset.objects.filter(pk__in=found).values_list("pk", flat=True)
    for asset_id in found.keys() - set(known):
        path = found[asset_id]
        with store.removing(path.name), contextlib.suppress(FileNotFoundError):
            if path.stat().st_ctime < before.timestamp():
                path.unlink()
                removed += 1
    return removed


def _here() -> list[tuple[uuid.UUID, Path]]:
    found = []
    for path in incoming.root().glob(f"*{SUFFIX}"):
        with contextlib.suppress(ValueError):
            found.append((uuid.UUID(path.stem), path))
    return found


@contextlib.contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else moves originals of this folder."""
    handle = os.open(incoming.root() / "moving.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(handle)
