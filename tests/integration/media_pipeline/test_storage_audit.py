"""The audit finds what the storage lacks and what nobody knows, and repairs what can be made again:
in a folder, and in a real S3-compatible store.
"""

import datetime as dt
import hashlib
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.utils import timezone

from audit.models import AuditEntry
from media_pipeline import clock_watch, manifest, storage_audit, store
from media_pipeline.arrivals import arrival_path
from media_pipeline.ffmpeg.refusals import MediaRefused, Refusal
from media_pipeline.manifest import Fingerprint
from media_pipeline.models import TranscodeJob, VideoAsset
from media_pipeline.work import job_work
from tests.integration.media_pipeline.conftest import FakeFilm

pytestmark = pytest.mark.django_db
Audit = Callable[..., tuple[int, list[dict[str, str]]]]
SEGMENT = "360p/seg_00000.m4s"


@pytest.fixture(params=["folder", "store"], autouse=True)
def place(request: pytest.FixtureRequest) -> str:
    if request.param == "store":
        request.getfixturevalue("s3_recordings")
    return str(request.param)


@pytest.fixture
def asset(film: FakeFilm, add_recording: Callable[..., VideoAsset]) -> VideoAsset:
    """A published recording with true hashes."""
    asset = add_recording()
    with store.recordings().open(asset.original_key) as file:
        found = manifest.fingerprint(file)
    VideoAsset.objects.filter(pk=asset.pk).update(sha256=found.sha256)
    assert job_work()
    asset.refresh_from_db()
    assert asset.is_ready
    return asset


@pytest.fixture
def audit() -> Audit:
    def run(*options: str) -> tuple[int, list[dict[str, str]]]:
        said = io.StringIO()
        try:
            call_command("media_audit", "--json", *options, stdout=said)
        except SystemExit as ended:
            status = int(str(ended.code))
        else:
            status = 0
        *findings, summary = [json.loads(line) for line in said.getvalue().splitlines()]
        assert summary["total"] == len(findings)
        return status, findings

    return run


def folder_of(asset: VideoAsset) -> str:
    assert asset.package is not None
    return store.package_folder(asset.package.key)


def damage(name: str, content: bytes = b"") -> None:
    with store.recordings().open(name) as file:
        bytes_before = bytearray(file.read())
    bytes_before[0] ^= 1
    store.file_replace(name, ContentFile(content or bytes(bytes_before)))


def published_again(asset: VideoAsset) -> None:
    assert job_work()
    before = folder_of(asset)
    asset.refresh_from_db()
    assert folder_of(asset) != before


def test_a_whole_storage_has_no_findings(asset: VideoAsset, audit: Audit) -> None:
    assert audit("--hashes") == (0, [])


def test_the_manifest_names_every_file_of_a_published_package(asset: VideoAsset) -> None:
    known = manifest.manifest_read(folder_of(asset))
    assert known is not None
    assert {*known, manifest.NAME} == set(store.tree_names(folder_of(asset)))
    with store.recordings().open(f"{folder_of(asset)}/{SEGMENT}", "rb") as file:
        stored = file.read()
    assert known[SEGMENT] == Fingerprint(len(stored), hashlib.sha256(stored).hexdigest())


def test_a_missing_file_is_found_and_made_again_from_the_original(
    asset: VideoAsset, audit: Audit
) -> None:
    store.recordings().delete(f"{folder_of(asset)}/{SEGMENT}")
    missing = {"kind": "missing", "name": f"{folder_of(asset)}/{SEGMENT}", "asset": str(asset.pk)}
    assert audit() == (1, [{**missing, "detail": "", "repair": ""}])
    assert audit("--repair") == (0, [{**missing, "detail": "", "repair": "queued"}])
    assert AuditEntry.objects.filter(action="job.retry").count() == 1
    # Members go on with the old package until the new one is whole.
    asset.refresh_from_db()
    assert asset.is_ready
    published_again(asset)
    assert audit("--hashes") == (0, [])


def test_asked_twice_it_queues_once(asset: VideoAsset, audit: Audit) -> None:
    store.recordings().delete(f"{folder_of(asset)}/{SEGMENT}")
    audit("--repair")
    assert audit("--repair")[0] == 0
    assert TranscodeJob.objects.active().count() == 1


def test_bytes_that_changed_are_found_by_their_hash_only(asset: VideoAsset, audit: Audit) -> None:
    damage(f"{folder_of(asset)}/{SEGMENT}")
    assert audit() == (0, [])
    status, (finding,) = audit("--hashes")
    assert (status, finding["kind"]) == (1, "damaged")
    assert "SHA-256" in finding["detail"]
    assert audit("--hashes", "--repair")[0] == 0
    published_again(asset)
    assert audit("--hashes") == (0, [])


