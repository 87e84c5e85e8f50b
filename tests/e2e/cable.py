"""A cable between client and site that a test can cut: every connection on it dies at once.

It counts what the client sends, byte by byte on the wire, and cuts itself where it was told to.
"""

import contextlib
import socket
import threading
import time
import urllib.parse
from collections.abc import Iterable, Iterator

BLOCK = 64 * 1024


class Cable:
    """Forwards TCP from a port of its own to the site; after `cut` new connections work again."""

    sent = 0  # bytes from the client
    cuts = 0
    # An answer that holds these bytes is lost once, with its connection.
    lose: bytes | None = None

    def __init__(
        self, site: str, *, cut_at: Iterable[int] = (), port: int = 0, rate: float = 0
    ) -> None:
        self.cut_at = sorted(cut_at)
        self.rate = rate  # bytes a second that a connection of the client carries; 0 is any
        self.silent: set[socket.socket] = set()
        address = urllib.parse.urlsplit(site)
        self.target = (str(address.hostname), int(address.port or 80))
        self.listener = socket.create_server(("127.0.0.1", port))
        self.url = f"{address.scheme}://127.0.0.1:{self.listener.getsockname()[1]}"
        self.lines: set[socket.socket] = set()
        self.lock = threading.Lock()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.create_connection(self.target)
                with self.lock:
                    self.lines |= {near, far}
                for source, target, counted in ((near, far, True), (far, near, False)):
                    threading.Thread(
                        target=self.pump, args=(source, target, counted), daemon=True
                    ).start()

    def pump(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(BLOCK):
                if source in self.silent:
                    continue  # taken, and lost
                if not counted and self.lose is not None and self.lose in block.lower():
                    self.lose = None
                    self.cut()
                    break
                if counted and self.rate:
                    time.sleep(len(block) / self.rate)
                target.sendall(block)
                if counted and self.count(len(block)):
                    self.cut()
        for line in (source, target):
            self.end(line)

    def count(self, length: int) -> bool:
        """Add to what was sent; whether that reached the next place to cut at."""
        with self.lock:
            self.sent += length
            if not self.cut_at or self.sent < self.cut_at[0]:
                return False
            del self.cut_at[0]
            return True

    def silence(self) -> None:
        """What runs now is never answered again, as after a change of network."""
        with self.lock:
            self.silent |= self.lines

    def end(self, line: socket.socket) -> None:
        with self.lock:
            self.lines.discard(line)
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
        line.close()

    def cut(self) -> None:
        self.cuts += 1
        for line in list(self.lines):
            self.end(line)


@contextlib.contextmanager
def cable(
    site: str, *, cut_at: Iterable[int] = (), port: int = 0, rate: float = 0
) -> Iterator[Cable]:
    laid = Cable(site, cut_at=cut_at, port=port, rate=rate)
    try:
        yield laid
    finally:
        laid.listener.close()
        laid.cut()
