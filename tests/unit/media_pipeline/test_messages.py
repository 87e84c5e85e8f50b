"""What people read about a recording."""

import pytest
from django.utils import translation

from media_pipeline.ffmpeg.refusals import Refusal
from media_pipeline.ffmpeg.runner import FailureReason
from media_pipeline.ffmpeg.transcode import Step
from media_pipeline.messages import (
    SENTENCES,
    STEPS,
    advice,
    outlook_text,
    remaining_text,
    sentence,
    size_text,
    state_text,
)
from media_pipeline.models import TranscodeJob, VideoAsset


@pytest.fixture(autouse=True)
def _english() -> object:
    with translation.override("en"):
        yield


def running(
    progress: float = 0.5, *, step: str = "encode", seconds_left: int | None = None
) -> TranscodeJob:
    return TranscodeJob(
        state=TranscodeJob.State.RUNNING,
        step=step,
        progress=progress,
        seconds_left=seconds_left,
    )


@pytest.mark.parametrize("code", list(Refusal))
def test_every_refusal_has_a_sentence_of_its_own(code: Refusal) -> None:
    assert str(code) in SENTENCES
    assert sentence(str(code)).endswith(".")


@pytest.mark.parametrize("reason", [*FailureReason, "internal", "storage", "something new"])
def test_no_reason_is_shown_as_a_code(reason: str) -> None:
    words = sentence(str(reason))
    assert "Please" in words or "need not" in words
    assert str(reason) not in words.split()


def test_limits_are_named_in_words(settings: object) -> None:
    settings.UPLOAD_MAX_BYTES = 4 * 1024**3  # type: ignore[attr-defined]
    settings.MEDIA_MAX_SECONDS = 5400  # type: ignore[attr-defined]
    assert "4 GB" in sentence("too_large")
    assert "1.5 hours" in sentence("too_long")


def test_every_step_of_the_pipeline_has_words() -> None:
    assert set(Step) | {"copy", "probe", "preview", "store"} == set(STEPS)


@pytest.mark.parametrize(
    ("job", "words"),
    [
        (None, "waiting in the queue"),
        (TranscodeJob(), "waiting in the queue"),
        (TranscodeJob(reason="disk_full"), "waiting for room on the server"),
        (TranscodeJob(reason="exit", attempt=1), "waiting for another try"),
        (TranscodeJob(progress=0.62), "waiting to go on at 62%"),
        (running(0, step="probe"), "being checked"),
        (running(0.4, step="probe"), "being checked"),
        (running(0.456), "being converted, 45%"),
        (running(1.0, step="store"), "being saved, 99%"),
    ],
)
def test_where_a_recording_stands(job: TranscodeJob | None, words: str) -> None:
    assert state_text(VideoAsset(), job) == words


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (VideoAsset.State.READY, "ready"),
        (VideoAsset.State.REFUSED, "did not pass the check"),
        (VideoAsset.State.FAILED, "could not be processed"),
    ],
)
def test_how_it_ended(state: str, words: str) -> None:
    assert state_text(VideoAsset(state=state)) == words


@pytest.mark.parametrize(
    ("job", "words"),
    [
        (None, ""),
        (running(), ""),
        (TranscodeJob(seconds_left=120), ""),
        (running(seconds_left=15), "less than a minute left"),
        (running(seconds_left=60), "about 1 minute left"),
        (running(seconds_left=170), "about 3 minutes left"),
        (running(seconds_left=3 * 3600), "about 3 hours left"),
    ],
)
def test_how_long_it_still_takes(job: TranscodeJob | None, words: str) -> None:
    assert remaining_text(job) == words


@pytest.mark.parametrize(
    ("job", "words"),
    [
        (TranscodeJob(), ""),
        (TranscodeJob(reason="exit", attempt=2), "2 of 3 tries are used up"),
        (running(seconds_left=60), "about 1 minute left"),
    ],
)
def test_what_is_to_be_expected(job: TranscodeJob, words: str) -> None:
    assert outlook_text(job) == words


def test_who_was_given_up_reads_what_to_do_next() -> None:
    assert "once more" in advice(VideoAsset(state=VideoAsset.State.FAILED))
    assert advice(VideoAsset(state=VideoAsset.State.REFUSED)) == ""


def test_sizes() -> None:
    assert (size_text(1), size_text(25 * 1024**2), size_text(4 * 1024**3)) == (
        "1 MB",
        "25 MB",
        "4 GB",
    )
