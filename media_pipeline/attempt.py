"""One attempt at a job: from the stored original to files that are complete, checked, durable.

It writes below a package folder of its own and goes on from what an earlier attempt had finished.
What becomes of job and recording then is decided in `work`.
"""

import contextlib
import errno
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from media_pipeline import store
from media_pipeline.arrivals import original_here
from media_pipeline.assets import package_discard
from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.facts import SourceFacts
from media_pipeline.ffmpeg.package import PackageFacts
from media_pipeline.ffmpeg.preview import preview
from media_pipeline.ffmpeg.probe import Limits, probe
from media_pipeline.ffmpeg.refusals import MediaRefused, Refusal
from media_pipeline.ffmpeg.resume import adopt
from media_pipeline.ffmpeg.runner import FailureReason, MediaProcessFailed, MediaProcessStopped
from media_pipeline.ffmpeg.transcode import transcode
from media_pipeline.jobs import job_playable, job_probed
from media_pipeline.manifest import fingerprint, manifest_write
from media_pipeline.models import VideoAsset
from media_pipeline.pulse import Pulse
from media_pipeline.transitions import Claim

# What must be free besides the package: databases and logs live there too.
SPARE_BYTES = 256 * 1024**2
# Below this a job waits until there is more. ffmpeg's HLS muxer says nothing of a full disk: it
# leaves segments that are cut off, and ends well.
LEAST_FREE = SPARE_BYTES // 2
# A package is at most about as large as its original; the MP4 repeats one rung.
ROOM_PER_ORIGINAL = 1.5
# Of a film whose preview goes into a remote store: made and there within seconds.
REMOTE_SECONDS = 60.0
BLOCK = 1024**2
DISK_TROUBLE = (errno.EIO, errno.ESTALE)
RUNG = re.compile(r"\d{1,5}p|light|preview")


class OriginalMissing(Exception):
    """The row names an original that the storage does not have."""


class Product(NamedTuple):
    facts: PackageFacts
    width: int
    height: int


def segments_in(folder: Path) -> int:
    """How many segments are complete in every rung below `folder`, or in the preview; ffmpeg
    renames them when they are whole.
    """
    names = os.listdir(folder) if folder.is_dir() else []
    rungs = [folder / name for name in names if RUNG.fullmatch(name)]
    return min((sum(1 for _ in rung.glob("seg_*.m4s")) for rung in rungs), default=0)


