"""Transfers: from the announcement of a file to the recording that is made of it.

The offset in the database is the truth: bytes behind it were never acknowledged and are cut off
before the next ones are written (`incoming`). So a line that breaks, a worker that is killed and
a request that arrives twice all leave a transfer that can go on. Who may upload is decided above.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import uuid
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from audit.log import record
from media_pipeline import incoming, store
from media_pipeline.arrivals import PATIENCE
from media_pipeline.assets import asset_create
from media_pipeline.ffmpeg.refusals import MediaRefused, Refusal
from media_pipeline.incoming import Part
from media_pipeline.models import Upload, VideoAsset
from media_pipeline.receiving import (
    Readable,
    discard,
    lifetime,
    receive,
    receive_verified,
    refused,
)
from media_pipeline.tus_protocol import Checksum
from media_pipeline.upload_errors import (
    DiskFull,
    MoreThanAnnounced,
    OffsetConflict,
    StorageTrouble,
    TooManyUnfinished,
    UploadBusy,
    UploadExpired,
    UploadUnknown,
)

State = Upload.State
logger = logging.getLogger(__name__)
# One person's unfinished transfers together, in multiples of the largest file.
UNFINISHED_TIMES = 3


def upload_create(
    *,
    owner: Any,
    length: int,
    original_name: str = "",
    fingerprint: str = "",
    metadata: str = "",
    now: dt.datetime | None = None,
) -> Upload:
    """Announce a file of `length` bytes. Raises UploadRefused, TooManyUnfinished or DiskFull.

    No file is made yet: it comes with the first byte.
    """
    now = now or timezone.now()
    if length == 0:
        raise refused(MediaRefused(Refusal.EMPTY), owner=owner)
    if length > settings.UPLOAD_MAX_BYTES:
        raise refused(MediaRefused(Refusal.TOO_LARGE), owner=owner)
    room = incoming.free_bytes(), store.room_left()  # a disk may take its time to tell
    with transaction.atomic():
        # One person's announcements one after the other, so that each counts those before it.
        get_user_model().objects.select_for_update(no_key=True).get(pk=owner.pk)
        _check_room(owner, length, *room, now=now)
        upload = Upload.objects.create(
            owner=owner,
            length=length,
            original_name=original_name,
            fingerprint=fingerprint,
            metadata=metadata,
            created_at=now,
            expires_at=now + lifetime(),
        )
        record("upload.create", actor=owner, target=upload, bytes=length)
    return upload


def _check_room(owner: Any, length: int, free: int, stored: int | None, now: dt.datetime) -> None:
    """Raises TooManyUnfinished or DiskFull. Bytes `free` for arrivals, `stored` in the storage."""
    unfinished = Upload.objects.owned_by(owner).receiving(now)
    announced = unfinished.aggregate(total=Sum("length"))["total"] or 0
    if announced + length > UNFINISHED_TIMES * settings.UPLOAD_MAX_BYTES:
        raise TooManyUnfinished
    wanted = length + _still_to_come(now) + incoming.SPARE_BYTES
    if free < wanted or (stored is not None and stored < wanted + _to_move(now)):
        raise DiskFull


def _still_to_come(now: dt.datetime) -> int:
    """Bytes that were promised room and have not been sent yet."""
    rest = Upload.objects.receiving(now).aggregate(rest=Sum(F("length") - F("offset")))["rest"]
    return rest or 0


def _to_move(now: dt.datetime) -> int:
    """Bytes that were received and are not in the storage yet, without what is given up or lost."""
    wanted = (VideoAsset.State.PROCESSING, VideoAsset.State.READY)
    arriving = VideoAsset.objects.filter(
        arriving=True, state__in=wanted, created_at__gt=now - PATIENCE
    )
    return arriving.aggregate(size=Sum("size"))["size"] or 0


def upload_find_to_resume(
    *, owner: Any, length: int, fingerprint: str, now: dt.datetime | None = None
) -> Upload | None:
    """The owner's transfer of the same content, to go on with; the furthest if there are several.

    A complete one counts as long as its recording was not refused: nothing has to be sent again.
    """
    if not fingerprint:
        return None
    same = Upload.objects.owned_by(owner).filter(length=length, fingerprint=fingerprint)
    complete = same.filter(state=State.COMPLETE, asset__isnull=False).exclude(
        asset__state=VideoAsset.State.REFUSED
    )
    receiving = same.receiving(now or timezone.now()).order_by("-offset", "-created_at")
    return complete.order_by("-created_at").first() or receiving.first()


def upload_get(*, upload_id: uuid.UUID, owner: Any, now: dt.datetime | None = None) -> Upload:
    """The owner's transfer. Raises UploadUnknown or UploadExpired."""
    upload = Upload.objects.owned_by(owner).filter(pk=upload_id).first()
    if upload is None:
        raise UploadUnknown
    if _is_over(upload, now or timezone.now()):
        raise UploadExpired
    return upload


def _is_over(upload: Upload, now: dt.datetime) -> bool:
    """Whether its bytes are given up: not those of one that has them all, which waits for us."""
    is_waiting = upload.state == State.RECEIVING and upload.offset < upload.length
    return is_waiting and upload.expires_at <= now


