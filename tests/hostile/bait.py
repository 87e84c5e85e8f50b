"""What no film may reach: files beside it, and a port that is listened to."""

import ctypes
import os
import socket
import struct
from pathlib import Path

from tests.hostile.workshop import encoded

MARK = b"CANARY-9c41f7-the-neighbour's-secret"
_OPENED = 0x20  # IN_OPEN, whoever opens it and in whatever mount namespace
_NONBLOCK = 0x800


class Bait:
    """Canaries in `folder`: a film that a playlist could include, and a text. Counts who opens
    them; connections to `port` wait in the queue of a socket that never accepts on its own.
    """

    NAMES = ("canary.ts", "canary.txt", "secret.key")

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in self.NAMES:
            film = encoded("ts") if name.endswith(".ts") else b""
            (folder / name).write_bytes(film + MARK)
        self._server = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._server.setblocking(False)
        self.port = int(self._server.getsockname()[1])
        libc = ctypes.CDLL(None, use_errno=True)
        self._watch = libc.inotify_init1(_NONBLOCK)
        for name in self.NAMES:
            if libc.inotify_add_watch(self._watch, os.fsencode(folder / name), _OPENED) < 0:
                raise OSError(ctypes.get_errno(), "inotify_add_watch")

    def opened(self) -> int:
        """How often a canary was opened since the last question."""
        try:
            data = os.read(self._watch, 65_536)
        except BlockingIOError:
            return 0
        at = count = 0
        while at < len(data):
            at += 16 + struct.unpack_from("I", data, at + 12)[0]
            count += 1
        return count

    def connections(self) -> int:
        count = 0
        while True:
            try:
                self._server.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1

    def close(self) -> None:
        self._server.close()
        os.close(self._watch)
