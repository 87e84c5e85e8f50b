"""Containers whose parts lie about themselves: sizes, counts, nesting, the number of streams."""

import struct
import zlib
from collections.abc import Callable, Iterator

from tests.hostile.workshop import Hostile, encoded, jpeg
from tests.hostile.writing import (
    UNKNOWN,
    Tree,
    avi,
    avi_stream,
    box,
    chunk,
    ebml_head,
    element,
    full_box,
    mkv,
    mkv_block,
    mkv_track,
    number,
    ts_packet,
    ts_table,
    vint,
)

BOXES = (b"ftyp", b"moov", b"mvhd", b"trak", b"mdia", b"stbl", b"stsd", b"stts", b"stsz", b"mdat")
SIZES = {"nothing": 0, "seven": 7, "four-gigabytes": 0xFFFF_FFFF}
TABLES = (b"stts", b"stsc", b"stsz", b"stco", b"stss", b"stsd")


def files() -> Iterator[Hostile]:
    for kind in BOXES:
        for name, size in SIZES.items():
            yield _atom(f"{kind.decode()}-of-{name}", lambda k=kind, s=size: _resized(k, s))
    for kind in (b"moov", b"stsz", b"mdat"):
        yield _atom(f"{kind.decode()}-of-2-to-63", lambda k=kind: _widened(k, 2**63 - 1))
        yield _atom(f"{kind.decode()}-of-minus-one", lambda k=kind: _widened(k, 2**64 - 1))
    for kind in TABLES:
        yield _atom(f"{kind.decode()}-of-billions", lambda k=kind: _overcounted(k))
    for family, made in (
        ("atoms", ATOMS),
        ("ebml", EBML),
        ("streams", STREAMS),
        ("transport stream", TRANSPORT),
    ):
        for name, make in made.items():
            yield Hostile(name, family, lambda s, make=make: make())


def _atom(name: str, make: Callable[[], bytes]) -> Hostile:
    return Hostile(name, "atoms", lambda s: make())


def _resized(kind: bytes, size: int) -> bytes:
    data = bytearray(encoded("mp4"))
    struct.pack_into(">I", data, data.index(kind) - 4, size)
    return bytes(data)


def _widened(kind: bytes, size: int) -> bytes:
    """The size said as 64 bits, in front of the box as it was."""
    data = encoded("mp4")
    at = data.index(kind)
    return data[: at - 4] + struct.pack(">I4sQ", 1, kind, size) + data[at + 4 :]


def _overcounted(kind: bytes) -> bytes:
    tree = Tree.read(encoded("mp4"))
    for table in tree.all(kind):
        at = 8 if kind == b"stsz" else 4
        table.body = table.body[:at] + b"\xff\xff\xff\xff" + table.body[at + 4 :]
    return tree.write()


def _nested(kind: bytes, deep: int, inside: bytes) -> bytes:
    """Boxes in boxes; built from the inside, sizes as they are."""
    heads = [struct.pack(">I4s", 8 * (n + 1) + len(inside), kind) for n in range(deep)]
    return b"".join(reversed(heads)) + inside


def _mark() -> bytes:
    return box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41")


def _tracks(count: int) -> bytes:
    tree = Tree.read(encoded("mp4"))
    movie = tree.one(b"moov")
    movie.children += [movie.one(b"trak")] * (count - len(movie.all(b"trak")))
    return tree.write()


def _described(count: int) -> bytes:
    tree = Tree.read(encoded("mp4"))
    table = tree.one(b"stsd")
    table.body = table.body[:4] + struct.pack(">I", count) + table.body[8:] * count
    return tree.write()


def _fragments() -> bytes:
    """Every fragment runs far beyond its end and starts where the first one does."""
    data = bytearray(encoded("fragments"))
    at = data.find(b"trun")
    while at > 0:
        struct.pack_into(">I", data, at + 8, 0x00FF_FFFF)
        at = data.find(b"trun", at + 4)
    return bytes(data)


def _descriptor() -> bytes:
    """Descriptors of the sound's configuration that contain each other without end."""
    data = bytearray(encoded("mp4"))
    at = data.index(b"esds") + 8
    data[at : at + 20] = b"\x03\x80\x80\x80" * 5
    return bytes(data)


