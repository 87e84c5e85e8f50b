"""Recordings: how one begins, how one is thrown away, and what becomes of its original.

Working on a recording belongs to `work`, the queue to `jobs`; who may do any of this is decided
above.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db import models, transaction

from media_pipeline import arrivals, store
from media_pipeline.jobs import job_enqueue
from media_pipeline.models import Package, TranscodeJob, VideoAsset
from notices.commits import after_commit


class AssetInUse(Exception):
    """Something above still refers to the recording, so it stays."""


def asset_create(
    *,
    owner: Any,
    source: Path,
    original_name: str,
    now: dt.datetime,
    sha256: str = "",
    wake: bool = True,
    preview: bool = True,
    at_once: bool = False,
) -> VideoAsset:
    """Take over the file `source` as a new recording with its queued jobs, in one transaction.

    `source` disappears when the transaction commits, not before: killed in between, the caller
    still has its file and may simply call again. Without `sha256` the full job finds it. With
    `wake=False` no worker is told at once; without `preview` there is no first look before the
    full job runs. `at_once`: a `source` in INCOMING_ROOT that cannot be linked into the storage
    is moved there later (`arrivals`). Raises OSError.
    """
    asset = VideoAsset(
        owner=owner,
        original_name=original_name[:255],
        size=source.stat().st_size,
        sha256=sha256,
        created_at=now,
    )
    asset.original_key = f"{store.original_folder(asset.pk)}/source"
    try:
        if not store.file_link(source, asset.original_key):
            asset.arriving = at_once and arrivals.arrival_keep(source=source, asset_id=asset.pk)
            if not asset.arriving:
                store.file_copy(source, asset.original_key)
        with transaction.atomic():
            asset.save(force_insert=True)
            job_enqueue(asset=asset, now=now, wake=wake)
            if preview:
                job_enqueue(asset=asset, now=now, lane=TranscodeJob.Lane.PREVIEW)
    except BaseException:
        _original_delete(asset.pk, is_stored=not asset.arriving)
        raise
    after_commit(source.unlink, missing_ok=True)
    return asset


def asset_discard(*, asset: VideoAsset) -> None:
    """Delete a recording with its jobs, packages and files.

    A worker that is busy with it notices at its next renewal and stops. Raises AssetInUse while
    a lecture or evidence of watching refers to it.
    """
    keys = list(asset.packages.values_list("key", flat=True))
    try:
        with transaction.atomic():
            VideoAsset.objects.filter(pk=asset.pk).update(package=None)
            VideoAsset.objects.filter(pk=asset.pk).delete()
            after_commit(_files_delete, asset.pk, keys)
    except (models.ProtectedError, models.RestrictedError) as problem:
        raise AssetInUse(str(asset.pk)) from problem


def original_discard(*, asset_id: uuid.UUID) -> None:
    """Delete the original of a recording; the row forgets it last, so that a sweep can finish."""
    _original_delete(asset_id)
    VideoAsset.objects.filter(pk=asset_id).update(original_key="", arriving=False)


def package_discard(*, key: str) -> None:
    """Delete an unpublished package, files first, so that a sweep can finish.

    The published one is protected by its asset and raises ProtectedError before a file is gone.
    """
    if VideoAsset.objects.filter(package_id=key).exists():
        raise models.ProtectedError("The package is published.", set())
    store.tree_delete(store.package_folder(key))
    store.folder_delete(store.scratch(key))
    Package.objects.filter(pk=key).delete()


def packages_tidy(*, asset_id: uuid.UUID | None = None) -> int:
    """Discard what attempts have left and nobody wants any more, of one recording or of all.
    Returns how many. A package that was published once is not among them.
    """
    left = Package.objects.unwanted().filter(bytes=0)
    if asset_id is not None:
        left = left.filter(asset=asset_id)
    return packages_discard(keys=left.values_list("key", flat=True))


def packages_discard(*, keys: Iterable[str]) -> int:
    """Discard these, as far as they can be removed now; returns how many."""
    removed = 0
    for key in list(keys):
        with store.removing(f"package {key}"):
            package_discard(key=key)
            removed += 1
    return removed


def _original_delete(asset_id: uuid.UUID, *, is_stored: bool = True) -> None:
    """In the storage and where it was received; on another host that one's sweep finds it."""
    if is_stored:
        store.tree_delete(store.original_folder(asset_id))
    arrivals.arrival_remove(asset_id)


def _files_delete(asset_id: uuid.UUID, keys: list[str]) -> None:
    """As far as they can be removed now: a worker that is busy with them writes for a moment yet.
    What stays has no row, and the sweep removes it.
    """
    with store.removing(f"original {asset_id}"):
        _original_delete(asset_id)
    for key in keys:
        with store.removing(f"package {key}"):
            store.tree_delete(store.package_folder(key))
            store.folder_delete(store.scratch(key))
