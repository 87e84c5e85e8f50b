"""A database connection that was lost during hours of work on a film costs nothing."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from media_pipeline import chores, pulse, store
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.chore_models import Chore
from media_pipeline.chores import chore_ask, chores_do
from media_pipeline.ffmpeg.light import SOUND
from media_pipeline.ffmpeg.runner import MediaProcessStopped
from media_pipeline.jobs import job_claim
from media_pipeline.models import VideoAsset
from media_pipeline.pulse import Pulse
from tests.factories import VideoAssetFactory

pytestmark = pytest.mark.django_db(transaction=True)


def go_on() -> bool:
    return False


def asked(kind: Chore.Kind, asset: VideoAsset | None = None) -> None:
    asset = asset or VideoAssetFactory(ready=True)
    chore_ask(asset=asset, kind=kind, wish={}, now=timezone.now())


def cut() -> None:
    """The database ends the connection of this thread."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no connections that could be lost.")
    pid = connection.connection.info.backend_pid
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
    other.close()


def cut_and_raise(*_: Any) -> dict[str, Any]:
    cut()
    raise ValueError("no")


def cut_and_stop(*_: Any) -> dict[str, Any]:
    cut()
    raise MediaProcessStopped


@pytest.mark.parametrize(
    ("work", "attempt", "reason"), [(cut_and_raise, 1, "no"), (cut_and_stop, 0, "")]
)
def test_how_a_chore_ended_is_written(
    monkeypatch: pytest.MonkeyPatch, work: Any, attempt: int, reason: str
) -> None:
    monkeypatch.setitem(chores._WORK, Chore.Kind.PACK, work)
    asked(Chore.Kind.PACK)
    stops = iter([False, True])
    chores_do(should_stop=lambda: next(stops))
    chore = Chore.objects.get()
    assert (chore.state, chore.attempt, chore.reason) == (Chore.State.WAITING, attempt, reason)
    assert chore.claimed_until is None


def patient(audio: Path, *, language: str, should_stop: Callable[[], bool]) -> str:
    cut()
    return "1\n00:00:01,000 --> 00:00:02,000\n同志们好\n"


def test_what_a_recogniser_heard_is_kept(clip: Path, settings: Any) -> None:
    settings.SPEECH_RECOGNISER = f"{__name__}.patient"
    asset = VideoAssetFactory(ready=True, duration=3.0)
    sound = store.local_path(f"{store.package_folder(asset.package_id)}/{SOUND}")
    assert sound is not None
    sound.parent.mkdir(parents=True)
    shutil.copy(clip, sound)
    asked(Chore.Kind.SPEECH, asset)
    assert chores_do(should_stop=go_on, long=True) == 1
    assert Chore.objects.get().result == {"cues": 1}
    assert CaptionTrack.objects.filter(asset=asset).exists()


class Troubled:
    """A write that the database does not take the first two times."""

    def __init__(self, write: Callable[..., Any]) -> None:
        self.write = write
        self.troubles: list[Exception] = [InterfaceError("closed"), OperationalError("away")]
        self.written = threading.Event()

    def __call__(self, *things: Any, **changes: Any) -> Any:
        if threading.current_thread() is threading.main_thread():
            return self.write(*things, **changes)
        if self.troubles:
            raise self.troubles.pop(0)
        self.written.set()
        return self.write(*things, **changes)


def test_the_claim_of_a_chore_is_renewed_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    renewal = Troubled(chores._end)
    monkeypatch.setattr(chores, "RENEW_SECONDS", 0.02)
    monkeypatch.setattr(chores, "_end", renewal)
    monkeypatch.setitem(chores._WORK, Chore.Kind.PACK, lambda *_: {"kept": renewal.written.wait(9)})
    asked(Chore.Kind.PACK)
    chores_do(should_stop=go_on)
    assert Chore.objects.get().result == {"kept": True}


def test_the_lease_of_a_job_is_renewed_afterwards(
    add_recording: Callable[..., VideoAsset], monkeypatch: pytest.MonkeyPatch
) -> None:
    renewal = Troubled(pulse.job_renew)
    monkeypatch.setattr(pulse, "job_renew", renewal)
    add_recording()
    claim = job_claim(owner="o", now=timezone.now())
    assert claim is not None
    with Pulse(claim, renew_seconds=0.02) as beat:
        assert renewal.written.wait(9)
    assert not beat.lost
