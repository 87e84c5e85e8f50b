"""`manage.py media_ingest` with the real ffmpeg, and files that are none."""

import errno
import io
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection

from media_pipeline import ingest, store
from media_pipeline.messages import sentence
from media_pipeline.models import Package, TranscodeJob, VideoAsset
from media_pipeline.work import queue_work
from tests.factories import UserFactory
from tests.integration.media_pipeline.conftest import FakeFilm, InlinePulse

pytestmark = pytest.mark.django_db
Left = Callable[[], list[str]]
KEYS = [
    "file",
    "asset",
    "state",
    "reason",
    "duration",
    "seconds_to_first_play",
    "seconds_to_ready",
    "renditions",
    "master_playlist",
    "progressive_mp4",
    "poster",
    "storyboard",
]


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media_pipeline.attempt.Pulse", InlinePulse)


def media_ingest(*arguments: Any) -> tuple[list[dict[str, Any]], int]:
    """The printed objects and the exit status."""
    out, code = io.StringIO(), 0
    try:
        call_command("media_ingest", *map(str, arguments), "--json", stdout=out)
    except SystemExit as end:
        code = int(end.code or 0)
    return [json.loads(line) for line in out.getvalue().splitlines()], code


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_a_recording_is_ready_without_any_worker(clip: Path) -> None:
    before = clip.read_bytes()
    [said], code = media_ingest(clip, "--inline")
    assert code == 0
    assert list(said) == KEYS
    assert (said["file"], said["state"], said["reason"]) == (str(clip), "ready", "")
    assert said["duration"] == pytest.approx(3.0, abs=0.2)
    assert 0 < said["seconds_to_first_play"] <= said["seconds_to_ready"]
    top = said["renditions"][0]
    assert list(top) == ["name", "width", "height", "bandwidth", "codecs"]
    assert (top["width"], top["height"]) == (320, 180)
    for name in ("master_playlist", "progressive_mp4", "poster", "storyboard"):
        assert Path(said[name]).stat().st_size > 0
    assert "#EXTM3U" in Path(said["master_playlist"]).read_text()
    assert VideoAsset.objects.get(pk=said["asset"]).is_ready
    assert clip.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("note.mp4", "这是一个文本文件。\n".encode() * 50, "not_media"),
        ("picture.mp4", b"\x89PNG\r\n\x1a\n" + b"\0" * 500, "image"),
        ("empty.mp4", b"", "empty"),
        ("list.mp4", b"#EXTM3U\n#EXTINF:4,\nhttp://127.0.0.1:9/a.ts\n", "playlist"),
    ],
)
def test_what_is_no_recording_is_refused_and_nothing_is_left(
    name: str, content: bytes, code: str, tmp_path: Path, files_left: Left
) -> None:
    path = write(tmp_path / name, content)
    [said], status = media_ingest(path, "--inline")
    assert status == 1
    assert list(said) == KEYS
    assert (said["state"], said["reason"]) == ("refused", sentence(code))
    assert said["asset"] is None
    assert said["renditions"] == []
    assert files_left() == []
    assert path.exists()


