"""What a kill left behind is removed; what somebody may want is not."""

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.utils import timezone

from media_pipeline import clock_watch, store
from media_pipeline.chore_models import Chore
from media_pipeline.jobs import MOST_KILLS, job_claim, job_refuse, jobs_sweep
from media_pipeline.leftovers import attempts_sweep, folders_sweep, originals_expire
from media_pipeline.models import Package, VideoAsset
from media_pipeline.work import job_work
from tests.factories import VideoAssetFactory
from tests.integration.media_pipeline.conftest import FakeFilm

pytestmark = pytest.mark.django_db
Add = Callable[..., VideoAsset]
Left = Callable[[], list[str]]


def later(**time: float) -> dt.datetime:
    return timezone.now() + dt.timedelta(**time)


def write(name: str) -> Path:
    path = store.local_path(name)
    assert path is not None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def test_what_a_dead_attempt_made_stays_for_the_next_one(add_recording: Add) -> None:
    add_recording()
    claim = job_claim(owner="o", now=timezone.now())
    assert claim is not None
    segment = write(f"packages/{claim.package_key}/360p/seg_00000.m4s")
    jobs_sweep(now=timezone.now(), is_dead=lambda owner: True)
    assert attempts_sweep(now=later(days=9)) == folders_sweep(now=later(days=9)) == 0
    assert segment.exists()


def test_what_the_attempts_of_a_given_up_recording_made_goes(
    add_recording: Add, files_left: Left
) -> None:
    asset = add_recording()
    for _ in range(MOST_KILLS):
        claim = job_claim(owner="o", now=timezone.now())
        assert claim is not None
        write(f"packages/{claim.package_key}/360p/seg_00000.m4s")
        jobs_sweep(now=timezone.now(), is_dead=lambda owner: True)
    asset.refresh_from_db()
    assert asset.state == VideoAsset.State.FAILED
    assert attempts_sweep(now=timezone.now()) == MOST_KILLS
    assert not Package.objects.exists()
    assert files_left() == [f"originals/{asset.pk}", f"originals/{asset.pk}/source"]


def test_the_package_of_a_running_attempt_stays(add_recording: Add) -> None:
    add_recording()
    claim = job_claim(owner="o", now=timezone.now())
    assert claim is not None
    segment = write(f"packages/{claim.package_key}/360p/seg_00000.m4s")
    assert attempts_sweep(now=later(days=9)) == folders_sweep(now=later(days=9)) == 0
    assert segment.exists()


def test_a_published_package_stays(add_recording: Add, film: FakeFilm, files_left: Left) -> None:
    add_recording()
    job_work()
    before = files_left()
    assert attempts_sweep(now=later(days=9)) == folders_sweep(now=later(days=9)) == 0
    assert files_left() == before


def test_a_replaced_package_goes_when_its_addresses_have_expired(
    add_recording: Add, film: FakeFilm, settings: Any
) -> None:
    asset = add_recording()
    old = Package.objects.create(asset=asset, bytes=10)
    write(f"{old.prefix}/master.m3u8")
    job_work()
    settings.DELIVERY_LIFETIME = 7200
    assert attempts_sweep(now=later(hours=1)) == 0
    assert attempts_sweep(now=later(hours=3)) == 1
    assert not Package.objects.filter(pk=old.pk).exists()


