"""When the probe's own process ends badly: whose fault that is."""

import signal
from pathlib import Path
from typing import Any

import pytest

from media_pipeline.ffmpeg import probe as module
from media_pipeline.ffmpeg.probe import probe
from media_pipeline.ffmpeg.refusals import MediaRefused, Refusal
from media_pipeline.ffmpeg.runner import FailureReason, MediaProcessFailed

WEBM = bytes.fromhex("1a45dfa39f4286810142f7810142f2810442f381084282847765626d")


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.webm"
    path.write_bytes(WEBM + b"\0" * 4096)
    return path


def ends(
    monkeypatch: pytest.MonkeyPatch, status: int, reason: FailureReason = FailureReason.KILLED
) -> None:
    def run(*_: Any, **__: Any) -> None:
        raise MediaProcessFailed(reason, exit_status=status)

    monkeypatch.setattr(module, "run", run)


@pytest.mark.parametrize("status", [-signal.SIGKILL, 128 + signal.SIGKILL])
def test_a_probe_that_somebody_killed_says_nothing_about_the_film(
    film: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    ends(monkeypatch, status)
    with pytest.raises(MediaProcessFailed):
        probe(film)


def test_a_film_that_the_disk_does_not_give_is_not_refused(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends(monkeypatch, module.CHILD_UNREAD, FailureReason.EXIT)
    with pytest.raises(MediaProcessFailed) as failed:
        probe(film)
    assert failed.value.reason is FailureReason.UNREAD


def test_a_film_that_crashes_its_probe_is_refused(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends(monkeypatch, -signal.SIGSEGV)
    with pytest.raises(MediaRefused) as refused:
        probe(film)
    assert refused.value.code is Refusal.DAMAGED


@pytest.mark.parametrize("status", [-signal.SIGXCPU, -signal.SIGKILL])
def test_a_film_that_takes_all_the_time_of_its_probe_is_refused(
    film: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    ends(monkeypatch, status, FailureReason.CPU_LIMIT)
    with pytest.raises(MediaRefused) as refused:
        probe(film)
    assert refused.value.code is Refusal.DAMAGED