def test_a_truncated_recording_is_refused_and_nothing_is_left(
    clip: Path, tmp_path: Path, files_left: Left
) -> None:
    whole = clip.read_bytes()
    path = write(tmp_path / "cut.mp4", whole[: len(whole) // 2])
    [said], status = media_ingest(path, "--inline")
    assert status == 1
    assert (said["state"], said["reason"]) == ("refused", sentence("damaged"))
    assert files_left() == []
    assert not Package.objects.exists()


def test_a_file_over_the_limit_is_refused_before_it_is_copied(
    clip: Path, settings: Any, files_left: Left
) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    [said], status = media_ingest(clip, "--inline")
    assert (status, said["state"]) == (1, "refused")
    assert said["reason"] == sentence("too_large")
    assert files_left() == []
    assert not VideoAsset.objects.exists()


def test_a_recording_that_lasts_too_long_is_refused(
    clip: Path, settings: Any, files_left: Left
) -> None:
    settings.MEDIA_MAX_SECONDS = 2
    [said], _ = media_ingest(clip, "--inline")
    assert (said["state"], said["reason"]) == ("refused", sentence("too_long"))
    assert files_left() == []


def test_after_a_bad_file_the_next_one_is_worked(clip: Path, tmp_path: Path) -> None:
    bad = write(tmp_path / "note.mp4", b"text " * 99)
    said, status = media_ingest(bad, clip, tmp_path / "nowhere.mp4", tmp_path, "--inline")
    assert status == 1
    assert [one["state"] for one in said] == ["refused", "ready", "failed", "failed"]
    assert said[2]["reason"] == sentence("file_missing")


def test_a_storage_that_does_not_take_one_does_not_keep_the_next(
    tmp_path: Path, film: FakeFilm, clip: Path, monkeypatch: pytest.MonkeyPatch, files_left: Left
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr("os.link", full)
        patch.setattr(store, "file_replace", full)
        said, status = media_ingest(clip, clip, "--inline")
    assert status == 1
    assert [one["reason"] for one in said] == [sentence("not_stored")] * 2
    assert files_left() == []
    assert not VideoAsset.objects.exists()


def test_a_recording_that_no_attempt_gets_through_has_failed(
    clip: Path, film: FakeFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(should_stop: Callable[[], bool]) -> None:
        raise ZeroDivisionError

    film.during = fails
    monkeypatch.setattr("media_pipeline.jobs.PAUSES", (ingest.dt.timedelta(0),))
    [said], status = media_ingest(clip, "--inline")
    assert (status, said["state"], said["reason"]) == (1, "failed", sentence("internal"))
    assert TranscodeJob.objects.get().attempt == 3


def test_without_a_worker_waiting_ends(clip: Path) -> None:
    [said], status = media_ingest(clip, "--wait", "--patience", "0.5")
    assert (status, said["state"]) == (1, "failed")
    assert said["reason"] == sentence("no_worker")
    assert TranscodeJob.objects.full().get().state == TranscodeJob.State.QUEUED


@pytest.mark.django_db(transaction=True)
def test_waiting_sees_what_a_worker_does(clip: Path, film: FakeFilm, wakeups: list[int]) -> None:
    over = threading.Event()

    def worker() -> None:
        try:
            while not over.wait(0.05):
                queue_work()
        finally:
            connection.close()

    thread = threading.Thread(target=worker)
    thread.start()
    try:
        said, status = media_ingest(clip, clip, "--wait")
    finally:
        over.set()
        thread.join()
    assert status == 0
    assert [one["state"] for one in said] == ["ready", "ready"]
    assert len(wakeups) == 2


def test_the_owner_is_an_account_that_nobody_signs_in_to(clip: Path, film: FakeFilm) -> None:
    media_ingest(clip, "--inline")
    media_ingest(clip, "--inline")
    [owner] = {asset.owner for asset in VideoAsset.objects.select_related("owner")}
    assert owner.username == ingest.SYSTEM_ACCOUNT
    assert not owner.is_active
    assert not owner.has_usable_password()
    assert authenticate(username=owner.username, password="") is None


def test_a_named_owner(clip: Path, film: FakeFilm) -> None:
    user = UserFactory()
    media_ingest(clip, "--inline", "--owner", user.username)
    assert VideoAsset.objects.get().owner == user


def test_an_unknown_owner_is_said(clip: Path) -> None:
    with pytest.raises(CommandError, match="nobody"):
        media_ingest(clip, "--owner", "nobody")


def test_for_people_it_prints_a_line(clip: Path, film: FakeFilm) -> None:
    out = io.StringIO()
    call_command("media_ingest", str(clip), stdout=out)
    assert f"{clip}: ready" in out.getvalue()