def test_a_file_of_another_length_is_found_without_reading_it(
    asset: VideoAsset, audit: Audit, place: str
) -> None:
    damage(f"{folder_of(asset)}/{SEGMENT}", b"longer than it was before")
    found = audit() if place == "folder" else audit("--hashes")
    assert [finding["kind"] for finding in found[1]] == ["damaged"]


def test_a_lost_original_is_told_and_cannot_be_repaired(asset: VideoAsset, audit: Audit) -> None:
    store.recordings().delete(asset.original_key)
    status, (finding,) = audit("--repair")
    assert (status, finding["kind"], finding["repair"]) == (1, "missing", "")
    assert finding["name"] == asset.original_key


def test_without_its_original_a_damaged_package_stays_as_it_is(
    asset: VideoAsset, audit: Audit
) -> None:
    store.recordings().delete(asset.original_key)
    store.recordings().delete(f"{folder_of(asset)}/{SEGMENT}")
    status, findings = audit("--repair")
    assert (status, len(findings)) == (1, 2)
    assert {finding["repair"] for finding in findings} == {""}
    assert not TranscodeJob.objects.active().exists()


def test_from_a_damaged_original_nothing_is_made_again(asset: VideoAsset, audit: Audit) -> None:
    damage(asset.original_key)
    store.recordings().delete(f"{folder_of(asset)}/{SEGMENT}")
    status, (finding,) = audit("--repair")
    assert (status, finding["kind"], finding["repair"]) == (1, "missing", "")
    assert "original: SHA-256" in finding["detail"]
    assert not TranscodeJob.objects.active().exists()


def test_what_was_refused_when_it_was_tried_again_is_not_tried_for_ever(
    asset: VideoAsset, audit: Audit, film: FakeFilm
) -> None:
    store.recordings().delete(f"{folder_of(asset)}/{SEGMENT}")
    assert audit("--repair")[0] == 0
    film.probe_raises = MediaRefused(Refusal.DAMAGED)
    assert job_work()
    status, (finding,) = audit("--repair")
    assert (status, finding["repair"]) == (1, "")
    assert finding["detail"] == "tried again and refused: damaged"
    assert not TranscodeJob.objects.active().exists()
    film.probe_raises = None
    assert audit("--repair", "--again")[0] == 0
    published_again(asset)
    assert audit() == (0, [])


def test_a_package_is_made_again_from_an_original_that_was_just_received(
    asset: VideoAsset, audit: Audit
) -> None:
    with store.recordings().open(asset.original_key) as file:
        film = file.read()
    store.recordings().delete(asset.original_key)
    store.recordings().delete(f"{folder_of(asset)}/{SEGMENT}")
    VideoAsset.objects.update(arriving=True)
    assert {finding["repair"] for finding in audit("--repair")[1]} == {""}
    assert not TranscodeJob.objects.active().exists()
    arrival_path(asset.pk).write_bytes(film)
    assert {finding["repair"] for finding in audit("--repair")[1]} == {"queued"}
    assert TranscodeJob.objects.active().exists()


def test_an_original_that_its_row_has_forgotten_is_an_orphan(
    asset: VideoAsset, audit: Audit
) -> None:
    VideoAsset.objects.update(original_key="")
    assert [finding["kind"] for finding in audit()[1]] == ["orphan"]


def test_an_original_with_other_bytes_is_found(asset: VideoAsset, audit: Audit) -> None:
    damage(asset.original_key)
    status, (finding,) = audit("--hashes", "--repair")
    assert (status, finding["kind"], finding["repair"]) == (1, "damaged", "")


