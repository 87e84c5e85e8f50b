"""Transfers under bad luck: broken streams, full disks, killed workers, lost files, time."""

import contextlib
import datetime as dt
import errno
import hashlib
import io
import os
import threading

import pytest
from django.db import connection

from media_pipeline import incoming, receiving, store, uploads
from media_pipeline.arrivals import PATIENCE
from media_pipeline.models import Upload, VideoAsset
from media_pipeline.tus_protocol import Checksum
from media_pipeline.upload_errors import (
    DiskFull,
    OffsetConflict,
    StorageTrouble,
    TooManyUnfinished,
    UploadBusy,
    UploadExpired,
    UploadInterrupted,
    UploadUnknown,
)
from tests.factories import UploadFactory, UserFactory, VideoAssetFactory
from tests.integration.media_pipeline.tus_browser import FILM

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 23, 10, 20, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def owner():
    return UserFactory(secretary=True)


@pytest.fixture
def upload(owner):
    return uploads.upload_create(owner=owner, length=len(FILM), fingerprint="1-abc-def", now=NOW)


def append(upload, offset, body, **options):
    options = {"stream": io.BytesIO(body), "length": len(body), "now": NOW, **options}
    return uploads.upload_append(upload_id=upload.pk, owner=upload.owner, offset=offset, **options)


def sha256(body):
    return Checksum("sha256", hashlib.sha256(body).digest())


def content(upload):
    with store.recordings().open(upload.asset.original_key) as file:
        return file.read()


def parts():
    return list(incoming.part_ids())


class Breaking(io.BytesIO):
    """A line that breaks after its bytes: with an error, as gunicorn reports it."""

    def read(self, size=-1, /):
        block = super().read(size)
        if not block:
            raise ConnectionResetError("gone")
        return block


