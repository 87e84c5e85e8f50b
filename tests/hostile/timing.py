"""Clocks that lie: hours made of nothing, a million pictures a second, time that runs back."""

import struct
from collections.abc import Callable, Iterator

from tests.hostile.workshop import Hostile, encoded, jpeg
from tests.hostile.writing import Tree, avi, chunk, element, mkv, mkv_block

HUGE = 0x7FFF_FFFF


def files() -> Iterator[Hostile]:
    for name, make in {**DURATIONS, **RATES, **ORDERS}.items():
        family = "duration bomb" if name in DURATIONS else "frame-rate bomb"
        family = "time stamps" if name in ORDERS else family
        yield Hostile(name, family, lambda s, make=make: make())


def _changed(kind: bytes, change: Callable[[bytes], bytes], base: str = "mp4") -> bytes:
    tree = Tree.read(encoded(base))
    for found in tree.all(kind):
        found.body = change(found.body)
    return tree.write()


def _entries(*rows: tuple[int, ...], head: int = 0) -> Callable[[bytes], bytes]:
    body = struct.pack(">II", head, len(rows))
    for row in rows:
        body += b"".join(struct.pack(">I", value & 0xFFFFFFFF) for value in row)
    return lambda old: body


def _edit(*rows: tuple[int, int]) -> bytes:
    """An edit list in every track: (how long, from where)."""
    tree = Tree.read(encoded("mp4"))
    body = struct.pack(">II", 0, len(rows))
    for length, start in rows:
        body += struct.pack(">IiI", length, start, 0x10000)
    for track in tree.all(b"trak"):
        track.children = [child for child in track.children if child.kind != b"edts"]
        track.children.append(Tree(b"edts", children=[Tree(b"elst", body)]))
    return tree.write()


def _pictures(times: list[int], **more: int) -> bytes:
    return mkv([mkv_block(jpeg(), time) for time in times], **more)


