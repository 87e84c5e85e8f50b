"""One media process: how it ends, by itself, by us, by others; and that nothing of it is left."""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.progress import Progress
from media_pipeline.ffmpeg.runner import (
    POLL_SECONDS,
    TERM_GRACE_SECONDS,
    FailureReason,
    MediaProcessFailed,
    MediaProcessStopped,
    run,
)
from media_pipeline.ffmpeg.sandbox import ProcessLimits
from tests.crash import crash
from tests.processes import below

SHELL = "/bin/sh"
# Endless work that writes nothing.
ENDLESS = "-nostdin -v error -nostats -progress pipe:1 -f lavfi -i testsrc2=s=320x180 -f null -"


def endless() -> list[str]:
    return [ffmpeg_binary(), *ENDLESS.split()]


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def child() -> psutil.Process:
    """The one process that this test runs."""
    (process,) = below(word="ffmpeg")
    return process


def no_child_is_left() -> bool:
    return below(word="null") == []


@pytest.fixture(params=["bubblewrap", "limits"])
def sandbox(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MEDIA_SANDBOX", request.param)
    return str(request.param)


class Once:
    """Calls its action with the first sign of progress."""

    def __init__(self, action: Callable[[], object]) -> None:
        self.action = action
        self.done = False

    def __call__(self, progress: Progress) -> None:
        if progress.frame and not self.done:
            self.done = True
            self.action()


def failure(argv: list[str], **options: object) -> MediaProcessFailed:
    with pytest.raises(MediaProcessFailed) as failed:
        run(argv, **options)  # type: ignore[arg-type]
    assert no_child_is_left()
    return failed.value


def test_the_output_and_what_it_cost_are_returned() -> None:
    result = run([SHELL, "-c", "echo out; echo err >&2"], files=None)
    assert (result.stdout, result.stderr_tail) == (b"out\n", "err")
    assert result.wall_seconds > 0
    assert result.peak_rss > 0


def test_progress_is_reported_in_frames(sandbox: str) -> None:
    frames: list[int] = []
    run(
        [ffmpeg_binary(), *ENDLESS.replace("180", "180:d=2").split()],
        on_progress=lambda progress: frames.append(progress.frame),
    )
    assert frames[-1] == 50


def test_the_environment_is_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    assert b"secret" not in run([SHELL, "-c", "env"], files=None).stdout


def test_the_error_has_a_bounded_end_of_stderr() -> None:
    failed = failure(
        [SHELL, "-c", "yes x | head -c 1000000 >&2; echo last >&2; exit 3"], files=None
    )
    assert (failed.reason, failed.exit_status) == (FailureReason.EXIT, 3)
    assert failed.stderr_tail.endswith("last")
    assert len(failed.stderr_tail) < 20_000


def test_a_program_that_is_not_there_is_said(sandbox: str) -> None:
    assert failure(["/nowhere/ffmpeg"]).reason is FailureReason.NOT_STARTED


def test_a_full_disk_is_recognised() -> None:
    said = "echo 'av_interleaved_write_frame(): No space left on device' >&2; exit 228"
    assert failure([SHELL, "-c", said], files=None).reason is FailureReason.DISK_FULL


def test_an_ffmpeg_that_meets_a_full_disk_says_so() -> None:
    command = [ffmpeg_binary(), "-v", "error", "-f", "lavfi", "-i", "testsrc2=duration=2"]
    command += ["-c:v", "libx264", "-f", "mpegts", "-y", "/dev/full"]
    assert failure(command, files=None).reason is FailureReason.DISK_FULL


UNREAD = "[in#0/mov,mp4,m4a,3gp,3g2,mj2 @ 0x5650c1396d00] Error during demuxing: "


@pytest.mark.parametrize(
    "said",
    [
        f"{UNREAD}Input/output error",
        f"{UNREAD}Stale file handle",
        "[in#0 @ 0x56] Error opening input: Input/output error",
        "/a: Input/output error",
    ],
)
def test_a_film_that_the_host_could_not_read_to_its_end_is_no_success(said: str) -> None:
    told = f"echo 'before' >&2; echo '{said}' >&2; echo 'after' >&2"
    assert failure([SHELL, "-c", told], files=None).reason is FailureReason.UNREAD


@pytest.mark.parametrize(
    "said",
    [f"{UNREAD}Invalid data found when processing input", f"    title: {UNREAD}Input/output error"],
)
def test_what_a_film_makes_ffmpeg_say_is_not_taken_for_the_hosts_trouble(said: str) -> None:
    assert (
        said in run([SHELL, "-c", f"echo '[x] x' >&2; echo '{said}' >&2"], files=None).stderr_tail
    )


def test_stopping_ends_the_process_after_a_short_grace(sandbox: str) -> None:
    started = Once(lambda: None)
    with pytest.raises(MediaProcessStopped):
        run(endless(), on_progress=started, should_stop=lambda: started.done)
    assert TERM_GRACE_SECONDS <= 0.5
    assert no_child_is_left()


def test_should_stop_is_asked_again_and_again_while_the_process_says_nothing() -> None:
    asked = itertools.count(1)
    with pytest.raises(MediaProcessStopped):
        run([SHELL, "-c", "sleep 60"], files=None, should_stop=lambda: next(asked) == 8)
    assert POLL_SECONDS <= 0.25


def test_a_group_that_ignores_the_polite_signal_is_killed(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f"trap '' TERM; sleep 61 & echo $! $$ > {pids}.new; mv {pids}.new {pids}; wait"
    with pytest.raises(MediaProcessStopped):
        run([SHELL, "-c", script], files=None, should_stop=pids.exists)
    wait_until(lambda: not any(psutil.pid_exists(int(pid)) for pid in pids.read_text().split()))


def test_a_child_that_outlives_its_leader_is_swept() -> None:
    result = run([SHELL, "-c", "sleep 62 >/dev/null 2>&1 & echo $!"], files=None)
    orphan = int(result.stdout)
    wait_until(lambda: not psutil.pid_exists(orphan) or psutil.Process(orphan).status() == "zombie")


def test_an_error_in_a_callback_leaves_no_process(sandbox: str) -> None:
    def broken() -> None:
        raise RuntimeError("lease lost")

    with pytest.raises(RuntimeError, match="lease lost"):
        run(endless(), on_progress=Once(broken))
    assert no_child_is_left()


def test_a_kill_from_outside_is_said(sandbox: str) -> None:
    killed = failure(endless(), on_progress=Once(lambda: child().kill()))
    assert (killed.reason, killed.exit_status) == (FailureReason.KILLED, -signal.SIGKILL)
    ended = failure(endless(), on_progress=Once(lambda: child().terminate()))
    assert ended.reason is FailureReason.KILLED


def test_a_crash_is_told_from_a_kill(sandbox: str) -> None:
    crashed = failure(endless(), on_progress=Once(lambda: crash(child().pid)))
    assert crashed.reason is FailureReason.CRASHED
    assert crashed.exit_status in (-signal.SIGSEGV, -signal.SIGILL, -signal.SIGBUS)


def test_a_process_that_hangs_is_ended(sandbox: str) -> None:
    hung = failure(endless(), on_progress=Once(lambda: child().suspend()), stall_seconds=0.8)
    assert hung.reason is FailureReason.STALLED


def test_too_much_wall_time_is_ended(sandbox: str) -> None:
    assert failure(endless(), wall_seconds=0.5).reason is FailureReason.TOO_SLOW


def test_too_much_memory_is_ended(sandbox: str) -> None:
    assert failure(endless(), rss_bytes=5_000_000).reason is FailureReason.MEMORY_LIMIT


def test_too_much_cpu_is_ended(sandbox: str) -> None:
    limits = ProcessLimits(cpu_seconds=1)
    assert failure(endless(), limits=limits).reason is FailureReason.CPU_LIMIT


def test_limits_hold_in_the_process(sandbox: str) -> None:
    limits = ProcessLimits(address_space=500_000_000, file_bytes=0, open_files=32)
    asked = "ulimit -v; ulimit -f; ulimit -n; ulimit -c"
    result = run(["/usr/bin/sh", "-c", asked], limits=limits)
    assert result.stdout.split() == [str(500_000_000 // 1024).encode(), b"0", b"32", b"0"]


def test_the_process_dies_with_a_parent_that_is_killed(sandbox: str) -> None:
    program = (
        "import sys\n"
        "from media_pipeline.ffmpeg.runner import run\n"
        "run(sys.argv[1:], on_progress=lambda p: print(p.frame, flush=True))\n"
    )
    argv = [sys.executable, "-c", program, *endless()]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        media = psutil.Process(parent.pid).children(recursive=True)
        assert len(media) == (2 if sandbox == "bubblewrap" else 1)
        os.kill(parent.pid, signal.SIGKILL)
        wait_until(lambda: all(map(is_gone, media)))


def is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
