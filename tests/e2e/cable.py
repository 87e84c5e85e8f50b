"""A cable between browser and site that a test can cut: every connection on it dies at once."""

import contextlib
import socket
import threading
import urllib.parse
from collections.abc import Iterator

BLOCK = 64 * 1024


class Cable:
    """Forwards TCP from a port of its own to the site; after `cut` new connections work again."""

    def __init__(self, site: str) -> None:
        address = urllib.parse.urlsplit(site)
        self.target = (str(address.hostname), int(address.port or 80))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
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
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=self.pump, args=(source, target), daemon=True).start()

    def pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(BLOCK):
                target.sendall(block)
        for line in (source, target):
            self.end(line)

    def end(self, line: socket.socket) -> None:
        with self.lock:
            self.lines.discard(line)
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
        line.close()

    def cut(self) -> None:
        for line in list(self.lines):
            self.end(line)


@contextlib.contextmanager
def cable(site: str) -> Iterator[Cable]:
    laid = Cable(site)
    try:
        yield laid
    finally:
        laid.listener.close()
        laid.cut()