def _clusters(times: list[int]) -> bytes:
    """One picture in each cluster, at any 64-bit time."""
    film = mkv([mkv_block(jpeg(), 0)], cluster_time=times[0])
    for time in times[1:]:
        cluster = mkv([mkv_block(jpeg(), 0)], cluster_time=time & 0xFFFF_FFFF_FFFF_FFFF)
        film += cluster[cluster.index(b"\x1f\x43\xb6\x75") :]
    # The segment is declared no longer than its first cluster; ffmpeg reads on all the same.
    return film.replace(b"\x18\x53\x80\x67" + film[film.index(b"\x18\x53\x80\x67") + 4 :][:8],
                        b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff", 1)  # fmt: skip


def _header(kind: bytes, values: str, at: int, *numbers: int) -> bytes:
    def change(body: bytes) -> bytes:
        data = bytearray(body)
        struct.pack_into(values, data, at, *numbers)
        return bytes(data)

    return _changed(kind, change)


def _shifted(data: bytes, wait: int) -> bytes:
    """An FLV whose second half is said to come `wait` ms later."""
    out, at = bytearray(data), 13
    while at + 11 < len(out):
        size = int.from_bytes(out[at + 1 : at + 4], "big")
        if at > len(out) // 2:
            time = int.from_bytes(out[at + 4 : at + 7], "big") + wait & 0xFFFF_FFFF
            out[at + 4 : at + 7] = (time & 0xFF_FFFF).to_bytes(3, "big")
            out[at + 7] = time >> 24
        at += size + 15
    return bytes(out)


def _dts_faults() -> bytes:
    """PES time stamps of every third packet set back to zero."""
    data, count = bytearray(encoded("ts")), 0
    for at in range(0, len(data) - 188, 188):
        start = data.find(b"\0\0\1", at + 4, at + 188)
        if data[at + 1] & 0x40 and start > 0 and data[start + 7] & 0x80:
            count += 1
            if count % 3 == 0:
                data[start + 9 : start + 14] = b"\x21\x00\x01\x00\x01"
    return bytes(data)


DURATIONS: dict[str, Callable[[], bytes]] = {
    "movie-header-of-centuries": lambda: _header(b"mvhd", ">I", 16, 0xFFFF_FFFE),
    "media-header-of-centuries": lambda: _header(b"mdhd", ">I", 16, 0xFFFF_FFFE),
    "one-sample-of-days": lambda: _changed(b"stts", _entries((1, HUGE), (19, 512))),
    "samples-of-days": lambda: _changed(b"stts", _entries((HUGE, HUGE))),
    "billions-of-samples": lambda: _changed(
        b"stsz", lambda old: struct.pack(">III", 0, 1, 0xFFFF_FFFF)
    ),
    "edit-of-centuries": lambda: _edit((HUGE, 0)),
    "edit-from-before": lambda: _edit((2000, -(2**31))),
    "edit-of-emptiness": lambda: _edit((HUGE, -1), (2000, 0)),
    "edits-by-the-thousand": lambda: _edit(*[(1, 0)] * 20_000),
    "two-pictures-an-age-apart": lambda: _clusters([0, 100, 2**55]),
    "two-pictures-three-hours-apart": lambda: _clusters([0, 100, 10_800_000]),
    "clock-of-centuries": lambda: _pictures([0, 100, 200], scale=2**62),
    "info-of-infinite-length": lambda: mkv(
        [mkv_block(jpeg(), n * 100) for n in range(20)],
        info=element(0x4489, struct.pack(">d", float("inf"))),
    ),
    "info-of-no-number": lambda: mkv(
        [mkv_block(jpeg(), n * 100) for n in range(20)],
        info=element(0x4489, struct.pack(">d", float("nan"))),
    ),
    "flash-days-later": lambda: _shifted(encoded("flv"), 0x7FFF_0000),
    "avi-picture-of-an-hour": lambda: avi([chunk(b"00dc", jpeg())] * 20, scale=36_000, rate=10),
    "avi-of-empty-pictures": lambda: avi([chunk(b"00dc", jpeg())] + [chunk(b"00dc")] * 200_000),
}
RATES: dict[str, Callable[[], bytes]] = {
    "all-at-once": lambda: _changed(b"stts", _entries((20, 0))),
    "a-tick-apart": lambda: _changed(b"stts", _entries((20, 1))),
    "clock-of-nanoseconds": lambda: _header(b"mdhd", ">I", 12, 0xFFFF_FFFF),
    "clock-of-nothing": lambda: _header(b"mdhd", ">I", 12, 0),
    "matroska-nanoseconds": lambda: _pictures(list(range(20)), scale=1),
    "matroska-no-clock": lambda: _pictures(list(range(20)), scale=0),
    "avi-of-a-billion-a-second": lambda: avi([chunk(b"00dc", jpeg())] * 20, scale=1, rate=HUGE),
    "avi-without-rate": lambda: avi([chunk(b"00dc", jpeg())] * 20, scale=0, rate=0),
    "ninety-thousand-pictures": lambda: mkv(
        [mkv_block(jpeg(16, 16), n % 32_000) for n in range(90_000)], scale=100_000
    ),
}
ORDERS: dict[str, Callable[[], bytes]] = {
    "backwards": lambda: _pictures([1900 - n * 100 for n in range(20)]),
    "to-and-fro": lambda: _pictures([n * 100 if n % 2 else 30_000 - n for n in range(20)]),
    "before-zero": lambda: _pictures([-32_768 + n * 100 for n in range(20)]),
    "decode-times-set-back": _dts_faults,
    "composition-far-away": lambda: _changed_with(b"ctts", ((20, HUGE),)),
    "composition-before-all": lambda: _changed_with(b"ctts", ((20, -(2**31)),)),
    "twice-the-same-film": lambda: encoded("ts") + encoded("ts"),
    "clock-wraps": lambda: _clusters([2**62, 2**63, 2**63 + 2**62, 5]),
    "negative-steps": lambda: _changed(b"stts", _entries((10, 512), (10, -512))),
}


def _changed_with(kind: bytes, rows: tuple[tuple[int, int], ...]) -> bytes:
    tree = Tree.read(encoded("mp4"))
    tree.one(b"stbl").children.append(Tree(kind, _entries(*rows)(b"")))
    return tree.write()