class Attempt:
    """`probed` tells whether the whole film has passed the probe."""

    def __init__(self, claim: Claim, should_stop: Callable[[], bool]) -> None:
        self.claim = claim
        self.should_stop = should_stop
        self.probed = False
        self.step = ("", claim.progress)
        self.plays = ""  # what plays before all is done
        self.package = store.package_folder(claim.package_key)
        self.scratch = store.scratch(claim.package_key)
        self.is_remote = store.local_path(self.package) is None
        self.folder = folder_of(claim.package_key)
        self.pulse = Pulse(claim, segments=lambda: segments_in(self.folder))

    def publishable(self) -> Product:
        """The whole package, verified and in the storage."""
        with self.film() as (source, facts):
            self.know_original(source)
            made = transcode(
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
        else:
            store.tree_flush(self.folder)
        return Product(facts=made, width=facts.width, height=facts.height)

    def first_look(self) -> None:
        """Something to play as early as possible, of a long film before all of it is probed. A
        remote store, where a playlist that grows cannot be followed, gets the film's beginning.
        """
        with self.film(beginning=True) as (source, facts):
            preview(
                source=source,
                facts=facts,
                out_dir=self.folder,
                on_step=self.on_step,
                on_first_play=self.on_first_play,
                should_stop=self.stop,
                binary=ffmpeg_binary(settings.FFMPEG_BINARY),
                most_seconds=REMOTE_SECONDS if self.is_remote else None,
            )
            if self.is_remote:
                store.tree_upload(self.folder, self.package, on_file=self.go_on)
                self.playable()
            if not facts.whole:
                self.probe(source)

    @contextlib.contextmanager
    def film(self, *, beginning: bool = False) -> Iterator[tuple[Path, SourceFacts]]:
        """The original on this host and what the probe says; earlier work is taken over."""
        asset = VideoAsset.objects.get(pk=self.claim.asset_id)
        self.take_over()
        self.check_room(asset.size)
        self.on_step("copy" if self.is_remote else "probe", self.claim.progress)
        copy = self.scratch / "source"
        here = original_here(asset, copy, on_copy=self.go_on)
        with here as source, self.disk_blamed(source):
            if not source.is_file():
                raise OriginalMissing(asset.original_key)
            self.on_step("probe", self.claim.progress)
            yield source, self.probe(source, beginning=beginning)

    def probe(self, source: Path, *, beginning: bool = False) -> SourceFacts:
        limits = Limits(max_bytes=settings.UPLOAD_MAX_BYTES, max_seconds=settings.MEDIA_MAX_SECONDS)
        facts = probe(source, limits=limits, should_stop=self.stop, beginning=beginning)
        self.probed = facts.whole
        job_probed(claim=self.claim, facts=facts, now=timezone.now())
        return facts

    @contextlib.contextmanager
    def disk_blamed(self, source: Path) -> Iterator[None]:
        """Raise MediaProcessFailed where not the film is at fault but the disk that it lies on."""
        try:
            try:
                yield
            except MediaRefused as refusal:
                if refusal.code is Refusal.DAMAGED:
                    with source.open("rb") as file:
                        while file.read(BLOCK):
                            self.go_on()
                raise
        except OSError as problem:
            if problem.errno not in DISK_TROUBLE and problem.filename != str(source):
                raise
            raise MediaProcessFailed(FailureReason.UNREAD, str(problem)) from problem

    def know_original(self, source: Path) -> None:
        """Its SHA-256, for the storage audit. Here and not at the end of its upload, where
        somebody waits for seconds a gigabyte.
        """
        asset = VideoAsset.objects.filter(pk=self.claim.asset_id, sha256="")
        if asset.exists():
            with source.open("rb") as file:
                asset.update(sha256=fingerprint(file, on_block=self.go_on).sha256)

    def take_over(self) -> None:
        """Go on from the earlier attempt that came furthest (the latest of several). On another
        host than that one's, with a remote store, there is nothing to go on from.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        earlier = [folder_of(key) for key in self.claim.earlier]
        if earlier and not self.claim.is_preview:
            adopt(max(earlier, key=segments_in), self.folder)

    def check_room(self, size: int) -> None:
        """Raise ENOSPC now instead of filling the disk first."""
        done = sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())
        needed = max(0, size * ROOM_PER_ORIGINAL - done) + SPARE_BYTES
        needed += size if self.is_remote else 0
        if shutil.disk_usage(self.folder).free < needed:
            raise OSError(errno.ENOSPC, "Too little room for another package", str(self.folder))

    def stop(self) -> bool:
        """Asked ten times a second by the media runner, which makes it a sign of life. Raises
        ENOSPC while there is still some room.
        """
        self.pulse.touch(*self.step)
        with contextlib.suppress(FileNotFoundError):  # discarded, as the pulse is about to know
            if shutil.disk_usage(self.folder).free < LEAST_FREE:
                raise OSError(errno.ENOSPC, "Too little room to go on", str(self.folder))
        return self.pulse.lost or self.pulse.yields or self.should_stop()

    def go_on(self) -> None:
        if self.stop():
            raise MediaProcessStopped

    def on_step(self, step: str, progress: float) -> None:
        self.step = (step, progress)
        self.pulse.touch(step, progress)

    def on_first_play(self, path: str) -> None:
        self.plays = path
        if not self.is_remote:
            self.playable()

    def playable(self) -> None:
        """What earlier attempts left has been taken over, and may now go."""
        if job_playable(claim=self.claim, preview=self.plays, now=timezone.now()):
            for key in self.claim.earlier:
                with contextlib.suppress(OSError):  # the job's end takes it along
                    package_discard(key=key)


def folder_of(key: str) -> Path:
    """Where an attempt of this host writes: in place, or for a remote store in its scratch."""
    return store.local_path(store.package_folder(key)) or store.scratch(key) / "package"
