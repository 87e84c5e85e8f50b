"""Starts one media process, watches it, and ends it with its whole group.

Knows nothing of recipes or packages. Whoever runs a media program anywhere in the product calls
`run`; the trial of the walls in `sandbox` apart, there is no other use of subprocess.
"""

import contextlib
import errno
import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO, NoReturn

from media_pipeline.ffmpeg import process_tree
from media_pipeline.ffmpeg.bubblewrap import Files
from media_pipeline.ffmpeg.progress import Progress, ProgressReader
from media_pipeline.ffmpeg.sandbox import (
    NOT_STARTED,
    ProcessLimits,
    SandboxMissing,
    clean_environment,
    has_walls,
    launch_command,
)

POLL_SECONDS = 0.1
TERM_GRACE_SECONDS = 0.5
KILL_GRACE_SECONDS = 1.0
MAX_PROCESSES = 4  # bubblewrap and the program; shells of our own have a child or two
STDERR_KEPT = 16_384
STDOUT_KEPT = 4_000_000


# ffmpeg's exit status is the last byte of its error: here AVERROR(ENOMEM).
OUT_OF_MEMORY = 256 - errno.ENOMEM
_DISK_FULL = ("No space left on device", "Disk quota exceeded")
# In ffmpeg's own words, 5.1's and later ones. It goes on as if the film ended there, and ends well;
# of a film that lacks its end or its middle it says no such thing.
_UNREAD = re.compile(
    r"^(?:\[in#[^\]]*\] Error (?:during demuxing|opening input)|/.*)"
    r": (?:Input/output error|Stale file handle)$",
    re.MULTILINE,
)
_DEADLY = {
    *(signal.SIGILL, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGKILL),
    *(signal.SIGSEGV, signal.SIGTERM, signal.SIGXCPU, signal.SIGXFSZ, signal.SIGSYS),
}
_CRASHES = {
    *(-signal.SIGILL, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGFPE),
    *(-signal.SIGSEGV, -signal.SIGSYS),
}
_NO_FILES = Files()


class FailureReason(StrEnum):
    """Why a media process failed; kept with the job for operators, never shown as it is."""

    EXIT = "exit"  # ended by itself with an error status
    KILLED = "killed"  # ended by a signal that somebody else sent
    CRASHED = "crashed"  # ended by a signal that it brought upon itself
    STALLED = "stalled"  # reported no progress for too long
    TOO_SLOW = "too_slow"  # wall-clock limit
    CPU_LIMIT = "cpu_limit"
    MEMORY_LIMIT = "memory_limit"
    OUTPUT_LIMIT = "output_limit"
    PROCESS_LIMIT = "process_limit"
    DISK_FULL = "disk_full"
    UNREAD = "unread"  # the host could not read the film to its end
    NOT_STARTED = "not_started"
    BAD_OUTPUT = "bad_output"  # ended well, but what it made does not pass verification


class MediaProcessFailed(Exception):
    """A media process did not do its work. `stderr_tail` is bounded and for operators only;
    `exit_status` is negative for a signal, None when we ended the process.
    """

    def __init__(
        self, reason: FailureReason, stderr_tail: str = "", exit_status: int | None = None
    ) -> None:
        super().__init__(f"{reason}: {stderr_tail[-500:]}")
        self.reason = reason
        self.stderr_tail = stderr_tail
        self.exit_status = exit_status


class MediaProcessStopped(Exception):
    """`should_stop` said yes; the process group is gone."""


@dataclass(frozen=True)
class RunResult:
    """What a finished process used. `stdout` is kept only when it carried no progress."""

    stdout: bytes
    stderr_tail: str
    wall_seconds: float
    cpu_seconds: float
    peak_rss: int  # bytes


