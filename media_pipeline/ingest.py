"""Bringing files of this host into the pipeline, for `manage.py media_ingest`.

The same checks, the same queue and the same work as for an upload over HTTP; only the way in
differs. The files themselves are copied and never touched.
"""

import dataclasses
import datetime as dt
import errno
import hashlib
import logging
import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from media_pipeline import store
from media_pipeline.assets import asset_create
from media_pipeline.delivery import MASTER, POSTER, PROGRESSIVE, STORYBOARD
from media_pipeline.ffmpeg.refusals import MediaRefused, Refusal
from media_pipeline.ffmpeg.sniff import HEAD_BYTES, sniff
from media_pipeline.messages import sentence
from media_pipeline.models import TranscodeJob, VideoAsset
from media_pipeline.work import job_work

SYSTEM_ACCOUNT = "media-import"
COPY_BYTES = 1024 * 1024
POLL_SECONDS = 0.3

logger = logging.getLogger(__name__)
State = VideoAsset.State


@dataclasses.dataclass(frozen=True)
class Ingest:
    """A file on its way: its recording, or the code for which it never became one."""

    path: Path
    asset_id: uuid.UUID | None = None
    state: str = ""
    code: str = ""


def ingest_owner(username: str = "") -> Any:
    """The account that owns what is brought in: `username`, else the system's own, which nobody
    can sign in to. Raises DoesNotExist for an unknown name.
    """
    users = get_user_model()._default_manager
    if username:
        return users.get(username=username)
    account, made = users.get_or_create(
        username=SYSTEM_ACCOUNT, defaults={"name": _("Import on the server"), "is_active": False}
    )
    if made:
        account.set_unusable_password()
        account.save(update_fields=["password"])
    return account


def ingest_start(*, path: Path, owner: Any, now: dt.datetime, wake: bool) -> Ingest:
    """Check a file as the upload does and queue a copy of it. Refused, nothing is kept."""
    try:
        _check(path)
        copy, digest = _copy(path)
    except MediaRefused as refusal:
        return Ingest(path, state=State.REFUSED, code=str(refusal.code))
    except OSError as problem:
        code = "disk_full" if problem.errno == errno.ENOSPC else "file_missing"
        return Ingest(path, state=State.FAILED, code=code)
    try:
        asset = asset_create(
            owner=owner,
            source=copy,
            original_name=path.name,
            sha256=digest,
            now=now,
            wake=wake,
            preview=wake,
        )
    except OSError as problem:
        logger.error("The storage did not take %s: %s", path, problem)
        return Ingest(path, state=State.FAILED, code="not_stored")
    finally:
        store.folder_delete(copy.parent)
    return Ingest(path, asset_id=asset.pk)


def ingest_finish(
    ingest: Ingest, *, inline: bool, patience: float, sleep: Callable[[float], None] = time.sleep
) -> VideoAsset | None:
    """Bring the recording to its end: by working its job, or by waiting for who does.

    Gives up waiting after `patience` seconds in which no worker did anything; the recording
    stays queued then. Returns None for a file that became no recording.
    """
    idle, seen = 0.0, _signs_of_work()
    while ingest.asset_id is not None:
        asset = VideoAsset.objects.select_related("package").get(pk=ingest.asset_id)
        # The original of a refused file goes right after its state has changed.
        refused_just_now = asset.state == State.REFUSED and asset.original_key != ""
        if idle > patience or (asset.state != State.PROCESSING and not refused_just_now):
            return asset
        job = TranscodeJob.objects.active().full().filter(asset=asset).first()
        if inline and job is not None and job_work(job_id=job.pk):
            continue
        before, seen = seen, _signs_of_work()
        idle = 0.0 if seen != before else idle + POLL_SECONDS
        sleep(POLL_SECONDS)
    return None


def _signs_of_work() -> list[Any]:
    """Changes while somebody works at something, whatever the clocks show."""
    running = TranscodeJob.objects.filter(state=TranscodeJob.State.RUNNING)
    return list(running.order_by("pk").values_list("pk", "fence", "renewed_at"))


def ingest_report(ingest: Ingest, asset: VideoAsset | None) -> dict[str, Any]:
    """What is said of a file: the JSON object of `media_ingest`."""
    if asset is None:
        return _report(ingest, asset=None, state=ingest.state, reason=sentence(ingest.code))
    if asset.state == State.PROCESSING:
        return _report(ingest, asset=asset, state=State.FAILED, reason=sentence("no_worker"))
    reason = "" if asset.is_ready else sentence(asset.reason)
    return _report(ingest, asset=asset, state=asset.state, reason=reason)


def _report(ingest: Ingest, *, asset: VideoAsset | None, state: str, reason: str) -> dict[str, Any]:
    package = asset.package if asset is not None else None
    renditions = package.renditions.order_by("-height", "-bandwidth") if package else ()
    files = {
        "master_playlist": MASTER,
        "progressive_mp4": PROGRESSIVE,
        "poster": POSTER,
        "storyboard": STORYBOARD,
    }
    return {
        "file": str(ingest.path),
        "asset": str(asset.pk) if asset is not None else None,
        "state": str(state),
        "reason": reason,
        "duration": asset.duration if asset is not None else None,
        "seconds_to_first_play": _seconds_to(asset, "first_play_at"),
        "seconds_to_ready": _seconds_to(asset, "ready_at"),
        "renditions": [
            {
                "name": rendition.name,
                "width": rendition.width,
                "height": rendition.height,
                "bandwidth": rendition.bandwidth,
                "codecs": rendition.codecs,
            }
            for rendition in renditions
        ],
        **{
            name: _path_here(f"{package.prefix}/{file}") if package else None
            for name, file in files.items()
        },
    }


def _check(path: Path) -> None:
    """What the upload refuses before or while bytes arrive. Raises MediaRefused, OSError."""
    size = path.stat().st_size
    if not path.is_file():
        raise FileNotFoundError(path)
    if size == 0:
        raise MediaRefused(Refusal.EMPTY)
    if size > settings.UPLOAD_MAX_BYTES:
        raise MediaRefused(Refusal.TOO_LARGE)
    with path.open("rb") as file:
        sniff(file.read(HEAD_BYTES))


def _copy(path: Path) -> tuple[Path, str]:
    """A copy in a scratch folder of its own, and its SHA-256."""
    copy = store.scratch(f"{store.INGEST}{uuid.uuid4().hex}") / "source"
    copy.parent.mkdir(parents=True)
    digest = hashlib.sha256()
    try:
        with path.open("rb") as source, copy.open("xb") as target:
            while block := source.read(COPY_BYTES):
                digest.update(block)
                target.write(block)
            target.flush()
            os.fsync(target.fileno())
    except BaseException:
        store.folder_delete(copy.parent)
        raise
    return copy, digest.hexdigest()


def _seconds_to(asset: VideoAsset | None, field: str) -> float | None:
    reached = getattr(asset, field, None)
    if asset is None or reached is None:
        return None
    return round((reached - asset.created_at).total_seconds(), 2)


def _path_here(name: str) -> str | None:
    """Where a stored file can be read on this host; None in a remote store."""
    path = store.local_path(name)
    return str(path) if path is not None and path.is_file() else None