ATOMS: dict[str, Callable[[], bytes]] = {
    "movie-in-movie": lambda: _mark() + _nested(b"moov", 20_000, b""),
    "track-in-track": lambda: _mark() + box(b"moov", _nested(b"trak", 20_000, b"")),
    "meta-in-meta": lambda: _mark() + box(b"moov", _nested(b"meta", 20_000, b"\0" * 4)),
    "wave-in-wave": lambda: _mark() + box(b"moov", box(b"trak", _nested(b"wave", 20_000, b""))),
    "free-boxes-by-the-thousand": lambda: _mark() + box(b"free") * 200_000,
    "index-by-the-thousand": lambda: _mark() + box(b"moov") * 50_000,
    "descriptions-by-the-thousand": lambda: _described(3000),
    "fragments-beyond-the-end": _fragments,
    "descriptors-in-circles": _descriptor,
    "segment-index-of-itself": lambda: (
        _mark()
        + full_box(b"sidx", struct.pack(">IIIIHH", 1, 1000, 0, 0, 0, 65_535), b"\x80\0\0\0" * 9)
        + encoded("fragments")
    ),
    "user-data-of-a-gigabyte": lambda: (
        encoded("mp4") + box(b"moov", box(b"udta", box(b"meta", size=0x4000_0000)))
    ),
    "key-system-of-billions": lambda: (
        encoded("mp4") + full_box(b"pssh", b"\1" * 16, b"\xff\xff\xff\xff", version=1)
    ),
}


def _blocks(data: bytes = b"", count: int = 20, flags: int = 0x80) -> list[bytes]:
    return [mkv_block(data or jpeg(), n * 100, flags=flags) for n in range(count)]


def _compressed(kind: int) -> bytes:
    """Blocks that are packed: a kilobyte which unpacks into a hundred megabytes."""
    packed = zlib.compress(b"\0" * 100_000_000, 9)
    how = element(0x5034, number(0x4254, kind, 1), element(0x4255, b"\0" * 1_000_000))
    encodings = element(0x6D80, element(0x6240, how))
    return mkv(_blocks(packed, count=8), tracks=mkv_track(encodings))


