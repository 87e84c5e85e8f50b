"""Recordings begin and end."""

import datetime as dt
import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import Storage
from django.db import models, transaction
from django.utils import timezone

from media_pipeline import assets, store
from media_pipeline.assets import AssetInUse, asset_create, asset_discard, package_discard
from media_pipeline.delivery import playback_for, poster_for, preview_for, preview_url
from media_pipeline.jobs import job_claim, job_playable
from media_pipeline.leftovers import folders_sweep
from media_pipeline.models import Package, TranscodeJob, VideoAsset
from media_pipeline.work import job_work
from tests.factories import LecturePageFactory, UserFactory, VideoAssetFactory
from tests.integration.media_pipeline.conftest import FakeFilm

pytestmark = pytest.mark.django_db
Add = Callable[..., VideoAsset]
Left = Callable[[], list[str]]
NOW = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "1.part"
    path.write_bytes(b"film")
    return path


def create(source: Path) -> VideoAsset:
    return asset_create(
        owner=UserFactory(), source=source, original_name="党课.mp4", sha256="ab", now=NOW
    )


def test_a_file_becomes_a_recording_with_a_queued_job(
    source: Path, django_capture_on_commit_callbacks: Any, wakeups: list[int]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        asset = create(source)
        assert source.exists()
    assert not source.exists()
    asset.refresh_from_db()
    assert (asset.size, asset.sha256, asset.original_name) == (4, "ab", "党课.mp4")
    assert (asset.state, asset.created_at) == (VideoAsset.State.PROCESSING, NOW)
    original = store.local_path(asset.original_key)
    assert original is not None
    assert original.read_bytes() == b"film"
    full, preview = TranscodeJob.objects.filter(asset=asset).order_by("lane")
    assert (full.lane, preview.lane) == ("full", "preview")
    assert wakeups == [full.pk]  # the slot for previews looks by itself


def test_when_the_rows_cannot_be_written_the_file_stays_where_it_was(
    source: Path, monkeypatch: pytest.MonkeyPatch, files_left: Left
) -> None:
    def fails(**_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(assets, "job_enqueue", fails)
    with pytest.raises(RuntimeError), transaction.atomic():
        create(source)
    assert source.read_bytes() == b"film"
    assert not VideoAsset.objects.exists()
    assert files_left() == []


def test_on_another_file_system_the_file_is_copied(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: Any, **__: Any) -> None:
        raise OSError("Invalid cross-device link")

    monkeypatch.setattr("os.link", no_links)
    original = store.local_path(create(source).original_key)
    assert original is not None
    assert original.read_bytes() == b"film"


def test_a_remote_store_gets_the_file(source: Path, remote_store: Storage) -> None:
    asset = create(source)
    assert remote_store.size(asset.original_key) == 4


def test_discarding_removes_everything(
    add_recording: Add,
    film: FakeFilm,
    files_left: Left,
    django_capture_on_commit_callbacks: Any,
) -> None:
    asset = add_recording()
    job_work()
    with django_capture_on_commit_callbacks(execute=True):
        asset_discard(asset=asset)
    assert not VideoAsset.objects.exists()
    assert not Package.objects.exists()
    assert files_left() == []


def test_a_file_that_cannot_be_removed_now_is_no_error_for_who_discards(
    add_recording: Add,
    film: FakeFilm,
    files_left: Left,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    asset = add_recording()
    job_work()
    remove = store.folder_delete

    def busy(path: Path) -> None:
        if store.ORIGINALS in path.parts:
            raise OSError(errno.EBUSY, "Device or resource busy", str(path))
        remove(path)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(store, "folder_delete", busy)
        with django_capture_on_commit_callbacks(execute=True):
            asset_discard(asset=asset)
    assert {name.split("/")[0] for name in files_left()} == {store.ORIGINALS}
    folders_sweep(now=timezone.now() + dt.timedelta(days=1))
    assert files_left() == []


def test_what_a_lecture_shows_is_not_discarded(files_left: Left) -> None:
    lecture = LecturePageFactory()
    with pytest.raises(AssetInUse):
        asset_discard(asset=lecture.asset)
    lecture.asset.refresh_from_db()
    assert lecture.asset.package_id is not None


def test_a_published_package_is_not_discarded(add_recording: Add, film: FakeFilm) -> None:
    asset = add_recording()
    job_work()
    asset.refresh_from_db()
    assert asset.package is not None
    with pytest.raises(models.ProtectedError):
        package_discard(key=asset.package.key)
    folder = store.local_path(asset.package.prefix)
    assert folder is not None
    assert folder.is_dir()


def test_a_ready_recording_has_signed_addresses(django_assert_num_queries: Any) -> None:
    asset = VideoAssetFactory(ready=True)
    asset = VideoAsset.objects.get(pk=asset.pk)
    with django_assert_num_queries(2):
        playback = playback_for(asset, now=NOW)
    assert playback is not None
    said = playback.as_json()
    assert said["master"].startswith("/v/a.")
    assert said["master"].endswith(f"/{asset.package_id}/master.m3u8")
    assert said["progressive"].endswith("/progressive.mp4")
    assert said["storyboard"].endswith("/storyboard.vtt")
    assert 0 < said["expires_in"] <= 7200
    assert (said["duration"], said["has_audio"]) == (60.0, True)
    assert [rendition["name"] for rendition in said["renditions"]] == ["720p", "360p"]


def test_a_poster_costs_no_query(django_assert_num_queries: Any) -> None:
    asset = VideoAssetFactory(ready=True)
    with django_assert_num_queries(0):
        assert poster_for(asset, now=NOW).endswith("/poster.jpg")


def test_a_recording_that_is_not_ready_has_no_addresses() -> None:
    asset = VideoAssetFactory()
    assert playback_for(asset, now=NOW) is None
    assert poster_for(asset, now=NOW) == preview_url(asset, now=NOW) == ""


def test_what_plays_first_has_an_address_while_the_job_is_not_over(add_recording: Add) -> None:
    asset = add_recording()
    claim = job_claim(owner="o", now=timezone.now())
    assert claim is not None
    assert preview_for(asset, now=NOW) is None
    job_playable(claim=claim, preview="preview.mp4", now=NOW)
    preview = preview_for(asset, now=NOW)
    assert preview is not None
    assert preview.url.endswith(f"/{claim.package_key}/preview.mp4")
    assert not preview.is_playlist
    assert preview_url(asset, now=NOW) == preview.url
    TranscodeJob.objects.update(state=TranscodeJob.State.QUEUED)  # it goes on from there
    assert preview_for(asset, now=NOW) == preview
    TranscodeJob.objects.update(state=TranscodeJob.State.QUARANTINED)
    assert preview_for(asset, now=NOW) is None


def test_a_growing_playlist_is_no_link_to_an_mp4(add_recording: Add) -> None:
    asset = add_recording()
    claim = job_claim(owner="o", now=timezone.now())
    assert claim is not None
    job_playable(claim=claim, preview="master.m3u8", now=NOW)
    preview = preview_for(asset, now=NOW)
    assert preview is not None
    assert preview.is_playlist
    assert preview_url(asset, now=NOW) == ""
