"""Working a job: fetch, probe, transcode, verify, publish.

One attempt writes below a package folder of its own, and everything it wrote is removed unless
it was the one that published. The queue's rules are in `jobs`, the lease in `pulse`, the media
processes in `ffmpeg`; nothing here knows Celery.
"""

import contextlib
import dataclasses
import datetime as dt
import errno
import logging
import shutil
import traceback
from collections.abc import Callable

from django.conf import settings
from django.core.files import File
from django.utils import timezone

from media_pipeline import store
from media_pipeline.assets import original_discard, package_discard
from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.package import PackageFacts
from media_pipeline.ffmpeg.probe import Limits, probe
from media_pipeline.ffmpeg.refusals import MediaRefused
from media_pipeline.ffmpeg.runner import FailureReason, MediaProcessFailed, MediaProcessStopped
from media_pipeline.ffmpeg.transcode import transcode
from media_pipeline.job_notes import job_noted
from media_pipeline.jobs import (
    job_claim,
    job_fail,
    job_finish,
    job_playable,
    job_refuse,
    job_release,
)
from media_pipeline.manifest import manifest_write
from media_pipeline.models import VideoAsset
from media_pipeline.owners import owner_of_this_process
from media_pipeline.pulse import Pulse, connections_refresh
from media_pipeline.transitions import Claim

PAUSE_WHILE_DISK_FULL = dt.timedelta(seconds=60)
# What must be free besides the package: databases and logs live there too.
SPARE_BYTES = 256 * 1024**2
# A package is at most about as large as its original; the MP4 repeats one rung.
ROOM_PER_ORIGINAL = 1.5
DISK_FULL_ERRORS = (errno.ENOSPC, errno.EDQUOT)

logger = logging.getLogger(__name__)


class OriginalMissing(Exception):
    """The row names an original that the storage does not have."""


def never() -> bool:
    return False


def queue_work(*, should_stop: Callable[[], bool] = never) -> int:
    """Work whatever is due, one job after the other, until nothing is; returns how many."""
    worked = 0
    while not should_stop() and job_work(should_stop=should_stop):
        worked += 1
    return worked


def job_work(*, job_id: int | None = None, should_stop: Callable[[], bool] = never) -> bool:
    """Claim `job_id`, or what is due next, and work it to its end or until `should_stop`.

    Returns False when there was nothing to claim. What becomes of the job stands in its row;
    only a database that is away raises.
    """
    claim = job_claim(owner=owner_of_this_process(), now=timezone.now(), job_id=job_id)
    if claim is None:
        return False
    with job_noted(claim):
        _work(claim, should_stop)
    return True


def _work(claim: Claim, should_stop: Callable[[], bool]) -> None:
    logger.info("Job %s: attempt %s", claim.job_id, claim.attempt)
    published = False
    try:
        published = _attempt(claim, should_stop)
    finally:
        if not published:
            with contextlib.suppress(OSError):  # the sweep finds what is left
                package_discard(key=claim.package_key)


def _attempt(claim: Claim, should_stop: Callable[[], bool]) -> bool:
    """Work and bring the outcome into the queue; True when this attempt's package is published."""
    pulse = Pulse(claim)
    try:
        try:
            with pulse:
                product = _Attempt(claim, pulse, should_stop).make()
        finally:
            connections_refresh()  # it idled for as long as the film took
        return _publish(claim, product)
    except MediaRefused as refusal:
        _refuse(claim, refusal)
    except MediaProcessStopped:
        job_release(claim=claim, now=timezone.now())
    except OriginalMissing as problem:
        _fail(claim, "original_missing", str(problem))
    except MediaProcessFailed as failure:
        if failure.reason == FailureReason.DISK_FULL:
            _wait_for_room(claim)
        else:
            _fail(claim, str(failure.reason), failure.stderr_tail)
    except OSError as problem:
        if problem.errno in DISK_FULL_ERRORS:
            _wait_for_room(claim)
        else:
            _fail(claim, "storage", traceback.format_exc())
    except Exception:  # noqa: BLE001  (one recording must not end the worker; it is in the row)
        _fail(claim, "internal", traceback.format_exc())
    except BaseException:  # Ctrl-C on a command that works by itself
        job_release(claim=claim, now=timezone.now())
        raise
    return False


def _publish(claim: Claim, product: "_Product") -> bool:
    published = job_finish(
        claim=claim,
        facts=product.facts,
        width=product.width,
        height=product.height,
        now=timezone.now(),
    )
    if published:
        logger.info("Job %s: published %s", claim.job_id, claim.package_key)
        with contextlib.suppress(OSError):
            store.folder_delete(store.scratch(claim.package_key))
    else:
        logger.warning("Job %s: lease lost, package thrown away", claim.job_id)
    return published