def run(
    argv: list[str],
    *,
    files: Files | None = _NO_FILES,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    stall_seconds: float = 60.0,
    wall_seconds: float | None = None,
    rss_bytes: int | None = None,
    written_bytes: int | None = None,
    limits: ProcessLimits | None = None,
    cwd: Path | None = None,
) -> RunResult:
    """Run `argv` (program by absolute path, no shell) to its end.

    It sees `files`, nothing unless they are named; None is for our own programs on our own
    material, which run without walls. `rss_bytes` is the resident memory of all its processes,
    `written_bytes` what it may write in all, what it writes over again included.

    With `-progress pipe:1` in `argv`, reports go to `on_progress` and a process that reports none
    for `stall_seconds` is ended. `should_stop` is asked about ten times a second.

    Raises MediaProcessStopped, or MediaProcessFailed with the reason and the tail of stderr.
    Whatever is raised here or in a callback, no process of the group is left.
    """
    limits = limits or ProcessLimits()
    try:
        walls = files is not None and has_walls()
    except SandboxMissing as missing:
        raise MediaProcessFailed(FailureReason.NOT_STARTED, str(missing)) from missing
    process = subprocess.Popen(
        launch_command(argv, limits=limits, files=files, walls=walls, cwd=cwd),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(),
        cwd=cwd,
        start_new_session=True,
    )
    watch = _Watch(
        process=process,
        walls=walls,
        reads_progress="-progress" in argv,
        on_progress=on_progress,
        should_stop=should_stop,
        stall_seconds=stall_seconds,
        wall_seconds=wall_seconds,
        rss_bytes=rss_bytes,
        written_bytes=written_bytes,
    )
    try:
        watch.until_end()
    finally:
        watch.end()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
    return watch.result(limits)


