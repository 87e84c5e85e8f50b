"""The body of one request, from the line into the part file, promised byte by byte.

Works on a transfer whose part file the caller holds locked (`uploads`, `incoming`).
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Protocol

from django.conf import settings

from audit.log import record
from audit.models import AuditEntry
from media_pipeline import incoming
from media_pipeline.ffmpeg.refusals import MediaRefused, Refusal
from media_pipeline.ffmpeg.sniff import HEAD_BYTES, sniff
from media_pipeline.incoming import Part
from media_pipeline.messages import sentence
from media_pipeline.models import Upload
from media_pipeline.tus_protocol import ALGORITHMS, Checksum
from media_pipeline.upload_errors import (
    ChecksumMismatch,
    DiskFull,
    UploadBusy,
    UploadInterrupted,
    UploadRefused,
    UploadTooLarge,
)

# A long request without checksum is acknowledged in steps, so that a kill costs at most this.
CHECKPOINT_BYTES = 8 * 1024**2


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def lifetime() -> dt.timedelta:
    """How long a transfer waits for its next byte."""
    return dt.timedelta(hours=settings.UPLOAD_EXPIRES_HOURS)


def receive(upload: Upload, part: Part, stream: Readable, length: int, now: dt.datetime) -> None:
    """Write what comes; when the stream breaks off or the disk is full, what came is kept."""
    part.start_at(upload.offset)
    end = upload.offset + length
    position = upload.offset
    kind_known = upload.offset >= kind_bytes(upload)
    try:
        while position < end and (block := _read(stream, end - position)):
            part.write(block)
            position += len(block)
            if not kind_known and position >= kind_bytes(upload):
                check_kind(upload, part)
                kind_known = True
            if position - upload.offset >= CHECKPOINT_BYTES:
                _acknowledge(upload, part, position, now)
    except incoming.NoRoom as problem:
        part.start_at(position)
        _acknowledge(upload, part, position, now)
        raise DiskFull from problem
    _acknowledge(upload, part, position, now)
    if position < end:
        raise UploadInterrupted(position)


def receive_verified(
    upload: Upload,
    part: Part,
    stream: Readable,
    length: int,
    checksum: Checksum,
    now: dt.datetime,
) -> None:
    """Write what comes; it counts only when all of it is what its checksum says."""
    part.start_at(upload.offset)
    digest = ALGORITHMS[checksum.algorithm]()
    left = length
    try:
        while left and (block := _read(stream, left)):
            part.write(block)
            digest.update(block)
            left -= len(block)
    except incoming.NoRoom as problem:
        part.start_at(upload.offset)
        raise DiskFull from problem
    if left:
        part.start_at(upload.offset)
        raise UploadInterrupted(upload.offset)
    if digest.digest() != checksum.digest:
        part.start_at(upload.offset)
        raise ChecksumMismatch
    if upload.offset < kind_bytes(upload) <= upload.offset + length:
        check_kind(upload, part)
    _acknowledge(upload, part, upload.offset + length, now)


def kind_bytes(upload: Upload) -> int:
    """How much of the file must be here to tell its kind."""
    return min(HEAD_BYTES, upload.length)


def check_kind(upload: Upload, part: Part) -> None:
    """Refuse what is certainly no recording as soon as its first bytes are here."""
    try:
        sniff(part.head(HEAD_BYTES))
    except MediaRefused as problem:
        discard(upload, part)
        raise refused(problem, owner=upload.owner, upload=upload) from problem


def discard(upload: Upload, part: Part) -> None:
    """Forget the transfer and its bytes."""
    Upload.objects.filter(pk=upload.pk).delete()
    part.remove()


def refused(problem: MediaRefused, *, owner: Any, upload: Upload | None = None) -> UploadRefused:
    """The error to raise for a refusal, noted in the log."""
    record(
        "upload.refuse",
        actor=owner,
        target=upload,
        result=AuditEntry.Result.DENIED,
        reason=str(problem.code),
    )
    kind = UploadTooLarge if problem.code == Refusal.TOO_LARGE else UploadRefused
    return kind(str(problem.code), sentence(problem.code))


def _read(stream: Readable, left: int) -> bytes:
    """The next block; nothing when the line has broken, however the server reports that."""
    try:
        return stream.read(min(incoming.BLOCK_BYTES, left))
    except OSError:
        return b""


def _acknowledge(upload: Upload, part: Part, offset: int, now: dt.datetime) -> None:
    """Promise the bytes up to `offset`: on disk first, then in the database."""
    part.sync()
    expires_at = now + lifetime()
    changed = Upload.objects.filter(
        pk=upload.pk, state=Upload.State.RECEIVING, offset=upload.offset
    ).update(offset=offset, expires_at=expires_at)
    if not changed:
        # Hosts without shared file locks, or the row was removed under us.
        raise UploadBusy
    upload.offset, upload.expires_at = offset, expires_at