@pytest.mark.django_db(transaction=True)
def test_of_two_announcements_at_once_the_second_counts_the_first(owner, settings, monkeypatch):
    """On SQLite all writing comes one after the other anyway."""
    settings.UPLOAD_MAX_BYTES = 1000
    for _ in range(uploads.UNFINISHED_TIMES - 1):
        uploads.upload_create(owner=owner, length=1000, now=NOW)
    real, both, answers = uploads._check_room, threading.Barrier(2), []

    def checked(*arguments, **named):
        real(*arguments, **named)
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(3)  # in vain, where they come one after the other

    def announce():
        try:
            uploads.upload_create(owner=owner, length=600, now=NOW)
            answers.append("taken")
        except TooManyUnfinished:
            answers.append("too many")
        finally:
            connection.close()

    monkeypatch.setattr(uploads, "_check_room", checked)
    threads = [threading.Thread(target=announce) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == ["taken", "too many"]


def test_room_promised_to_others_is_not_promised_again(owner, monkeypatch):
    monkeypatch.setattr(incoming, "free_bytes", lambda: incoming.SPARE_BYTES + 1000)
    UploadFactory(length=900, offset=300, expires_at=NOW + HOUR)
    UploadFactory(length=900, expires_at=NOW - HOUR)  # given up, and going
    with pytest.raises(DiskFull):
        uploads.upload_create(owner=owner, length=401, now=NOW)
    assert uploads.upload_create(owner=owner, length=400, now=NOW).offset == 0


@pytest.mark.parametrize("on_its_way", [0, 100])
def test_a_full_storage_is_said_before_anything_is_sent(owner, monkeypatch, on_its_way):
    monkeypatch.setattr(store, "room_left", lambda: incoming.SPARE_BYTES + 1000)
    VideoAssetFactory(size=on_its_way, arriving=True)
    VideoAssetFactory(size=900)
    VideoAssetFactory(size=900, arriving=True, state="failed")
    VideoAssetFactory(size=900, arriving=True, created_at=NOW - PATIENCE)
    with pytest.raises(DiskFull):
        uploads.upload_create(owner=owner, length=1001 - on_its_way, now=NOW)
    assert not Upload.objects.exists()
    assert uploads.upload_create(owner=owner, length=1000 - on_its_way, now=NOW).offset == 0


# -- broken lines ----------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", [io.BytesIO, Breaking])
def test_what_arrived_before_the_line_broke_is_kept(upload, stream):
    with pytest.raises(UploadInterrupted) as broken:
        append(upload, 0, b"", stream=stream(FILM[:5000]), length=len(FILM))
    assert broken.value.offset == 5000
    upload.refresh_from_db()
    assert upload.offset == 5000
    assert content(append(upload, 5000, FILM[5000:])) == FILM


@pytest.mark.parametrize("stream", [io.BytesIO, Breaking])
def test_of_a_chunk_with_checksum_nothing_is_kept_when_the_line_breaks(upload, stream):
    append(upload, 0, FILM[:1000])
    body = FILM[1000:]
    with pytest.raises(UploadInterrupted) as broken:
        append(upload, 1000, b"", stream=stream(body[:50]), length=len(body), checksum=sha256(body))
    assert broken.value.offset == 1000
    upload.refresh_from_db()
    assert upload.offset == 1000
    assert incoming.part_path(upload.pk).stat().st_size == 1000


def test_a_long_request_is_acknowledged_in_steps(upload, monkeypatch):
    """A server that is killed in mid-request forgets at most one step."""
    monkeypatch.setattr(receiving, "CHECKPOINT_BYTES", 4000)
    monkeypatch.setattr(incoming, "BLOCK_BYTES", 1000)
    seen = []

    class Watching(io.BytesIO):
        def read(self, size=-1, /):
            seen.append(Upload.objects.get(pk=upload.pk).offset)
            return super().read(size)

    append(upload, 0, b"", stream=Watching(FILM), length=len(FILM))
    assert {0, 4000, 8000, 12000} <= set(seen)


def test_bytes_that_were_never_acknowledged_are_cut_off(upload):
    """What a killed server leaves: more in the file than in the database."""
    append(upload, 0, FILM[:1000])
    with incoming.part_path(upload.pk).open("ab") as file:
        file.write(b"garbage of a killed request")
    assert content(append(upload, 1000, FILM[1000:])) == FILM


def test_a_file_shorter_than_promised_lowers_the_offset(upload, owner):
    append(upload, 0, FILM[:1000])
    os.truncate(incoming.part_path(upload.pk), 400)
    found = uploads.upload_resolve(upload_id=upload.pk, owner=owner, now=NOW)
    assert found.offset == 400
    with pytest.raises(OffsetConflict) as conflict:
        append(upload, 1000, FILM[1000:])
    assert conflict.value.offset == 400
    assert content(append(upload, 400, FILM[400:])) == FILM


def test_a_lost_file_starts_anew(upload, owner):
    append(upload, 0, FILM[:1000])
    incoming.part_path(upload.pk).unlink()
    assert uploads.upload_resolve(upload_id=upload.pk, owner=owner, now=NOW).offset == 0
    assert append(upload, 0, FILM).asset is not None


# -- full disk -------------------------------------------------------------------------------------


@pytest.mark.parametrize("verified", [False, True])
def test_a_full_disk_keeps_what_was_acknowledged(upload, monkeypatch, verified):
    append(upload, 0, FILM[:5000])
    monkeypatch.setattr(incoming, "BLOCK_BYTES", 1000)
    room = [2]

    def write(descriptor, view, really=os.write):
        if not room[0]:
            raise OSError(errno.ENOSPC, "full")
        room[0] -= 1
        return really(descriptor, view)

    body = FILM[5000:]
    monkeypatch.setattr(os, "write", write)
    with pytest.raises(DiskFull):
        append(upload, 5000, body, checksum=sha256(body) if verified else None)
    monkeypatch.undo()
    upload.refresh_from_db()
    assert upload.offset == (5000 if verified else 7000)
    assert incoming.part_path(upload.pk).stat().st_size == upload.offset


# -- at the same time ------------------------------------------------------------------------------


def test_while_one_request_writes_another_is_turned_away(upload, monkeypatch):
    monkeypatch.setattr(incoming, "LOCK_POLL", 0.01)
    with incoming.locked(upload.pk), pytest.raises(UploadBusy):
        append(upload, 0, FILM)
    assert append(upload, 0, FILM).asset is not None


def test_a_write_behind_anothers_back_is_not_acknowledged(upload):
    """Two hosts whose file locks do not reach each other: the database decides."""

    class Overtaken(io.BytesIO):
        def read(self, size=-1, /):
            Upload.objects.filter(pk=upload.pk).update(offset=7)
            return super().read(size)

    with pytest.raises(UploadBusy):
        append(upload, 0, b"", stream=Overtaken(FILM), length=len(FILM))
    assert not VideoAsset.objects.exists()


def test_an_upload_terminated_before_the_lock_leaves_no_file(upload, owner, monkeypatch):
    stale = Upload.objects.get(pk=upload.pk)
    Upload.objects.all().delete()
    monkeypatch.setattr(uploads, "upload_get", lambda **kwargs: stale)
    with pytest.raises(UploadUnknown):
        append(upload, 0, FILM)
    assert parts() == []


# -- finishing -------------------------------------------------------------------------------------


def test_killed_between_the_last_byte_and_the_recording_the_next_look_finishes(
    upload, owner, monkeypatch
):
    def killed(**kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(uploads, "asset_create", killed)
        with pytest.raises(KeyboardInterrupt):
            append(upload, 0, FILM)
    upload.refresh_from_db()
    assert (upload.state, upload.offset) == ("receiving", len(FILM))
    first = uploads.upload_resolve(upload_id=upload.pk, owner=owner, now=NOW)
    second = uploads.upload_resolve(upload_id=upload.pk, owner=owner, now=NOW)
    assert first.asset == second.asset == VideoAsset.objects.get()
    assert parts() == []


def test_the_sweep_finishes_what_nobody_asks_for(upload, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "_finish", lambda *arguments: None)
        append(upload, 0, FILM)
    uploads.uploads_finish(NOW)
    upload.refresh_from_db()
    assert upload.state == "complete"
    assert upload.asset.size == len(FILM)


# -- time ------------------------------------------------------------------------------------------


def test_every_chunk_gives_the_upload_new_time(upload, settings):
    later = NOW + 40 * HOUR
    append(upload, 0, FILM[:100], now=later)
    upload.refresh_from_db()
    assert upload.expires_at == later + settings.UPLOAD_EXPIRES_HOURS * HOUR


def test_an_expired_upload_takes_no_more(upload, settings):
    append(upload, 0, FILM[:100])
    late = NOW + (settings.UPLOAD_EXPIRES_HOURS + 1) * HOUR
    with pytest.raises(UploadExpired):
        append(upload, 100, FILM[100:], now=late)


def test_the_sweep_removes_expired_uploads_with_their_bytes(upload, owner):
    append(upload, 0, FILM[:100])
    kept = uploads.upload_create(owner=owner, length=len(FILM), now=NOW + 100 * HOUR)
    append(kept, 0, FILM[:10], now=NOW + 100 * HOUR)
    assert uploads.uploads_expire(NOW + 100 * HOUR) == 1
    assert list(Upload.objects.all()) == [kept]
    assert parts() == [kept.pk]


def test_one_that_has_all_its_bytes_waits_for_the_storage_however_long(upload, owner, monkeypatch):
    def trouble(**kwargs):
        raise OSError(errno.EIO, "broken")

    days_later = NOW + 100 * HOUR
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "asset_create", trouble)
        with pytest.raises(StorageTrouble):
            append(upload, 0, FILM)
        assert uploads.uploads_expire(days_later) == 0
        with pytest.raises(StorageTrouble):
            uploads.upload_resolve(upload_id=upload.pk, owner=owner, now=days_later)
    assert find(owner, now=days_later) == upload
    uploads.uploads_finish(days_later)
    assert content(find(owner, now=days_later)) == FILM


def test_the_sweep_leaves_what_is_being_written(upload):
    append(upload, 0, FILM[:100])
    with incoming.locked(upload.pk):
        assert uploads.uploads_expire(NOW + 100 * HOUR) == 0
    assert uploads.uploads_expire(NOW + 100 * HOUR) == 1


def test_the_sweep_removes_part_files_without_an_upload_and_nothing_else(upload):
    append(upload, 0, FILM[:100])
    orphan = incoming.part_path("6f1ed002-ab57-4a44-a7a8-7a1ad0c8a2d1")
    stranger = incoming.root() / "notes.part"
    for path in (orphan, stranger):
        path.write_bytes(b"x")
    assert uploads.uploads_expire(NOW) == 1
    assert not orphan.exists()
    assert stranger.exists()
    assert parts() == [upload.pk]


# -- going on later --------------------------------------------------------------------------------


SIZE = len(FILM)


def find(owner, now=NOW, length=SIZE, fingerprint="1-abc-def"):
    return uploads.upload_find_to_resume(
        owner=owner, length=length, fingerprint=fingerprint, now=now
    )


def test_the_same_content_is_found_again_by_its_owner_only(upload, owner):
    assert find(owner) == upload
    assert find(UserFactory()) is None
    assert find(owner, length=len(FILM) + 1) is None
    assert find(owner, fingerprint="1-abc-xyz") is None
    assert find(owner, fingerprint="") is None
    assert find(owner, now=NOW + 100 * HOUR) is None


def test_of_several_the_furthest_is_found(upload, owner):
    append(upload, 0, FILM[:100])
    uploads.upload_create(owner=owner, length=len(FILM), fingerprint="1-abc-def", now=NOW + HOUR)
    assert find(owner, now=NOW + HOUR) == upload


def test_a_complete_one_is_found_unless_its_recording_was_refused(owner):
    done = UploadFactory(
        owner=owner,
        length=5,
        offset=5,
        fingerprint="1-abc-def",
        state="complete",
        asset=VideoAssetFactory(owner=owner),
    )
    assert find(owner, length=5) == done
    VideoAsset.objects.update(state="refused", reason="damaged")
    assert find(owner, length=5) is None