def _refuse(claim: Claim, refusal: MediaRefused) -> None:
    """Nothing of a refused file stays; what a kill in between leaves, the sweep removes."""
    logger.info("Job %s: refused, %s", claim.job_id, refusal)
    with contextlib.suppress(OSError):
        package_discard(key=claim.package_key)
    refused = job_refuse(
        claim=claim, reason=str(refusal.code), diagnostics=str(refusal), now=timezone.now()
    )
    if refused:
        with contextlib.suppress(OSError):
            original_discard(asset_id=claim.asset_id)


def _fail(claim: Claim, reason: str, diagnostics: str) -> None:
    logger.error("Job %s: attempt %s: %s\n%s", claim.job_id, claim.attempt, reason, diagnostics)
    job_fail(claim=claim, reason=reason, diagnostics=diagnostics, now=timezone.now())


def _wait_for_room(claim: Claim) -> None:
    logger.error("Job %s: the disk is full, trying again later", claim.job_id)
    job_release(claim=claim, now=timezone.now(), reason="disk_full", pause=PAUSE_WHILE_DISK_FULL)


@dataclasses.dataclass(frozen=True)
class _Product:
    facts: PackageFacts
    width: int
    height: int


class _Attempt:
    """One attempt: from the stored original to a complete, verified, durable package."""

    def __init__(self, claim: Claim, pulse: Pulse, should_stop: Callable[[], bool]) -> None:
        self.claim = claim
        self.pulse = pulse
        self.should_stop = should_stop
        self.step = ("", 0.0)
        self.early = ""  # what a remote store already shows of the unfinished package
        self.package = store.package_folder(claim.package_key)
        self.scratch = store.scratch(claim.package_key)
        local = store.local_path(self.package)
        self.is_remote = local is None
        self.folder = local or self.scratch / "package"

    def make(self) -> _Product:
        asset = VideoAsset.objects.get(pk=self.claim.asset_id)
        self.check_room(asset.size)
        self.on_step("copy" if self.is_remote else "probe", 0)
        copy = self.scratch / "source"
        with store.file_here(asset.original_key, copy, on_copy=self.go_on) as source:
            if not source.is_file():
                raise OriginalMissing(asset.original_key)
            self.on_step("probe", 0)
            limits = Limits(
                max_bytes=settings.UPLOAD_MAX_BYTES, max_seconds=settings.MEDIA_MAX_SECONDS
            )
            facts = probe(source, limits=limits, should_stop=self.stop)
            self.folder.mkdir(parents=True)
            product = transcode(
                source=source,
                facts=facts,
                out_dir=self.folder,
                on_step=self.on_step,
                on_first_play=self.on_first_play,
                should_stop=self.stop,
                binary=ffmpeg_binary(settings.FFMPEG_BINARY),
            )
        self.on_step("store", 1)
        manifest_write(self.folder, on_block=self.go_on)
        if self.is_remote:
            store.tree_upload(self.folder, self.package, on_file=self.go_on)
            if self.early and not (self.folder / self.early).exists():
                store.recordings().delete(f"{self.package}/{self.early}")
        else:
            store.tree_flush(self.folder)
        return _Product(facts=product, width=facts.width, height=facts.height)

    def check_room(self, size: int) -> None:
        """Raise ENOSPC now instead of filling the disk first."""
        folder = self.folder.parent
        folder.mkdir(parents=True, exist_ok=True)
        needed = size * (ROOM_PER_ORIGINAL + (1 if self.is_remote else 0)) + SPARE_BYTES
        if shutil.disk_usage(folder).free < needed:
            raise OSError(errno.ENOSPC, "Too little room for another package", str(folder))

    def stop(self) -> bool:
        """Asked ten times a second by the media runner, which makes it a sign of life."""
        self.pulse.touch(*self.step)
        return self.pulse.lost or self.should_stop()

    def go_on(self) -> None:
        if self.stop():
            raise MediaProcessStopped

    def on_step(self, step: str, progress: float) -> None:
        self.step = (step, progress)
        self.pulse.touch(step, progress)

    def on_first_play(self, path: str) -> None:
        if self.is_remote:
            if not path.endswith(".mp4"):
                return  # a growing playlist cannot be followed in a remote store
            with (self.folder / path).open("rb") as file:
                store.recordings().save(f"{self.package}/{path}", File(file))
            self.early = path
        job_playable(claim=self.claim, preview=path, now=timezone.now())
