"""`make run`: one foreground command that keeps Redis, web, worker, scheduler and demo alive.

Starts what is needed, restarts what dies, and on Ctrl-C or SIGTERM ends everything and reaps it.
Production uses systemd or containers instead (docs/operations.md). Imports no Django, so that it
stays small; together with `media_pipeline.ffmpeg` it is the only code that starts processes.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from config.embedded import redis_server, redis_socket

ROOT = Path(__file__).resolve().parent.parent
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
# Everything has to be gone 8 s after Ctrl-C.
GRACE_SECONDS = 5.0
LONGEST_PAUSE = 10.0
LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """In the child, before exec: be told when the supervisor is killed."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Part:
    """One process that is kept alive, or (`once`) run until it has succeeded."""

    name: str
    argv: list[str]
    once: bool = False
    after: Callable[[], bool] = lambda: True
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    not_before: float = 0.0
    failures: int = 0
    done: bool = False


@dataclass
class Supervisor:
    var: Path
    port: int
    parts: list[Part] = field(default_factory=list)
    stopping: bool = False

    # -- starting ---------------------------------------------------------------------------

    def environment(self) -> dict[str, str]:
        return {
            # Else each thread may have a heap of its own, and a worker takes 10 MB more.
            "MALLOC_ARENA_MAX": "2",
            **os.environ,
            "LECTERN_VAR": str(self.var),
            "REDIS_URL": f"unix://{redis_socket(self.var)}",
            "PYTHONUNBUFFERED": "1",
        }

    def spawn(self, argv: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            argv,
            cwd=ROOT,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )

    def start(self, part: Part) -> None:
        part.process = self.spawn(part.argv)
        part.started = time.monotonic()

    def redis(self) -> Part:
        return Part(
            "Redis",
            [
                str(redis_server()),
                *("--port", "0", "--unixsocket", str(redis_socket(self.var))),
                *("--unixsocketperm", "700", "--dir", str(self.var)),
                *("--save", "", "--appendonly", "no", "--loglevel", "warning"),
                *("--logfile", str(self.var / "redis.log")),
            ],
        )

    def services(self) -> list[Part]:
        python = sys.executable
        # In a village office the demo may well be run as root; the screen is for the address.
        quiet = ["-W", "ignore:You're running the worker with superuser privileges"]
        celery = [python, *quiet, "-m", "celery", "--quiet", "-A", "config.celery"]
        parts = [
            Part(
                "web",
                [
                    *(python, "-m", "gunicorn", "config.wsgi"),
                    *("--bind", f"0.0.0.0:{self.port}", "--worker-class", "gthread"),
                    *("--workers", "1", "--threads", "16", "--graceful-timeout", "2"),
                    *("--keep-alive", "15", "--log-level", "warning", "--no-control-socket"),
                ],
            ),
            Part(
                "worker",
                [
                    *(*celery, "worker", "--pool", "threads", "--concurrency", "5"),
                    *("-Q", "transcode,default", "--loglevel", "WARNING"),
                    *("--without-gossip", "--without-mingle", "--without-heartbeat"),
                ],
            ),
            Part(
                "scheduler",
                [*celery, "beat", "--loglevel", "WARNING", "--pidfile="],
            ),
        ]
        if os.environ.get("LECTERN_DEMO", "1") != "0":
            parts.append(Part("demo", [python, "manage.py", "demo"], once=True, after=self.answers))
        return parts

    def answers(self) -> bool:
        """Whether the site answers on its own health address."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as r:
                return bool(r.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    # -- running ----------------------------------------------------------------------------

    def run(self) -> int:
        signal.signal(signal.SIGINT, self.ask_to_stop)
        signal.signal(signal.SIGTERM, self.ask_to_stop)
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)
        try:
            redis = self.redis()
            self.parts = [redis]
            self.start(redis)
            if not self.prepare():
                return 130 if self.stopping else 1
            self.parts += self.services()
            announced = False
            while not self.stopping:
                self.tend()
                if not announced and self.answers():
                    announced = True
                    self.announce()
                time.sleep(0.2)
            return 0
        finally:
            self.stop()

    def ask_to_stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping = True

    def prepare(self) -> bool:
        """Migrations, static files, accounts: once before the services start."""
        part = Part("prepare", [sys.executable, "manage.py", "prepare"], once=True)
        self.parts.append(part)
        self.start(part)
        while part.process is not None and part.process.poll() is None:
            if self.stopping:
                return False
            time.sleep(0.1)
        self.parts.remove(part)
        succeeded = part.process is not None and part.process.returncode == 0
        if not succeeded and not self.stopping:
            say("准备数据时出错，上面的信息说明了原因。 Preparing the data failed, see above.")
        return succeeded

    def tend(self) -> None:
        """Start what should run and does not; reap what has been left to us."""
        now = time.monotonic()
        for part in self.parts:
            if part.process is not None and part.process.poll() is not None:
                self.ended(part, now)
            if part.process is None and not part.done and now >= part.not_before and part.after():
                self.start(part)
        self.reap_orphans()

    def ended(self, part: Part, now: float) -> None:
        assert part.process is not None
        code, part.process = part.process.returncode, None
        if part.once and code == 0:
            part.done = True
            return
        lived = now - part.started
        part.failures = 0 if lived > 60 else part.failures + 1
        pause = min(LONGEST_PAUSE, 0.5 * 2 ** (part.failures - 1)) if part.failures else 0.0
        part.not_before = now + pause
        say(f"{part.name} 已退出（{code}），正在重新启动。 {part.name} ended, starting it again.")

    def reap_orphans(self) -> None:
        known = {part.process.pid for part in self.parts if part.process is not None}
        for pid in children():
            if pid not in known:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)

    def announce(self) -> None:
        lines = ["", f"Lectern 已启动  Lectern is running:  http://localhost:{self.port}"]
        if address := lan_address():
            lines.append(
                f"手机在同一网络可打开  On the same network:  http://{address}:{self.port}"
            )
        accounts = self.var / "demo-accounts.json"
        if accounts.exists():
            lines.append("演示账号  Demo accounts:")
            lines += [
                f"  {one['role']}\t{one['username']}\t{one['password']}"
                for one in json.loads(accounts.read_text())
            ]
        lines.append("按 Ctrl-C 停止  Ctrl-C stops everything.")
        say("\n".join([*lines, ""]))

    # -- stopping ---------------------------------------------------------------------------

    def stop(self) -> None:
        """End every process and reap it: politely, then by force; Redis last."""
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, signal.SIG_IGN)
        deadline = time.monotonic() + GRACE_SECONDS
        running = [part for part in self.parts if part.process is not None]
        redis = [part for part in running if part.name == "Redis"]
        for batch in ([part for part in running if part not in redis], redis):
            for part in batch:
                signal_group(part.process, signal.SIGTERM)
            while any(alive(part.process) for part in batch) and time.monotonic() < deadline:
                time.sleep(0.05)
            for part in batch:
                signal_group(part.process, signal.SIGKILL)
                if part.process is not None:
                    part.process.wait()
        self.end_orphans()

    def end_orphans(self) -> None:
        """Whatever our processes have left behind became our child: end and reap it."""
        deadline = time.monotonic() + 1.0
        while (left := children()) and time.monotonic() < deadline:
            for pid in left:
                with contextlib.suppress(ProcessLookupError, ChildProcessError):
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, os.WNOHANG)
            time.sleep(0.02)


def say(text: str) -> None:
    print(text, flush=True)


def alive(process: subprocess.Popen[bytes] | None) -> bool:
    return process is not None and process.poll() is None


def signal_group(process: subprocess.Popen[bytes] | None, signum: int) -> None:
    if process is not None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signum)


def children() -> list[int]:
    """Direct children, adopted ones included."""
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(pid) for pid in path.read_text().split()] if path.exists() else []


def lan_address() -> str:
    """The address that other devices reach this host by; empty when there is none.

    Connecting a datagram socket sends nothing; it only asks the routing table.
    """
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return ""


def port_is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104  (phones on the LAN are meant to reach it)
        except OSError:
            return False
    return True


def main() -> int:
    text = os.environ.get("PORT", "8000")
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        say(f"PORT={text} 不是有效的端口号，请用 1 到 65535 之间的数字。 PORT must be 1–65535.")
        return 2
    port = int(text)
    var = Path(os.environ.get("LECTERN_VAR", ROOT / "var")).resolve()
    var.mkdir(parents=True, exist_ok=True)
    with open(var / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"{var} 已经有一个 Lectern 在运行，请先停止它。 Already running on this folder.")
            return 1
        if not port_is_free(port):
            say(
                f"端口 {port} 已被别的程序占用。请换一个端口，例如：PORT={port + 1} make run\n"
                f"Port {port} is taken. Choose another one, for example: PORT={port + 1} make run"
            )
            return 1
        site = var / "site.json"
        site.write_text(json.dumps({"url": f"http://127.0.0.1:{port}", "pid": os.getpid()}))
        try:
            return Supervisor(var=var, port=port).run()
        finally:
            site.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