@dataclass
class _Watch:
    process: subprocess.Popen[bytes]
    walls: bool
    reads_progress: bool
    on_progress: Callable[[Progress], None] | None
    should_stop: Callable[[], bool] | None
    stall_seconds: float
    wall_seconds: float | None
    rss_bytes: int | None
    written_bytes: int | None
    started: float = field(default_factory=time.monotonic)
    moved_at: float = field(default_factory=time.monotonic)
    last: Progress | None = None
    reader: ProgressReader = field(default_factory=ProgressReader)
    stdout: bytearray = field(default_factory=bytearray)
    stderr: bytearray = field(default_factory=bytearray)
    usage: tuple[float, int] = (0.0, 0)
    peak_rss: int = 0
    patient: bool = True  # whether its end begins with a polite signal

    def until_end(self) -> None:
        with selectors.DefaultSelector() as selector:
            for pipe in (self.process.stdout, self.process.stderr):
                assert pipe is not None
                os.set_blocking(pipe.fileno(), False)
                selector.register(pipe, selectors.EVENT_READ)
            next_look = 0.0
            while not self._reaped():
                for key, _ in selector.select(POLL_SECONDS if selector.get_map() else 0):
                    if not self._read(key.fileobj):  # type: ignore[arg-type]
                        selector.unregister(key.fileobj)
                if not selector.get_map():
                    time.sleep(POLL_SECONDS / 4)
                if time.monotonic() >= next_look:
                    self._look()
                    next_look = time.monotonic() + POLL_SECONDS
            for key in list(selector.get_map().values()):
                while self._read(key.fileobj):  # type: ignore[arg-type]
                    pass

    def _read(self, pipe: IO[bytes]) -> bool:
        try:
            data = os.read(pipe.fileno(), 65_536)
        except BlockingIOError:
            return False
        if pipe is self.process.stderr:
            self.stderr += data
            del self.stderr[:-STDERR_KEPT]
        elif self.reads_progress:
            for progress in self.reader.feed(data):
                self._take(progress)
        else:
            self.stdout += data
            del self.stdout[STDOUT_KEPT:]
        return bool(data)

    def _take(self, progress: Progress) -> None:
        if progress.moved_since(self.last):
            self.moved_at = time.monotonic()
        self.last = progress
        if self.on_progress is not None:
            self.on_progress(progress)

    def _look(self) -> None:
        if self.should_stop is not None and self.should_stop():
            raise MediaProcessStopped
        now = time.monotonic()
        if self.reads_progress and now - self.moved_at > self.stall_seconds:
            raise MediaProcessFailed(FailureReason.STALLED, self.stderr_tail)
        if self.wall_seconds is not None and now - self.started > self.wall_seconds:
            raise MediaProcessFailed(FailureReason.TOO_SLOW, self.stderr_tail)
        members = process_tree.members(self.process.pid)
        rss = sum(map(process_tree.resident_bytes, members))
        self.peak_rss = max(self.peak_rss, rss)
        if self.rss_bytes is not None and rss > self.rss_bytes:
            self._forbid(FailureReason.MEMORY_LIMIT)
        if len(members) > MAX_PROCESSES:
            self._forbid(FailureReason.PROCESS_LIMIT)
        written = sum(map(process_tree.written_bytes, members)) if self.written_bytes else 0
        if self.written_bytes is not None and written > self.written_bytes:
            self._forbid(FailureReason.OUTPUT_LIMIT)

    def _forbid(self, reason: FailureReason) -> NoReturn:
        self.patient = False  # it would take still more in that time
        raise MediaProcessFailed(reason, self.stderr_tail)

    def _reaped(self) -> bool:
        """Reap with wait4 instead of Popen.poll: it tells what this one process used."""
        if not _has_ended(self.process.pid):
            return False
        _signal_group(self.process.pid, signal.SIGKILL)  # what the ended leader left behind
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.usage = (usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
        return True

    def end(self) -> None:
        """SIGTERM, half a second, SIGKILL, for the whole group of a process not reaped yet.

        Behind walls the program inside is told first: bubblewrap waits for it, so nothing is left
        that only a reaping init could clear away, and its use of the CPU is counted.
        """
        if self.process.returncode is not None:
            return
        if self.patient:
            self._tell(signal.SIGTERM, TERM_GRACE_SECONDS)
        if self.walls:
            self._tell(signal.SIGKILL, KILL_GRACE_SECONDS)
        _signal_group(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _tell(self, number: signal.Signals, seconds: float) -> None:
        """Send a signal and wait so long at most for the end."""
        leader = self.process.pid
        inside = process_tree.members(leader)[1:] if self.walls else []
        if inside:
            process_tree.signal_all(inside, number)
        else:
            _signal_group(leader, number)
        deadline = time.monotonic() + seconds
        while not _has_ended(leader) and time.monotonic() < deadline:
            time.sleep(0.02)

    @property
    def stderr_tail(self) -> str:
        return self.stderr.decode("utf-8", "replace").strip()

    def result(self, limits: ProcessLimits) -> RunResult:
        status = self._status()
        cpu_seconds, peak_rss = self.usage
        if _UNREAD.search(self.stderr_tail):
            raise MediaProcessFailed(FailureReason.UNREAD, self.stderr_tail, status)
        if status != 0:
            reason = self._reason(status, cpu_seconds, limits)
            raise MediaProcessFailed(reason, self.stderr_tail, status)
        return RunResult(
            stdout=bytes(self.stdout),
            stderr_tail=self.stderr_tail,
            wall_seconds=time.monotonic() - self.started,
            cpu_seconds=cpu_seconds,
            peak_rss=max(self.peak_rss, peak_rss),
        )

    def _status(self) -> int:
        """As of the program itself: bubblewrap ends with 128 + N where that ended by signal N."""
        status = int(self.process.returncode)
        return 128 - status if self.walls and status - 128 in _DEADLY else status

    def _reason(self, status: int, cpu_seconds: float, limits: ProcessLimits) -> FailureReason:
        if any(words in self.stderr_tail for words in _DISK_FULL):
            return FailureReason.DISK_FULL
        if status == NOT_STARTED and self.stderr_tail.startswith("launch:"):
            return FailureReason.NOT_STARTED
        if status == 1 and self.stderr_tail.startswith("bwrap:"):
            return FailureReason.NOT_STARTED
        if status == OUT_OF_MEMORY:
            return FailureReason.MEMORY_LIMIT
        # The kernel sends SIGXCPU and SIGKILL at the same second when both limits are equal.
        out_of_cpu = limits.cpu_seconds is not None and cpu_seconds >= limits.cpu_seconds - 0.5
        if status == -signal.SIGXCPU or (status < 0 and out_of_cpu):
            return FailureReason.CPU_LIMIT
        if status == -signal.SIGXFSZ:
            return FailureReason.OUTPUT_LIMIT
        if status in _CRASHES:
            return FailureReason.CRASHED
        # ffmpeg catches SIGTERM, tidies up and exits with 255, which it uses for nothing else.
        if status < 0 or status == 255:
            return FailureReason.KILLED
        return FailureReason.EXIT


def _has_ended(pid: int) -> bool:
    """Whether the child is a zombie by now; it is left unreaped, so its group id stays ours."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
