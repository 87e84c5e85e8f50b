"""Memory of all idle processes of `make run` together: proportional set size, in MB."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.figures import Figure
from tests.e2e.conftest import answers
from tests.services import free_port, wait_for

ROOT = Path(__file__).resolve().parent.parent
LIMIT_MB = 700
PAGES = ("/accounts/login/", "/privacy/")


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="lectern-bench-") as folder:
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "config.supervisor"],
            cwd=ROOT,
            env={**os.environ, "LECTERN_VAR": folder, "PORT": str(port), "LECTERN_DEMO": "0"},
            stdout=subprocess.DEVNULL,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(lambda: answers(f"{url}/healthz"), seconds=120, what="The site's start")
            for page in PAGES * 3:
                answers(url + page)
            time.sleep(15)  # let the worker and the scheduler come to rest
            tree = [psutil.Process(process.pid), *psutil.Process(process.pid).children(True)]
            parts = {one.pid: one.memory_full_info().pss / 1e6 for one in tree}
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(15)
    return [Figure(f"idle memory of {len(parts)} processes", sum(parts.values()), LIMIT_MB, "MB")]
