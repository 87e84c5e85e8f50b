"""Where the storage is not the disk that received a film: the upload ends at once, jobs read the
film where it is, and it is moved whatever happens in between.
"""

import datetime as dt
import errno
import fcntl
import io
import os
import signal
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import Storage
from django.utils import timezone

from media_pipeline import arrivals, clock_watch, incoming, store, uploads
from media_pipeline.arrivals import arrival_path, arrivals_move
from media_pipeline.assets import asset_discard
from media_pipeline.jobs import job_claim
from media_pipeline.leftovers import ORIGINAL_GRACE, folders_sweep
from media_pipeline.models import TranscodeJob, Upload, VideoAsset
from media_pipeline.storage_audit import Kind, storage_audit
from media_pipeline.upload_errors import DiskFull, StorageTrouble
from media_pipeline.work import job_work
from tests.factories import UserFactory
from tests.integration.media_pipeline.conftest import FakeFilm
from tests.integration.media_pipeline.tus_browser import FILM

pytestmark = pytest.mark.django_db
OTHER_DISK = Path("/dev/shm")


def go_on() -> bool:
    return False


@pytest.fixture
def other_disk(settings: Any) -> Iterator[Path]:
    """The media folder is a mount of its own."""
    with tempfile.TemporaryDirectory(dir=OTHER_DISK) as folder:
        assert os.stat(folder).st_dev != os.stat(incoming.root()).st_dev
        settings.MEDIA_ROOT = Path(folder)
        recordings = {**settings.STORAGES["recordings"], "OPTIONS": {"location": folder}}
        settings.STORAGES = {**settings.STORAGES, "recordings": recordings}
        yield Path(folder)


@pytest.fixture(params=["mount", "store"])
def place(request: pytest.FixtureRequest) -> str:
    request.getfixturevalue("other_disk" if request.param == "mount" else "s3_recordings")
    return str(request.param)


def received() -> VideoAsset:
    """A film whose last byte has just arrived."""
    upload = uploads.upload_create(owner=UserFactory(secretary=True), length=len(FILM))
    upload = uploads.upload_append(
        upload_id=upload.pk,
        owner=upload.owner,
        offset=0,
        stream=io.BytesIO(FILM),
        length=len(FILM),
    )
    assert upload.asset is not None
    return upload.asset


def is_stored(asset: VideoAsset) -> bool:
    if not store.recordings().exists(asset.original_key):
        return False
    with store.recordings().open(asset.original_key) as file:
        return bool(file.read() == FILM)


def waits_here(asset: VideoAsset) -> bool:
    asset.refresh_from_db()
    return asset.arriving and arrival_path(asset.pk).read_bytes() == FILM


def findings(*, hashes: bool = True) -> list[Any]:
    return list(storage_audit(now=timezone.now(), hashes=hashes, repair=False))


