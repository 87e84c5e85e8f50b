"""What is said of the walls before media programs run, and that nothing runs where they must
stand and do not.
"""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from media_pipeline import checks, tasks
from media_pipeline.ffmpeg import bubblewrap
from media_pipeline.models import TranscodeJob, VideoAsset
from tests.integration.media_pipeline.conftest import FakeFilm


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bubblewrap, "SEARCHED", str(tmp_path))


def found(check: Callable[..., list[object]]) -> list[str]:
    return [message.id for message in check(None)]  # type: ignore[attr-defined]


def said(caplog: pytest.LogCaptureFixture) -> str:
    caplog.clear()
    with caplog.at_level(logging.INFO):
        checks.sandbox_log()
    [record] = caplog.records
    return f"{record.levelname} {record.getMessage()}"


@pytest.mark.parametrize("mode", ["auto", "bubblewrap"])
def test_standing_walls_are_said_and_not_warned_of(
    mode: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MEDIA_SANDBOX", mode)
    assert found(checks.check_sandbox) == found(checks.check_sandbox_runs) == []
    assert said(caplog) == "INFO Media programs run in bubblewrap."


def test_limits_by_choice_are_warned_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MEDIA_SANDBOX", "limits")
    assert found(checks.check_sandbox) == ["media_pipeline.W002"]
    assert said(caplog).startswith("WARNING Media programs run without bubblewrap")


@pytest.mark.usefixtures("missing")
def test_limits_by_need_are_warned_of_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MEDIA_SANDBOX", "auto")
    assert found(checks.check_sandbox) == ["media_pipeline.W002"]
    assert found(checks.check_sandbox_runs) == []
    assert "bubblewrap is not installed" in said(caplog)


def test_this_kernel_is_asked_and_answers() -> None:
    seccomp = Path("/proc/self/status").read_text().partition("Seccomp:")[2]
    assert checks.kernel_filters() == bool(seccomp)


def test_where_the_kernel_filters_no_calls_nobody_promises_that_it_does(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MEDIA_SANDBOX", "limits")
    assert "without network" in said(caplog)
    monkeypatch.setattr(checks, "kernel_filters", lambda: False)
    assert "but with network" in said(caplog)


@pytest.mark.usefixtures("missing")
def test_walls_that_must_stand_and_do_not_are_an_error(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MEDIA_SANDBOX", "bubblewrap")
    assert found(checks.check_sandbox_runs) == ["media_pipeline.E001"]
    assert said(caplog).startswith(
        "ERROR MEDIA_SANDBOX=bubblewrap, but bubblewrap is not installed"
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("missing")
def test_then_no_job_is_claimed_and_no_attempt_lost(
    monkeypatch: pytest.MonkeyPatch, add_recording: Callable[..., VideoAsset], film: FakeFilm
) -> None:
    monkeypatch.setenv("MEDIA_SANDBOX", "bubblewrap")
    asset = add_recording()
    job = TranscodeJob.objects.get(asset=asset)
    tasks.transcode(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt) == (TranscodeJob.State.QUEUED, 0)
    with pytest.raises(CommandError, match="not installed"):
        call_command("media_ingest", "/nowhere.mp4", "--inline")