def _ebml_nested(name: int, deep: int) -> bytes:
    head = name.to_bytes((name.bit_length() + 7) // 8, "big") + UNKNOWN
    return ebml_head() + element(0x18538067, size=UNKNOWN) + head * deep


EBML: dict[str, Callable[[], bytes]] = {
    "head-without-end": lambda: element(0x1A45DFA3, size=UNKNOWN) + b"\x42\x82" * 10_000,
    "head-of-exabytes": lambda: element(0x1A45DFA3, size=vint(2**56 - 2)) + b"\x42\x82\x88matroska",
    "kind-unheard-of": lambda: ebml_head(b"canary\0" * 1000) + mkv(_blocks()),
    "segment-of-exabytes": lambda: ebml_head() + element(0x18538067, size=vint(2**56 - 2)),
    "segments-in-segments": lambda: _ebml_nested(0x18538067, 20_000),
    "clusters-in-clusters": lambda: _ebml_nested(0x1F43B675, 20_000),
    "chapters-in-chapters": lambda: (
        ebml_head()
        + element(
            0x18538067,
            element(0x1043A770, element(0x45B9, (b"\xb6" + UNKNOWN) * 20_000)),
            size=UNKNOWN,
        )
    ),
    "tags-in-tags": lambda: (
        ebml_head()
        + element(0x18538067, element(0x1254C367, (b"\x67\xc8" + UNKNOWN) * 20_000), size=UNKNOWN)
    ),
    "void-of-exabytes": lambda: mkv(_blocks(), more=element(0xEC, size=vint(2**56 - 2))),
    "codec-data-of-a-gigabyte": lambda: mkv(
        _blocks(), tracks=mkv_track(element(0x63A2, size=vint(1 << 30)))
    ),
    "index-to-nowhere": lambda: mkv(
        _blocks(),
        more=element(
            0x1C53BB6B,
            *[
                element(0xBB, number(0xB3, n), element(0xB7, number(0xF7, 1), number(0xF1, 2**62)))
                for n in range(1000)
            ],
        ),
    ),
    "seek-head-in-circles": lambda: mkv(
        _blocks(),
        more=element(
            0x114D9B74, element(0x4DBB, element(0x53AB, b"\x11\x4d\x9b\x74"), number(0x53AC, 0))
        )
        * 500,
    ),
    "lacing-lies": lambda: mkv(_blocks(b"\xff" * 300, flags=0x86)),
    "lacing-by-xiph": lambda: mkv(_blocks(b"\xff" * 300, flags=0x82)),
    "lacing-of-255": lambda: mkv(_blocks(b"\xfe" + jpeg(), flags=0x84)),
    "blocks-packed-by-zlib": lambda: _compressed(0),
    "blocks-packed-by-bzip": lambda: _compressed(1),
    "blocks-with-a-megabyte-of-head": lambda: _compressed(3),
    "empty-blocks": lambda: mkv([*_blocks(), *(mkv_block(b"", n % 32_000) for n in range(50_000))]),
    "track-number-of-exabytes": lambda: mkv(_blocks(), tracks=mkv_track(index=2**63)),
    "encrypted-blocks": lambda: mkv(
        _blocks(),
        tracks=mkv_track(
            element(0x6D80, element(0x6240, number(0x5033, 1, 1), element(0x5035, b"")))
        ),
    ),
}


def _programmes(count: int) -> bytes:
    """Tables with more programmes and streams than any receiver has tuners."""
    programmes = b"".join(
        struct.pack(">HH", n + 1, 0xE000 | 0x100 + n) for n in range(min(count, 40))
    )
    out = ts_packet(0, ts_table(0, b"\0\x01\xc1\0\0" + programmes)[:184])
    for n in range(count):
        streams = b"".join(
            struct.pack(">BHH", 0x1B, 0xE000 | (0x200 + n * 30 + k) & 0x1FFF, 0xF000)
            for k in range(30)
        )
        table = ts_table(2, struct.pack(">HBBBHH", n + 1, 0xC1, 0, 0, 0xE1FF, 0xF000) + streams)
        out += ts_packet(0x100 + n % 40, table[:184])
    for pid in range(0x200, 0x1FFF):
        out += ts_packet(pid, b"\0\0\1\xe0\0\0\x80\x80\x05\x21\0\1\0\1" + b"\0\0\1\x67" * 8)
    return out


STREAMS: dict[str, Callable[[], bytes]] = {
    "two-thousand-tracks-mp4": lambda: _tracks(2000),
    "sixty-five-tracks-mp4": lambda: _tracks(65),
    "sixty-tracks-mp4": lambda: _tracks(60),
    "five-thousand-tracks-mkv": lambda: mkv(
        _blocks(), tracks=b"".join(mkv_track(index=n) for n in range(1, 5001))
    ),
    "thousand-streams-avi": lambda: avi(
        [chunk(b"00dc", jpeg())] * 20,
        more_streams=[avi_stream(b"auds", b"\1\0\0\0", chunk(b"strf", b"\1\0\2\0" + b"\0" * 14))]
        * 1000,
    ),
    "thousands-of-programmes-ts": lambda: _programmes(250),
    "same-track-number-twice": lambda: mkv(_blocks(), tracks=mkv_track() + mkv_track()),
    "no-track-at-all": lambda: mkv(_blocks(), tracks=element(0xEC, b"")),
}
TRANSPORT: dict[str, Callable[[], bytes]] = {
    "tables-that-name-themselves": lambda: (
        ts_packet(0, ts_table(0, b"\0\x01\xc1\0\0" + struct.pack(">HH", 1, 0xE000))) * 3000
    ),
    "table-of-the-table": lambda: (
        (
            ts_packet(0, ts_table(0, b"\0\x01\xc1\0\0" + struct.pack(">HH", 1, 0xE100)))
            + ts_packet(
                0x100,
                ts_table(
                    2, struct.pack(">HBBBHHBHH", 1, 0xC1, 0, 0, 0xE100, 0xF000, 27, 0xE100, 0xF000)
                ),
            )
        )
        * 2000
    ),
    "tables-changing-for-ever": lambda: b"".join(
        ts_packet(
            0, ts_table(0, struct.pack(">HBBBHH", 1, 0xC1 | n % 32 << 1, 0, 0, 1, 0xE100 + n))
        )
        for n in range(3000)
    ),
    "wrong-sums": lambda: ts_packet(0, ts_table(0, b"\0\x01\xc1\0\0\0\1\xe1\0", wrong=True)) * 3000,
    "only-sync-bytes": lambda: (b"\x47" + b"\0" * 187) * 5000,
    "only-stuffing": lambda: (b"\x47\x1f\xff\x10" + b"\xff" * 184) * 5000,
    "adaptation-of-nothing": lambda: (b"\x47\x40\x00\x30\xff" + b"\xff" * 183) * 5000,
    "packet-without-end": lambda: (
        encoded("ts")
        + b"".join(ts_packet(0x100, b"\x55" * 184, start=False, counter=n) for n in range(20_000))
    ),
}
