"""A weak line between a browser and a site: so many bytes a second for all connections together,
and the same delay for each, the handshake of a new one included. Headers of packets are counted.
"""

import asyncio
import contextlib
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

PACKET, PACKET_HEAD = 1448, 52
ASKED = re.compile(rb"(?:GET|POST|HEAD) (\S+) HTTP/1")


@dataclass
class Line:
    """`rate` in bytes a second each way, `round_trip` in seconds."""

    host: str
    port: int
    rate: float
    round_trip: float
    url: str = ""
    carried: int = 0  # bytes towards the browser
    asked: list[tuple[float, str]] = field(default_factory=list)  # (monotonic seconds, path)
    free: dict[str, float] = field(default_factory=lambda: {"up": 0.0, "down": 0.0})

    async def serve(self, near: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self.round_trip)  # the handshake
        try:
            far, on = await asyncio.open_connection(self.host, self.port, limit=4 * PACKET)
        except OSError:
            out.close()
            return
        await asyncio.gather(self.carry(near, on, "up"), self.carry(far, out, "down"))

    async def carry(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, way: str
    ) -> None:
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=64)
        delivery = asyncio.ensure_future(self.deliver(under_way, target))
        while not delivery.done():
            try:
                packet = await source.read(PACKET)
            except OSError:
                packet = b""
            now = time.monotonic()
            sent = max(now, self.free[way]) + (len(packet) + PACKET_HEAD) / self.rate
            if way == "down":
                self.carried += len(packet)
            elif found := ASKED.match(packet):
                self.asked.append((now, found[1].decode("ascii", "replace")))
            if packet:
                self.free[way] = sent
                await asyncio.sleep(max(0.0, sent - now))
            await under_way.put((sent + self.round_trip / 2, packet))
            if not packet:
                break
        await delivery

    async def deliver(
        self, under_way: asyncio.Queue[tuple[float, bytes]], target: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(OSError):
            while True:
                due, packet = await under_way.get()
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                if not packet:
                    break
                target.write(packet)
                await target.drain()
        target.close()


@contextlib.contextmanager
def weak_line(port: int, *, rate: float, round_trip: float) -> Iterator[Line]:
    """The line to a site on this host; `url` of what is yielded is its near end."""
    line = Line("127.0.0.1", port, rate, round_trip)
    loop = asyncio.new_event_loop()
    # Of its own: the thread that drives the browser has a loop already.
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    starting = asyncio.start_server(line.serve, "127.0.0.1", 0)
    server = asyncio.run_coroutine_threadsafe(starting, loop).result()
    line.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield line
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