def test_while_the_clock_is_in_doubt_a_replaced_package_stays(
    add_recording: Add, film: FakeFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = add_recording()
    old = Package.objects.create(asset=asset, bytes=10)
    job_work()
    clock_watch.clock_look()
    jumped = later(days=3)
    monkeypatch.setattr(clock_watch.time, "time", jumped.timestamp)
    assert attempts_sweep(now=jumped) == 0
    assert Package.objects.filter(pk=old.pk).exists()


def test_a_refusal_that_was_killed_half_way_is_finished(
    add_recording: Add, files_left: Left
) -> None:
    asset = add_recording()
    claim = job_claim(owner="o", now=timezone.now())
    assert claim is not None
    job_refuse(claim=claim, reason="image", now=timezone.now())
    assert attempts_sweep(now=timezone.now()) == 2
    asset.refresh_from_db()
    assert asset.original_key == ""
    assert files_left() == []


def test_folders_without_a_row_go(add_recording: Add, files_left: Left) -> None:
    write("packages/nobody/master.m3u8")
    write("originals/6f9619ff-8b86-d011-b42d-00cf4fc964ff/source")
    assert folders_sweep(now=later(hours=1)) == 1  # the original may still get its row
    assert folders_sweep(now=later(hours=7)) == 1
    assert files_left() == []


def test_an_original_that_its_row_has_forgotten_goes(add_recording: Add, files_left: Left) -> None:
    add_recording()
    VideoAsset.objects.update(original_key="", state="refused")
    assert folders_sweep(now=later(hours=1)) == 0
    assert folders_sweep(now=later(hours=7)) == 1
    assert files_left() == []


def test_the_age_of_an_original_counts_from_its_coming_here(files_left: Left) -> None:
    path = write("originals/6f9619ff-8b86-d011-b42d-00cf4fc964ff/source")
    os.utime(path, (1, 1))
    assert folders_sweep(now=later(hours=1)) == 0
    assert path.exists()


def test_an_original_that_is_just_being_copied_is_not_swept(tmp_path: Path) -> None:
    source = tmp_path / "film"
    source.write_bytes(b"x" * 100)
    name = "originals/6f9619ff-8b86-d011-b42d-00cf4fc964ff/source"
    swept: list[int] = []
    store.file_copy(source, name, on_copy=lambda: swept.append(folders_sweep(now=timezone.now())))
    assert swept
    assert set(swept) == {0}
    assert store.recordings().exists(name)


def test_an_empty_folder_may_be_waiting_for_its_first_file(files_left: Left) -> None:
    folder = write("originals/6f9619ff-8b86-d011-b42d-00cf4fc964ff/source").parent
    (folder / "source").unlink()
    assert folders_sweep(now=timezone.now()) == 0
    assert folder.exists()
    assert folders_sweep(now=later(hours=7)) == 1
    assert files_left() == []


def test_scratch_folders_of_dead_attempts_go(settings: Any) -> None:
    for name in ("dead", "ingest-1"):
        (Path(settings.WORK_ROOT) / name).mkdir(parents=True)
    assert folders_sweep(now=timezone.now()) == 1
    assert [path.name for path in Path(settings.WORK_ROOT).iterdir()] == ["ingest-1"]
    assert folders_sweep(now=later(hours=7)) == 1


def test_the_folder_of_a_chore_in_work_stays_however_long_it_takes(settings: Any) -> None:
    chores = [
        Chore.objects.create(asset=VideoAssetFactory(), kind=kind, claimed_until=claimed)
        for kind, claimed in (("speech", timezone.now()), ("pack", timezone.now()), ("pack", None))
    ]
    folders = [store.chore_scratch(chore.kind, chore.pk) for chore in chores]
    for folder in folders:
        folder.mkdir(parents=True)
    assert folders_sweep(now=later(hours=30)) == 1
    assert [folder.exists() for folder in folders] == [True, True, False]
    Chore.objects.update(claimed_until=None)
    assert folders_sweep(now=timezone.now()) == 2


def test_the_folder_of_a_chore_that_was_given_up_goes() -> None:
    chore = Chore.objects.create(
        asset=VideoAssetFactory(), kind="pack", state="failed", claimed_until=timezone.now()
    )
    folder = store.chore_scratch("pack", chore.pk)
    folder.mkdir(parents=True)
    assert folders_sweep(now=timezone.now()) == 1
    assert not folder.exists()


def test_a_remote_store_is_swept_too(add_recording: Add, remote_store: Storage) -> None:
    kept = add_recording()
    remote_store.save("packages/nobody/360p/seg_00000.m4s", ContentFile(b"x"))
    assert folders_sweep(now=later(hours=7)) == 1
    assert store.folders_in("packages") == []
    assert remote_store.exists(kept.original_key)


def test_what_cannot_be_removed_does_not_keep_the_rest(
    add_recording: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("first", "second"):
        write(f"packages/{key}/master.m3u8")
    delete = store.tree_delete

    def refuse_one(name: str) -> None:
        if name == "packages/first":
            raise PermissionError(name)
        delete(name)

    monkeypatch.setattr(store, "tree_delete", refuse_one)
    assert folders_sweep(now=timezone.now()) == 1
    assert store.folders_in("packages") == ["first"]


def test_an_original_is_kept_for_the_configured_time(
    add_recording: Add, film: FakeFilm, settings: Any
) -> None:
    settings.ORIGINAL_KEEP_DAYS = 30
    asset = add_recording()
    job_work()
    assert originals_expire(now=later(days=29)) == 0
    assert originals_expire(now=later(days=31)) == 1
    asset.refresh_from_db()
    assert (asset.original_key, asset.is_ready) == ("", True)
