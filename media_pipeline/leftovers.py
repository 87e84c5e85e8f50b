"""Sweeping: files and rows that a kill left behind, removed once nothing can want them.

Every rule reads "wanted" from rows that are committed before the file appears, so what has no
row is nobody's. Lost leases belong to `jobs`, unfinished transfers to `uploads`.
"""

import datetime as dt
from pathlib import Path

from django.conf import settings

from media_pipeline import store
from media_pipeline.arrivals import arrivals_sweep
from media_pipeline.assets import original_discard, packages_discard, packages_tidy
from media_pipeline.chore_models import Chore
from media_pipeline.clock_watch import clock_doubt
from media_pipeline.models import Package, VideoAsset

# An original is stored just before its row is committed.
ORIGINAL_GRACE = dt.timedelta(hours=6)


def attempts_sweep(*, now: dt.datetime) -> int:
    """Remove packages of dead attempts and originals of refused recordings; cheap, every round.

    A package that was published and replaced stays as long as an address of it may be in use.
    """
    replaced = now - dt.timedelta(seconds=settings.DELIVERY_LIFETIME)
    old = Package.objects.unwanted().filter(bytes__gt=0, asset__ready_at__lt=replaced)
    keys = () if clock_doubt() else old.values_list("key", flat=True)
    removed = packages_tidy() + packages_discard(keys=keys)
    refused = VideoAsset.objects.filter(state=VideoAsset.State.REFUSED).exclude(original_key="")
    for asset_id in refused.values_list("pk", flat=True):
        with store.removing(str(asset_id)):
            original_discard(asset_id=asset_id)
            removed += 1
    return removed


def folders_sweep(*, now: dt.datetime) -> int:
    """Remove folders that no row names; lists whole folders, so only now and then."""
    # In this order everywhere: first what is there, then which of it is wanted.
    removed = 0
    keys = set(store.folders_in(store.PACKAGES))
    for key in keys - set(Package.objects.values_list("key", flat=True)):
        with store.removing(key):
            store.tree_delete(store.package_folder(key))
            removed += 1
    names = set(store.folders_in(store.ORIGINALS))
    for name in names - originals_wanted():
        with store.removing(name):
            folder = f"{store.ORIGINALS}/{name}"
            if touched_at(folder) < now - ORIGINAL_GRACE:
                store.tree_delete(folder)
                removed += 1
    return removed + arrivals_sweep(before=now - ORIGINAL_GRACE) + _scratch_sweep(now)


def originals_expire(*, now: dt.datetime) -> int:
    """Delete originals of published recordings that were kept for the configured time."""
    removed = 0
    until = now - dt.timedelta(days=settings.ORIGINAL_KEEP_DAYS)
    old = VideoAsset.objects.ready().filter(ready_at__lt=until).exclude(original_key="")
    for asset_id in old.values_list("pk", flat=True):
        with store.removing(str(asset_id)):
            original_discard(asset_id=asset_id)
            removed += 1
    return removed


def _scratch_sweep(now: dt.datetime) -> int:
    """Remove this host's scratch folders of attempts that nobody goes on from, and of chores that
    nobody works.
    """
    root = Path(settings.WORK_ROOT)
    young = (now - ORIGINAL_GRACE).timestamp()
    found = {
        path.name
        for path in (root.iterdir() if root.is_dir() else ())
        if not path.name.startswith(store.INGEST) or path.stat().st_mtime < young
    }
    worked = Chore.objects.filter(state=Chore.State.WAITING).exclude(claimed_until=None)
    chores = tuple(store.chore_ending(pk) for pk in worked.values_list("pk", flat=True))
    left = {name for name in found if not name.endswith(chores)}
    left -= set(Package.objects.wanted().values_list("key", flat=True))
    for name in left:
        with store.removing(name):
            store.folder_delete(root / name)
    return len(left)


def originals_wanted() -> set[str]:
    """Names of the folders of originals that a row refers to. One that was thrown away while it was
    moved here may have a row that has forgotten it.
    """
    kept = VideoAsset.objects.exclude(original_key="")
    return {str(pk) for pk in kept.values_list("pk", flat=True)}


def touched_at(folder: str) -> dt.datetime:
    """When the newest file came into a folder, one that is just being written among them; of an
    empty folder when it became so.
    """
    files = [f"{folder}/{name}" for name in store.tree_names(folder)]
    return max(stored_at(name) for name in files or [folder])


def stored_at(name: str) -> dt.datetime:
    """When a file came into the storage; a linked file keeps the time of its last writing."""
    storage = store.recordings()
    if not storage.exists(name):
        return dt.datetime.min.replace(tzinfo=dt.UTC)  # an empty folder of a remote store
    try:
        return storage.get_created_time(name)
    except NotImplementedError:
        return storage.get_modified_time(name)