@pytest.mark.parametrize("name", ["packages/nobody/360p/x.m4s", f"originals/{'0' * 32}/source"])
def test_an_orphan_is_removed_once_it_is_old(
    asset: VideoAsset, audit: Audit, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.recordings().save(name, ContentFile(b"x"))
    assert audit("--repair")[1][0]["detail"] == "young: left alone"
    assert store.recordings().exists(name)
    later = timezone.now() + storage_audit.ORPHAN_GRACE + dt.timedelta(minutes=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    status, (finding,) = audit("--repair")
    assert (status, finding["kind"], finding["repair"]) == (0, "orphan", "removed")
    assert audit("--hashes") == (0, [])
    assert not store.recordings().exists(name)


def test_while_the_clock_is_in_doubt_no_orphan_is_removed(
    asset: VideoAsset, audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.recordings().save("packages/nobody/360p/x.m4s", ContentFile(b"x"))
    clock_watch.clock_look()
    jumped = timezone.now() + dt.timedelta(days=3)
    monkeypatch.setattr("django.utils.timezone.now", lambda: jumped)
    monkeypatch.setattr(clock_watch.time, "time", jumped.timestamp)
    status, (finding,) = audit("--repair")
    assert (status, finding["repair"]) == (1, "")
    assert finding["detail"] == "the clock has jumped: left alone"
    assert store.recordings().exists("packages/nobody/360p/x.m4s")


def test_a_loose_file_is_an_orphan_as_well(
    asset: VideoAsset, audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.recordings().save("packages/loose", ContentFile(b"x"))
    monkeypatch.setattr(storage_audit, "ORPHAN_GRACE", dt.timedelta(seconds=-60))
    assert [finding["repair"] for finding in audit("--repair")[1]] == ["removed"]
    assert audit("--hashes") == (0, [])


def test_a_package_in_the_making_is_not_judged(
    add_recording: Any, film: FakeFilm, audit: Audit
) -> None:
    add_recording()
    seen = []
    film.during = lambda should_stop: seen.append(audit("--repair"))
    VideoAsset.objects.update(sha256="")
    assert job_work()
    assert seen == [(0, [])]


def test_a_package_from_before_there_were_manifests_gets_one_if_it_is_whole(
    asset: VideoAsset, audit: Audit
) -> None:
    folder = folder_of(asset)
    store.recordings().delete(f"{folder}/{manifest.NAME}")
    assert asset.package is not None
    size = sum(store.recordings().size(f"{folder}/{name}") for name in store.tree_names(folder))
    type(asset.package).objects.filter(pk=asset.package.pk).update(bytes=size)
    assert [finding["kind"] for finding in audit()[1]] == ["no_manifest"]
    assert audit("--repair")[1][0]["repair"] == "written"
    assert audit("--hashes") == (0, [])


def test_one_that_is_not_whole_is_made_again(asset: VideoAsset, audit: Audit) -> None:
    store.recordings().delete(f"{folder_of(asset)}/{manifest.NAME}")
    assert audit("--repair")[1][0]["repair"] == "queued"


def test_a_manifest_that_says_nothing_is_a_fault(asset: VideoAsset, audit: Audit) -> None:
    store.file_replace(f"{folder_of(asset)}/{manifest.NAME}", ContentFile(b"[]"))
    assert [finding["kind"] for finding in audit()[1]] == ["damaged"]
    assert audit("--repair")[1][0]["repair"] == "queued"


def test_what_was_changed_on_purpose_is_no_fault(asset: VideoAsset, audit: Audit) -> None:
    folder = folder_of(asset)
    store.file_replace(f"{folder}/poster.jpg", ContentFile(b"another poster"))
    store.recordings().save(f"{folder}/captions.vtt", ContentFile(b"WEBVTT"))
    manifest.manifest_note(folder, ["poster.jpg", "captions.vtt"])
    assert audit("--hashes") == (0, [])
    store.recordings().delete(f"{folder}/captions.vtt")
    assert audit()[1][0]["name"] == f"{folder}/captions.vtt"


def test_a_file_that_nobody_knows_inside_a_package_is_an_orphan(
    asset: VideoAsset, audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    stray = f"{folder_of(asset)}/360p/stray.m4s"
    for name in (stray, f"{folder_of(asset)}/pack_0123456789ab.zip"):
        store.recordings().save(name, ContentFile(b"x"))
    status, (finding,) = audit("--repair")
    assert (status, finding["name"], finding["detail"]) == (1, stray, "young: left alone")
    monkeypatch.setattr(storage_audit, "ORPHAN_GRACE", dt.timedelta(seconds=-60))
    assert [finding["repair"] for finding in audit("--repair")[1]] == ["removed"]
    assert audit("--hashes") == (0, [])
    assert not TranscodeJob.objects.active().exists()


@pytest.mark.parametrize("noted", [True, False])
def test_a_chosen_picture_belongs_to_its_package(
    asset: VideoAsset, audit: Audit, noted: bool
) -> None:
    picture = f"{folder_of(asset)}/poster_000001000.jpg"
    store.recordings().save(picture, ContentFile(b"x"))
    VideoAsset.objects.update(poster=picture.removeprefix("packages/"))
    if noted:
        manifest.manifest_note(folder_of(asset), ["poster_000001000.jpg"])
    assert audit("--hashes") == (0, [])
    store.recordings().delete(picture)
    status, (finding,) = audit("--repair")
    assert (status, finding["kind"], finding["name"]) == (0, "missing", picture)
    assert finding["repair"] == "queued"


def test_a_chosen_picture_that_is_damaged_is_found(asset: VideoAsset, audit: Audit) -> None:
    picture = f"{folder_of(asset)}/poster_000001000.jpg"
    store.recordings().save(picture, ContentFile(b"x"))
    VideoAsset.objects.update(poster=picture.removeprefix("packages/"))
    manifest.manifest_note(folder_of(asset), ["poster_000001000.jpg"])
    damage(picture)
    assert [finding["kind"] for finding in audit("--hashes")[1]] == ["damaged"]
