"""Segments through nginx: the shipped configuration with its signed addresses against the same
nginx with nothing but a folder, both at once on this machine, asked in turns by wrk.
"""

import datetime as dt
import hashlib
import re
import shutil
import statistics
import subprocess
import sys
from base64 import urlsafe_b64encode
from pathlib import Path

from tests.front import nginx
from tests.services import ServiceMissing, accepts_tcp, free_port, running

KEY = "key-of-the-benchmark-0123456789abcdef0123456789"
PACKAGE, SEGMENT = "bench", "720p/seg_00000.m4s"
SEGMENT_BYTES = 250_000  # four seconds of 500 kb/s
ROUNDS, SECONDS, CONNECTIONS = 12, 2, 16

PLAIN = """daemon off;
worker_processes 1;
pid {folder}/plain.pid;
error_log {folder}/plain.error;
{user}
events {{}}
http {{
  include /etc/nginx/mime.types;
  access_log {folder}/plain.log;
  sendfile on;
  tcp_nopush on;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


def ratio(folder: Path) -> float:
    """Requests a second through the signed addresses to those of plain nginx: the median of the
    ratios of pairs, each pair in the other order than the one before.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        raise ServiceMissing("wrk is not installed: sh tests/services.sh wrk")
    packages, port = folder / "packages", free_port()
    (packages / PACKAGE / SEGMENT).parent.mkdir(parents=True)
    (packages / PACKAGE / SEGMENT).write_bytes(bytes(SEGMENT_BYTES))
    folder.chmod(0o755)
    configuration = folder / "plain.conf"
    configuration.write_text(
        PLAIN.format(folder=folder, port=port, root=packages, user="user root;")
    )
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    plain = [program, "-p", str(folder), "-c", str(configuration)]
    with (
        nginx(folder / "front", upstream=free_port(), keys={"a": KEY}, packages=packages) as front,
        running(plain, ready=lambda: accepts_tcp(port), what="nginx"),
    ):
        addresses = (f"{front.url}{_signed()}", f"http://127.0.0.1:{port}/{PACKAGE}/{SEGMENT}")
        ratios = []
        for number in range(ROUNDS):
            order = (0, 1) if number % 2 else (1, 0)
            rates = {which: _asked(wrk, addresses[which]) for which in order}
            ratios.append(rates[0] / rates[1])
            sys.stderr.write(f"  nginx: {rates[0]:.0f} signed, {rates[1]:.0f} plain a second\n")
    return statistics.median(ratios)


def _asked(wrk: str, address: str) -> float:
    said = subprocess.run(
        [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", address],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Non-2xx" not in said, said
    found = re.search(r"Requests/sec:\s*([\d.]+)", said)
    assert found, said
    return float(found[1])


def _signed() -> str:
    """As docs/adr/0006 says, without the product."""
    expires = int((dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)).timestamp())
    digest = hashlib.md5(f"{expires:010d} {PACKAGE} {KEY}".encode(), usedforsecurity=False)
    signature = urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()
    return f"/v/a.{expires:010d}.{signature}/{PACKAGE}/{SEGMENT}"