def upload_append(
    *,
    upload_id: uuid.UUID,
    owner: Any,
    offset: int,
    stream: Readable,
    length: int,
    checksum: Checksum | None = None,
    now: dt.datetime | None = None,
) -> Upload:
    """Receive `length` bytes at `offset`; with the last one the recording is made.

    Without a checksum a stream that breaks off keeps what arrived (UploadInterrupted says how
    much); with one nothing counts before all of it is verified. Raises OffsetConflict,
    ChecksumMismatch, UploadBusy, UploadRefused, DiskFull, UploadUnknown, UploadExpired.
    """
    now = now or timezone.now()
    upload = upload_get(upload_id=upload_id, owner=owner, now=now)
    with _held(upload) as part:
        if upload.state == State.COMPLETE:
            # The request that finished it came twice, or its answer was lost.
            part.remove()
            if (offset, length) == (upload.length, 0):
                return upload
            raise OffsetConflict(upload.length)
        _settle(upload, part)
        if offset != upload.offset:
            raise OffsetConflict(upload.offset)
        if offset + length > upload.length:
            raise MoreThanAnnounced
        if checksum is None:
            receive(upload, part, stream, length, now)
        else:
            receive_verified(upload, part, stream, length, checksum, now)
        if upload.offset == upload.length:
            _finish(upload, part, now)
    return upload


def upload_resolve(*, upload_id: uuid.UUID, owner: Any, now: dt.datetime | None = None) -> Upload:
    """The transfer as a client that comes back has to see it.

    Finishes one whose last byte is here although its recording is not (killed in between), and
    lowers an offset whose bytes are lost (a disk replaced).
    """
    now = now or timezone.now()
    upload = upload_get(upload_id=upload_id, owner=owner, now=now)
    if upload.state == State.RECEIVING and (upload.offset == upload.length or _lost(upload)):
        with _held(upload) as part:
            _finish_if_whole(upload, part, now)
    return upload


def upload_terminate(*, upload_id: uuid.UUID, owner: Any) -> None:
    """Forget the transfer and its bytes. A recording that was made of it stays."""
    upload = Upload.objects.owned_by(owner).filter(pk=upload_id).first()
    if upload is None:
        raise UploadUnknown
    with _held(upload) as part:
        discard(upload, part)
    record("upload.terminate", actor=owner, target=upload, bytes=upload.offset)


def uploads_expire(now: dt.datetime | None = None) -> int:
    """Remove what nobody goes on with, and part files without a transfer; return how many.

    What is being written at this moment is left for the next round.
    """
    now = now or timezone.now()
    removed = 0
    old = Upload.objects.filter(state=State.RECEIVING, expires_at__lte=now)
    for upload in old.filter(offset__lt=F("length")):
        with contextlib.suppress(UploadBusy, UploadUnknown), _held(upload, patience=0) as part:
            if _is_over(upload, now):
                discard(upload, part)
                record("upload.expire", target=upload, bytes=upload.offset)
                removed += 1
    for upload_id in incoming.part_ids():
        # A part file comes later than its row, so one without a row has no use.
        if Upload.objects.filter(pk=upload_id, state=State.RECEIVING).exists():
            continue
        with contextlib.suppress(incoming.Locked), incoming.locked(upload_id, patience=0) as part:
            part.remove()
            removed += 1
    return removed


def uploads_finish(now: dt.datetime | None = None) -> None:
    """Finish transfers whose last byte is here although their recording is not."""
    now = now or timezone.now()
    left = (UploadBusy, UploadUnknown, DiskFull, StorageTrouble)  # for the next round
    for upload in Upload.objects.filter(state=State.RECEIVING, offset=F("length")):
        with contextlib.suppress(*left), _held(upload, patience=0) as part:
            _finish_if_whole(upload, part, now)


def _finish_if_whole(upload: Upload, part: Part, now: dt.datetime) -> None:
    if upload.state != State.RECEIVING:
        part.remove()
        return
    _settle(upload, part)
    if upload.offset == upload.length:
        _finish(upload, part, now)


def _finish(upload: Upload, part: Part, now: dt.datetime) -> None:
    """Make the recording, once; under the part's lock."""
    with transaction.atomic():
        row = Upload.objects.select_for_update().get(pk=upload.pk)
        if row.asset_id is None:
            with _storage_asked():
                row.asset = asset_create(
                    owner=row.owner,
                    source=part.path,
                    original_name=row.original_name,
                    now=now,
                    at_once=True,
                )
            row.state = State.COMPLETE
            row.save(update_fields=["asset", "state"])
            asset = str(row.asset_id)
            record("upload.complete", actor=row.owner, target=row, asset=asset, bytes=row.length)
    upload.asset, upload.state = row.asset, row.state
    part.remove()


@contextlib.contextmanager
def _storage_asked() -> Iterator[None]:
    """What the storage cannot do now is said; all bytes stay, and the next look finishes."""
    try:
        yield
    except OSError as problem:
        if problem.errno in incoming.NO_ROOM:
            raise DiskFull from problem
        logger.error("An upload cannot be finished: %s", problem)
        raise StorageTrouble from problem


@contextlib.contextmanager
def _held(upload: Upload, *, patience: float = incoming.LOCK_PATIENCE) -> Iterator[Part]:
    """The locked part file, with `upload` read again under the lock."""
    try:
        with incoming.locked(upload.pk, patience=patience) as part:
            try:
                upload.refresh_from_db()
            except Upload.DoesNotExist as problem:
                part.remove()
                raise UploadUnknown from problem
            yield part
    except incoming.Locked as problem:
        raise UploadBusy from problem


def _settle(upload: Upload, part: Part) -> None:
    """Lower an offset whose bytes are not there."""
    if part.size < upload.offset:
        Upload.objects.filter(pk=upload.pk).update(offset=part.size)
        upload.offset = part.size


def _lost(upload: Upload) -> bool:
    path = incoming.part_path(upload.pk)
    return upload.offset > 0 and (not path.exists() or path.stat().st_size < upload.offset)
