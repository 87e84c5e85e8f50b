"""Does the storage hold what the rows say, and nothing else? Finds, and repairs what can be made
again.

Three kinds of trouble: a file that is missing or damaged (packages by their manifest, originals by
size and SHA-256), a manifest that is missing, and an orphan, which no row knows. A package is made
anew from its original, an orphan is deleted once it is older than anything that is just coming in.
An original that is lost cannot be made again and is only told. Everyday leftovers of killed
workers belong to `leftovers`; a package that is not published is none of the audit's business.
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction

from audit.log import record
from media_pipeline import manifest, store
from media_pipeline.arrivals import arrival_path
from media_pipeline.clock_watch import clock_doubt
from media_pipeline.delivery import PACK, poster_name
from media_pipeline.jobs import job_enqueue
from media_pipeline.leftovers import ORIGINAL_GRACE, originals_wanted, stored_at
from media_pipeline.manifest import Fingerprint, ManifestUnreadable, fingerprint
from media_pipeline.models import Package, TranscodeJob, VideoAsset

ORPHAN_GRACE = ORIGINAL_GRACE


class Kind(StrEnum):
    MISSING = "missing"
    DAMAGED = "damaged"
    NO_MANIFEST = "no_manifest"
    ORPHAN = "orphan"


class Repair(StrEnum):
    NONE = ""  # nothing was done about it
    QUEUED = "queued"  # the package is made anew from its original
    REMOVED = "removed"
    WRITTEN = "written"  # the manifest


@dataclass
class Finding:
    kind: Kind
    # As the storage names it.
    name: str
    asset: uuid.UUID | None = None
    detail: str = ""
    repair: Repair = Repair.NONE

    def as_json(self) -> dict[str, str]:
        return {
            "kind": str(self.kind),
            "name": self.name,
            "asset": str(self.asset or ""),
            "detail": self.detail,
            "repair": str(self.repair),
        }


def storage_audit(
    *, now: dt.datetime, hashes: bool, repair: bool, again: bool = False
) -> Iterator[Finding]:
    """All findings, one package after the other. With `hashes` every byte is read. With `again`
    what was refused before is tried once more.
    """
    for asset in VideoAsset.objects.ready().select_related("package").iterator():
        yield from _package(asset, hashes=hashes, repair=repair, again=again, now=now)
    for asset in VideoAsset.objects.exclude(original_key="").iterator():
        yield from _original(asset, hashes=hashes)
    yield from _orphans(now=now, repair=repair)


def _package(
    asset: VideoAsset, *, hashes: bool, repair: bool, again: bool, now: dt.datetime
) -> Iterator[Finding]:
    package = asset.package
    assert package is not None
    folder = store.package_folder(package.key)
    there = set(store.tree_names(folder))
    known: manifest.Manifest | None = None
    try:
        known = manifest.manifest_read(folder)
    except ManifestUnreadable as problem:
        found = [Finding(Kind.DAMAGED, f"{folder}/{manifest.NAME}", asset.pk, str(problem))]
    else:
        found = list(_faults(folder, asset, there, known, hashes=hashes))
    # The rows may have moved on while the files were read.
    if VideoAsset.objects.filter(pk=asset.pk, package=package, poster=asset.poster).exists():
        if repair:
            _repair(asset, package, found, again=again, now=now)
        yield from found
        for name in sorted(_strays(asset, there, known)) if known is not None else ():
            yield _orphan(f"{folder}/{name}", [], now=now, repair=repair)


def _strays(asset: VideoAsset, there: set[str], known: manifest.Manifest) -> set[str]:
    """What a package holds and nobody knows. Packs come and go without the manifest; a picture
    that was chosen before manifests named such pictures is known by its recording.
    """
    named = {*known, manifest.NAME, poster_name(asset)}
    return {name for name in there - named if not name.startswith(PACK)}


def _faults(
    folder: str,
    asset: VideoAsset,
    there: set[str],
    known: manifest.Manifest | None,
    *,
    hashes: bool,
) -> Iterator[Finding]:
    if known is None:
        yield Finding(Kind.NO_MANIFEST, f"{folder}/{manifest.NAME}", asset.pk)
        return
    poster = poster_name(asset)
    if poster not in there | known.keys():
        yield Finding(Kind.MISSING, f"{folder}/{poster}", asset.pk)
    for file, expected in known.items():
        path = f"{folder}/{file}"
        if file not in there:
            yield Finding(Kind.MISSING, path, asset.pk)
        elif fault := _fault(path, expected, hashes=hashes):
            yield Finding(Kind.DAMAGED, path, asset.pk, fault)


def _fault(path: str, expected: Fingerprint, *, hashes: bool) -> str:
    """What is wrong with a file that is there. The size costs nothing on this host; in a remote
    store it is a request for each file, so there only the hashes are asked for.
    """
    local = store.local_path(path)
    if local is not None and local.stat().st_size != expected.bytes:
        return f"{local.stat().st_size} bytes instead of {expected.bytes}"
    if hashes and expected.sha256:  # an original's is known once its full job has begun
        with store.recordings().open(path, "rb") as file:
            found = fingerprint(file)
        if found.sha256 != expected.sha256:
            return f"SHA-256 {found.sha256} instead of {expected.sha256}"
    return ""


def _repair(
    asset: VideoAsset, package: Package, found: list[Finding], *, again: bool, now: dt.datetime
) -> None:
    if not found:
        return
    if [finding.kind for finding in found] == [Kind.NO_MANIFEST] and _adopted(package):
        found[0].repair = Repair.WRITTEN
        return
    why_not = _in_the_way(asset, package, again=again)
    if not why_not:
        _requeue(asset, now=now)
    for finding in found:
        if why_not:
            finding.detail = "; ".join(filter(None, (finding.detail, why_not)))
        else:
            finding.repair = Repair.QUEUED


def _adopted(package: Package) -> bool:
    """Write the manifest of a package from before there were any, if it has all its bytes."""
    folder = store.package_folder(package.key)
    known: manifest.Manifest = {}
    for name in store.tree_names(folder):
        with store.recordings().open(f"{folder}/{name}", "rb") as file:
            known[name] = fingerprint(file)
    if not package.bytes or sum(each.bytes for each in known.values()) != package.bytes:
        return False
    manifest.manifest_store(folder, known)
    return True


def _in_the_way(asset: VideoAsset, package: Package, *, again: bool) -> str:
    """Why nothing better would come of making the package again; "" where it might, or is being
    made already. Reads the original. What was given up may have been the host's fault.
    """
    jobs = TranscodeJob.objects.full().filter(asset=asset)
    if jobs.active().exists():
        return ""
    last = jobs.filter(pk__gt=package.job_id or 0).order_by("pk").last()
    if last is not None and last.state == TranscodeJob.State.REFUSED and not again:
        return f"tried again and refused: {last.reason}"
    stored = asset.original_key and store.recordings().exists(asset.original_key)
    if not (stored or (asset.arriving and arrival_path(asset.pk).exists())):
        return "there is no original to make it from"
    fault = next(_original(asset, hashes=True), None)
    return f"original: {fault.detail}" if fault else ""


def _requeue(asset: VideoAsset, *, now: dt.datetime) -> None:
    """Have the package made again. The damaged one stays published until the new one is whole."""
    with transaction.atomic():
        VideoAsset.objects.select_for_update().get(pk=asset.pk)
        if not TranscodeJob.objects.full().active().filter(asset=asset).exists():
            job = job_enqueue(asset=asset, now=now)
            record("job.retry", target=job)


def _original(asset: VideoAsset, *, hashes: bool) -> Iterator[Finding]:
    if asset.arriving:
        yield from _arriving(asset)
    elif not store.recordings().exists(asset.original_key):
        # Refused, replaced or expired in the meantime?
        if VideoAsset.objects.filter(pk=asset.pk, original_key=asset.original_key).exists():
            yield Finding(Kind.MISSING, asset.original_key, asset.pk)
    elif fault := _fault(asset.original_key, Fingerprint(asset.size, asset.sha256), hashes=hashes):
        yield Finding(Kind.DAMAGED, asset.original_key, asset.pk, fault)


def _arriving(asset: VideoAsset) -> Iterator[Finding]:
    """Not in the storage yet; the move itself compares its size, and the full job its bytes."""
    path = arrival_path(asset.pk)
    here = path.stat().st_size if path.exists() else None
    # Moved, refused or thrown away in the meantime?
    if here == asset.size or not VideoAsset.objects.filter(pk=asset.pk, arriving=True).exists():
        return
    if here is None:
        yield Finding(Kind.MISSING, str(path), asset.pk, "unless another host received it")
    else:
        yield Finding(Kind.DAMAGED, str(path), asset.pk, f"{here} bytes instead of {asset.size}")


def _orphans(*, now: dt.datetime, repair: bool) -> Iterator[Finding]:
    # In this order: first what is there, then which of it is wanted.
    packages = set(store.folders_in(store.PACKAGES))
    originals = set(store.folders_in(store.ORIGINALS))
    packages -= set(Package.objects.values_list("key", flat=True))
    originals -= originals_wanted()
    for root, names in ((store.PACKAGES, packages), (store.ORIGINALS, originals)):
        for name in sorted(names):
            folder = f"{root}/{name}"
            files = [f"{folder}/{file}" for file in store.tree_names(folder)]
            yield _orphan(folder, files, now=now, repair=repair)
        for name in sorted(store.files_in(root)):  # loose ones: nothing puts any there
            yield _orphan(f"{root}/{name}", [], now=now, repair=repair)


def _orphan(name: str, files: list[str], *, now: dt.datetime, repair: bool) -> Finding:
    """A folder with its files, or one file."""
    finding = Finding(Kind.ORPHAN, name)
    if max(stored_at(file) for file in files or [name]) > now - ORPHAN_GRACE:
        finding.detail = "young: left alone"
    elif repair and clock_doubt():
        finding.detail = "the clock has jumped: left alone"
    elif repair:
        if files:
            store.tree_delete(name)
        else:
            store.recordings().delete(name)  # a loose file, or an empty folder
        finding.repair = Repair.REMOVED
    return finding
