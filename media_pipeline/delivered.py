"""What members were sent, read from nginx's own log, since no Python sees a segment.

Reads on from where it stopped, also after the log was rotated. Counts begin at the end of the log
when the process starts; Prometheus knows how to read a counter that begins anew.
"""

import os
import re
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

# The log format of deploy/nginx.conf: … "GET /v/-/<package>/<file>" <status> <bytes> …
LINE = re.compile(
    rb'"[A-Z]+ /v/-/[^/" ]+/(?P<file>[^" ?]*)[^"]*" (?P<status>\d{3}) (?P<bytes>\d+) '
)
KINDS = {b"m4s": "segment", b"mp4": "film", b"m3u8": "playlist", b"jpg": "picture", b"vtt": "text"}
BLOCK_BYTES = 1024**2


class DeliveryCollector(Collector):
    def __init__(self, log: Path) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str]] = Counter()
        self._bytes: Counter[str] = Counter()
        self._inode, self._offset = self._end()

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            self._read_on()
            requests = CounterMetricFamily(
                "lectern_media_requests", "Requests for media.", labels=["kind", "status"]
            )
            for (kind, status), count in self._requests.items():
                requests.add_metric([kind, status], count)
            sent = CounterMetricFamily(
                "lectern_delivered_bytes", "Bytes of media sent.", labels=["kind"]
            )
            for kind, count in self._bytes.items():
                sent.add_metric([kind], count)
        yield requests
        yield sent

    def _end(self) -> tuple[int, int]:
        try:
            found = self._log.stat()
        except OSError:
            return 0, 0
        return found.st_ino, found.st_size

    def _read_on(self) -> None:
        try:
            file = self._log.open("rb")
        except OSError:
            return
        with file:
            found = os.fstat(file.fileno())
            if found.st_ino != self._inode or found.st_size < self._offset:
                self._inode, self._offset = found.st_ino, 0
            file.seek(self._offset)
            while block := file.read(BLOCK_BYTES):
                whole = block.rfind(b"\n") + 1
                if not whole:
                    break  # a line that is still being written
                self._offset += whole
                self._count(block[:whole])
                file.seek(self._offset)

    def _count(self, lines: bytes) -> None:
        for match in LINE.finditer(lines):
            ending = match["file"].rpartition(b".")[2]
            kind = "init" if match["file"].endswith(b"init.mp4") else KINDS.get(ending, "other")
            self._requests[kind, match["status"].decode()] += 1
            self._bytes[kind] += int(match["bytes"])
