"""Whether media programs run behind walls on this host: said at the start of a worker and by
`manage.py check`, before a hostile recording asks.
"""

import ctypes
import errno
import logging
import sys
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register

from media_pipeline.clock_watch import IN_DOUBT, clock_doubt
from media_pipeline.ffmpeg.launch import PR_SET_SECCOMP, SECCOMP_MODE_FILTER
from media_pipeline.ffmpeg.sandbox import Mode, mode, walls_trouble
from media_pipeline.ffmpeg.syscalls import filter_program

WITHOUT = (
    "Media programs run without bubblewrap (%s): under limits, without network and further "
    "processes, but with a view of the worker's files."
)
UNFILTERED = (
    "Media programs run without bubblewrap (%s), and this kernel filters no system calls: under "
    "limits, but with network, further processes and a view of the worker's files."
)
REFUSED = "MEDIA_SANDBOX=bubblewrap, but %s: no recording is worked until it runs."
HINT = "Install the package bubblewrap and allow user namespaces; see docs/operations.md."

logger = logging.getLogger(__name__)


def sandbox_refusal() -> str:
    """Why no media program may run here; empty when they may."""
    trouble = walls_trouble() if mode() is Mode.BUBBLEWRAP else ""
    return REFUSED % trouble if trouble else ""


def sandbox_gap() -> str:
    """What is missing of the walls where media programs run without them; empty otherwise."""
    match mode():
        case Mode.BUBBLEWRAP:
            return ""
        case Mode.LIMITS:
            return _without() % "MEDIA_SANDBOX=limits"
        case Mode.AUTO:
            trouble = walls_trouble()
            return _without() % trouble if trouble else ""


def _without() -> str:
    return WITHOUT if filter_program() and kernel_filters() else UNFILTERED


def kernel_filters() -> bool:
    """Whether the kernel knows filters of system calls. Asked without a program, one that does
    answers EFAULT and changes nothing (prctl(2)).
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, None, 0, 0)
    return ctypes.get_errno() == errno.EFAULT


def sandbox_log() -> None:
    """One line at the start of a worker."""
    if refusal := sandbox_refusal():
        logger.error(refusal)
    elif gap := sandbox_gap():
        logger.warning(gap)
    else:
        logger.info("Media programs run in bubblewrap.")


@register(Tags.security, deploy=True)
def check_clock(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    rest = clock_doubt()
    return [Warning(IN_DOUBT % (rest / 3600), id="media_pipeline.W003")] if rest else []


@register(Tags.security)
def check_sandbox_runs(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    refusal = sandbox_refusal()
    return [Error(refusal, hint=HINT, id="media_pipeline.E001")] if refusal else []


@register(Tags.security, deploy=True)
def check_sandbox(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    gap = sandbox_gap()
    return [Warning(gap, hint=HINT, id="media_pipeline.W002")] if gap else []
