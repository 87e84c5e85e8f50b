"""Which of ffmpeg's ends are the film's doing, and which may be the host's."""

import errno

import pytest

from media_pipeline.ffmpeg.refusals import MediaRefused, Refusal
from media_pipeline.ffmpeg.runner import FailureReason, MediaProcessFailed
from media_pipeline.ffmpeg.transcode import film_blamed

INVALID_DATA, PATCH_WELCOME, NO_DECODER = 183, 176, 8


def ended(status: int, reason: FailureReason = FailureReason.EXIT) -> None:
    with film_blamed():
        raise MediaProcessFailed(reason, "Error opening input", status)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (69, Refusal.DAMAGED),
        (INVALID_DATA, Refusal.DAMAGED),
        (PATCH_WELCOME, Refusal.UNSUPPORTED),
        (NO_DECODER, Refusal.UNSUPPORTED),
    ],
)
def test_what_ffmpeg_says_of_the_film_refuses_it(status: int, code: Refusal) -> None:
    with pytest.raises(MediaRefused) as refused:
        ended(status)
    assert refused.value.code is code


@pytest.mark.parametrize("error", [errno.EIO, errno.EINVAL, errno.EACCES, 255])
def test_what_may_be_the_hosts_doing_is_a_failure(error: int) -> None:
    with pytest.raises(MediaProcessFailed):
        ended(256 - error)


def test_a_signal_or_a_full_disk_is_never_blamed_on_the_film() -> None:
    for reason in (FailureReason.KILLED, FailureReason.DISK_FULL, FailureReason.MEMORY_LIMIT):
        with pytest.raises(MediaProcessFailed):
            ended(INVALID_DATA, reason)