def test_the_end_of_an_upload_copies_nothing(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def copied(*_: Any, **__: Any) -> None:
        raise AssertionError("copied in a request")

    monkeypatch.setattr(store, "file_copy", copied)
    asset = received()
    assert waits_here(asset)
    assert not store.recordings().exists(asset.original_key)
    assert list(incoming.part_ids()) == []
    assert findings() == []


def test_on_one_file_system_there_is_nothing_to_move() -> None:
    asset = received()
    assert not asset.arriving
    assert is_stored(asset)
    assert list(incoming.root().glob("*.original")) == []


def test_it_is_moved_once(place: str) -> None:
    asset = received()
    assert arrivals_move(should_stop=go_on) == 1
    asset.refresh_from_db()
    assert not asset.arriving
    assert is_stored(asset)
    assert not arrival_path(asset.pk).exists()
    assert arrivals_move(should_stop=go_on) == 0
    assert findings() == []


def test_jobs_read_it_where_it_is_and_it_stays_while_they_do(place: str, film: FakeFilm) -> None:
    asset = received()
    seen: list[Any] = []

    def meanwhile(should_stop: Callable[[], bool]) -> None:
        seen.append(film.seen[-1])
        seen.append(arrivals_move(should_stop=go_on))
        seen.append(film.seen[-1].read_bytes() == FILM)

    film.during = meanwhile
    assert job_work(lane=TranscodeJob.Lane.PREVIEW)
    assert seen == [arrival_path(asset.pk), 1, True]
    arrivals_move(should_stop=go_on)
    assert not arrival_path(asset.pk).exists()
    film.during = lambda should_stop: seen.append(film.seen[-1])
    assert job_work()
    assert seen[-1] != arrival_path(asset.pk)
    asset.refresh_from_db()
    assert asset.is_ready


def test_killed_in_the_middle_of_a_move_it_begins_anew(other_disk: Path) -> None:
    asset = received()
    child = os.fork()
    if child == 0:  # no database here: the copy alone
        try:
            pieces = iter([True])
            store.file_copy(
                arrival_path(asset.pk),
                asset.original_key,
                on_copy=lambda: next(pieces, False) or os.kill(os.getpid(), signal.SIGKILL),
            )
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    folder = store.local_path(store.original_folder(asset.pk))
    assert folder is not None
    assert len(list(folder.iterdir())) == 1  # what it had begun
    assert waits_here(asset)
    assert findings() == []
    assert arrivals_move(should_stop=go_on) == 1
    assert is_stored(asset)
    assert [path.name for path in folder.iterdir()] == ["source"]


def test_killed_after_the_move_the_file_goes_with_the_next_round(place: str) -> None:
    asset = received()
    store.file_copy(arrival_path(asset.pk), asset.original_key)
    assert arrivals_move(should_stop=go_on) == 1  # the row did not know it yet
    arrival_path(asset.pk).write_bytes(FILM)  # nor was the file removed
    assert arrivals_move(should_stop=go_on) == 0
    assert not arrival_path(asset.pk).exists()
    assert is_stored(asset)


@pytest.fixture
def nfs(monkeypatch: pytest.MonkeyPatch) -> None:
    """INCOMING_ROOT on NFS, which locks for one alone only what was opened for writing."""

    def flock(handle: Any, how: int, really: Any = fcntl.flock) -> None:
        descriptor = handle if isinstance(handle, int) else handle.fileno()
        if how & fcntl.LOCK_EX and fcntl.fcntl(descriptor, fcntl.F_GETFL) & 3 == os.O_RDONLY:
            raise OSError(errno.EBADF, "not open for writing")
        really(handle, how)

    monkeypatch.setattr(fcntl, "flock", flock)


def test_what_was_received_on_nfs_goes_once_it_is_moved(nfs: None, place: str) -> None:
    asset = received()
    assert arrivals_move(should_stop=go_on) == 1
    assert not arrival_path(asset.pk).exists()


def test_what_cannot_be_removed_does_not_keep_the_rest(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    received(), received()
    strangers = [arrival_path(uuid.uuid4()) for _ in range(2)]
    for path in strangers:
        path.write_bytes(FILM)

    def unlink(path: Path, missing_ok: bool = False, really: Any = Path.unlink) -> None:
        if path.suffix == arrivals.SUFFIX:
            raise PermissionError(path)
        really(path, missing_ok)

    later = timezone.now() + ORIGINAL_GRACE + dt.timedelta(minutes=1)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", unlink)
        assert arrivals_move(should_stop=go_on) == 2
        assert arrivals.arrivals_sweep(before=later) == 0
    assert arrivals_move(should_stop=go_on) == 0
    assert arrivals.arrivals_sweep(before=later) == 2
    assert list(incoming.root().glob("*.original")) == []


def test_what_somebody_else_removes_meanwhile_is_no_trouble(
    place: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asset = received()
    gone = [(uuid.uuid4(), incoming.root() / "gone.original"), (asset.pk, Path("/nowhere"))]
    monkeypatch.setattr(arrivals, "_here", lambda: gone)
    assert arrivals_move(should_stop=go_on) == 1
    assert arrivals.arrivals_sweep(before=timezone.now()) == 0
    assert "Could not remove" not in caplog.text


def test_a_worker_that_is_told_to_stop_leaves_the_move_to_the_next(place: str) -> None:
    asset = received()
    assert arrivals_move(should_stop=lambda: True) == 0
    assert waits_here(asset)
    assert arrivals_move(should_stop=go_on) == 1


def test_of_two_movers_one_works(place: str) -> None:
    received()
    with arrivals._alone() as alone:
        assert alone
        assert arrivals_move(should_stop=go_on) == 0
    assert arrivals_move(should_stop=go_on) == 1


def test_a_full_storage_loses_nothing(other_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asset = received()
    with monkeypatch.context() as patch:
        patch.setattr(store, "file_replace", _raises(OSError(errno.ENOSPC, "full")))
        assert arrivals_move(should_stop=go_on) == 0
    assert waits_here(asset)
    assert arrivals_move(should_stop=go_on) == 1


def test_what_has_no_room_is_not_begun_and_waits(
    other_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large, small = received(), received()
    VideoAsset.objects.filter(pk=large.pk).update(size=len(FILM) + 1)
    with monkeypatch.context() as patch:
        patch.setattr(store, "room_left", lambda: len(FILM) + incoming.SPARE_BYTES)
        assert arrivals_move(should_stop=go_on) == 1
    assert waits_here(large)
    assert is_stored(small)
    assert arrivals_move(should_stop=go_on) == 1


@pytest.mark.parametrize(("trouble", "tried"), [(errno.ENOSPC, 1), (errno.EIO, 2)])
def test_a_storage_that_fills_up_ends_the_round(
    other_disk: Path, monkeypatch: pytest.MonkeyPatch, trouble: int, tried: int
) -> None:
    received(), received()
    begun: list[str] = []

    def fails(name: str, *_: Any) -> None:
        begun.append(name)
        raise OSError(trouble, "no")

    monkeypatch.setattr(store, "file_replace", fails)
    assert arrivals_move(should_stop=go_on) == 0
    assert len(begun) == tried


def test_a_mount_that_is_in_trouble_at_the_end_of_an_upload_delays_the_move_only(
    other_disk: Path,
) -> None:
    (other_disk / store.ORIGINALS).write_bytes(b"no folder")
    asset = received()
    assert arrivals_move(should_stop=go_on) == 0
    assert waits_here(asset)
    (other_disk / store.ORIGINALS).unlink()
    assert arrivals_move(should_stop=go_on) == 1
    assert is_stored(asset)


def test_a_store_that_is_away_loses_nothing(settings: Any, s3_recordings: Storage) -> None:
    asset = received()
    before = settings.STORAGES
    options = {**before["recordings"]["OPTIONS"], "endpoint_url": "http://127.0.0.1:9"}
    away = {**before["recordings"], "OPTIONS": options}
    settings.STORAGES = {**before, "recordings": away}
    assert arrivals_move(should_stop=go_on) == 0
    assert waits_here(asset)
    settings.STORAGES = before
    assert arrivals_move(should_stop=go_on) == 1


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (OSError(errno.ENOSPC, "full"), DiskFull),
        (OSError(errno.EIO, "broken"), StorageTrouble),
        (store.StoreAway("gone"), StorageTrouble),
    ],
)
def test_where_there_are_no_links_trouble_with_the_copy_is_said_and_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch, problem: Exception, said: type[Exception]
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("os.link", _raises(OSError(errno.EPERM, "no links")))
        patch.setattr(store, "file_replace", _raises(problem))
        with pytest.raises(said):
            received()
    upload = Upload.objects.get()
    assert (upload.state, upload.offset, upload.length) == ("receiving", len(FILM), len(FILM))
    upload = uploads.upload_resolve(upload_id=upload.pk, owner=upload.owner)
    assert upload.asset is not None
    assert is_stored(upload.asset)


def _raises(problem: Exception) -> Callable[..., None]:
    def act(*_: Any, **__: Any) -> None:
        raise problem

    return act


def test_another_host_waits_for_the_one_that_received_it(
    place: str, settings: Any, tmp_path: Path
) -> None:
    asset = received()
    here, settings.INCOMING_ROOT = settings.INCOMING_ROOT, tmp_path / "elsewhere"
    now = timezone.now()
    assert job_claim(owner="o", now=now) is None
    assert arrivals_move(should_stop=go_on) == 0
    assert [finding.kind for finding in findings()] == [Kind.MISSING]
    # Not for ever: one that never comes back must not leave the film in the queue.
    assert job_claim(owner="o", now=asset.created_at + arrivals.PATIENCE) is not None
    settings.INCOMING_ROOT = here
    assert waits_here(asset)


def test_a_jump_of_the_clock_gives_no_host_up(
    other_disk: Path, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = received()
    settings.INCOMING_ROOT = tmp_path / "elsewhere"
    clock_watch.clock_look()
    jumped = asset.created_at + arrivals.PATIENCE + dt.timedelta(hours=2)
    monkeypatch.setattr(clock_watch.time, "time", jumped.timestamp)
    assert job_claim(owner="o", now=jumped) is None


@pytest.mark.parametrize("here", [True, False])
def test_thrown_away_before_it_was_moved_it_leaves_nothing(
    place: str,
    here: bool,
    settings: Any,
    tmp_path: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:
    asset = received()
    received_at = settings.INCOMING_ROOT
    if not here:
        settings.INCOMING_ROOT = tmp_path / "elsewhere"
    with django_capture_on_commit_callbacks(execute=True):
        asset_discard(asset=asset)
    settings.INCOMING_ROOT = received_at
    folders_sweep(now=timezone.now() + ORIGINAL_GRACE + dt.timedelta(minutes=1))
    assert list(incoming.root().glob("*.original")) == []


def test_a_file_whose_row_is_just_being_written_stays(place: str) -> None:
    path = arrival_path(uuid.uuid4())
    path.write_bytes(FILM)
    os.utime(path, (1, 1))  # written long ago, linked just now
    folders_sweep(now=timezone.now() + dt.timedelta(hours=1))
    assert path.exists()
