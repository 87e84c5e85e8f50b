"""Containers and bit streams written by hand, as truthfully or not as one likes."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

CONTAINERS = {
    *(b"moov", b"trak", b"mdia", b"minf", b"dinf", b"stbl", b"edts", b"udta", b"mvex"),
    *(b"moof", b"traf", b"tref"),
}


def box(kind: bytes, *parts: bytes, size: int | None = None) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8 if size is None else size, kind) + body


def full_box(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


@dataclass
class Tree:
    """The boxes of a film as a tree that can be changed and written again. Offsets of samples
    stay true as long as nothing in front of the media data changes its length.
    """

    kind: bytes
    body: bytes = b""
    children: list["Tree"] = field(default_factory=list)

    @classmethod
    def read(cls, data: bytes, kind: bytes = b"") -> "Tree":
        tree, at = cls(kind), 0
        while at + 8 <= len(data):
            size, name = struct.unpack_from(">I4s", data, at)
            body = data[at + 8 : at + size]
            tree.children.append(cls.read(body, name) if name in CONTAINERS else cls(name, body))
            at += max(8, size)
        return tree

    def write(self) -> bytes:
        body = self.body + b"".join(child.write() for child in self.children)
        return box(self.kind, body) if self.kind else body

    def all(self, kind: bytes) -> list["Tree"]:
        found = [self] if self.kind == kind else []
        return found + [tree for child in self.children for tree in child.all(kind)]

    def one(self, *path: bytes) -> "Tree":
        tree = self
        for kind in path:
            tree = tree.all(kind)[0]
        return tree


# -- EBML ---------------------------------------------------------------------------------------


def vint(value: int, length: int = 8) -> bytes:
    return (value | 1 << 7 * length).to_bytes(length, "big")


UNKNOWN = b"\x01\xff\xff\xff\xff\xff\xff\xff"


def element(number: int, *parts: bytes, size: bytes | None = None) -> bytes:
    body = b"".join(parts)
    name = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return name + (vint(len(body)) if size is None else size) + body


def number(name: int, value: int, length: int = 8) -> bytes:
    return element(name, value.to_bytes(length, "big"))


def ebml_head(doctype: bytes = b"matroska") -> bytes:
    return element(0x1A45DFA3, element(0x4282, doctype), number(0x4287, 4, 1), number(0x4285, 2, 1))


def mkv_track(
    *more: bytes, index: int = 1, codec: bytes = b"V_MJPEG", width: int = 96, height: int = 64
) -> bytes:
    size = element(0xE0, number(0xB0, width), number(0xBA, height))
    return element(
        0xAE, number(0xD7, index), number(0x73C5, index), number(0x83, 1, 1),
        element(0x86, codec), number(0x23E383, 100_000_000), size, *more,
    )  # fmt: skip


def mkv_block(data: bytes, time: int, *, track: int = 1, flags: int = 0x80) -> bytes:
    return element(0xA3, vint(track, 1), struct.pack(">hB", time, flags), data)


def mkv(
    blocks: Iterable[bytes],
    *,
    tracks: bytes = b"",
    scale: int = 1_000_000,
    cluster_time: int = 0,
    info: bytes = b"",
    more: bytes = b"",
) -> bytes:
    """A film of Motion JPEG pictures, given as blocks."""
    head = element(0x1549A966, number(0x2AD7B1, scale), info)
    cluster = element(0x1F43B675, number(0xE7, cluster_time), *blocks)
    tracks = element(0x1654AE6B, tracks or mkv_track())
    return ebml_head() + element(0x18538067, head, tracks, more, cluster)


# -- MPEG-TS ------------------------------------------------------------------------------------


def ts_packet(pid: int, payload: bytes, *, start: bool = True, counter: int = 0) -> bytes:
    room = 184 - len(payload)
    head = struct.pack(">BHB", 0x47, pid | (0x4000 if start else 0), 0x10 | counter & 15)
    if room > 0:  # stuffing in an adaptation field
        filling = bytes([room - 1]) + (b"\0" + b"\xff" * (room - 2) if room > 1 else b"")
        head = head[:3] + bytes([0x30 | counter & 15]) + filling
    return head + payload


def ts_table(table: int, body: bytes, *, wrong: bool = False) -> bytes:
    section = struct.pack(">BH", table, 0xB000 | len(body) + 4) + body
    return b"\0" + section + struct.pack(">I", crc32_mpeg(section) ^ wrong)


def crc32_mpeg(data: bytes) -> int:
    crc = 0xFFFF_FFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C1_1DB7 if crc & 0x8000_0000 else crc << 1) & 0xFFFF_FFFF
    return crc


# -- RIFF ---------------------------------------------------------------------------------------


def chunk(kind: bytes, *parts: bytes, size: int | None = None) -> bytes:
    body = b"".join(parts)
    length = len(body) if size is None else size
    return kind + struct.pack("<I", length) + body + b"\0" * (len(body) % 2)


def avi(
    chunks: Iterable[bytes],
    *,
    more_streams: Iterable[bytes] = (),
    scale: int = 1,
    rate: int = 10,
    width: int = 96,
    height: int = 64,
) -> bytes:
    """A film of Motion JPEG pictures in `00dc` chunks, with further streams as wanted."""
    picture = chunk(
        b"strf", struct.pack("<IiiHH4sIiiII", 40, width, height, 1, 24, b"MJPG", 0, 0, 0, 0, 0)
    )
    streams = [avi_stream(b"vids", b"MJPG", picture, scale=scale, rate=rate), *more_streams]
    head = struct.pack("<10I16x", 100_000, 0, 0, 16, 20, 0, len(streams), 0, width, height)
    return chunk(
        b"RIFF",
        b"AVI ",
        chunk(b"LIST", b"hdrl", chunk(b"avih", head), *streams),
        chunk(b"LIST", b"movi", *chunks),
    )


def avi_stream(
    kind: bytes, handler: bytes, form: bytes, *, scale: int = 1, rate: int = 10
) -> bytes:
    head = struct.pack("<4s4sIHHIIIIIIII8x", kind, handler, 0, 0, 0, 0, scale, rate, 0, 20, 0, 0, 0)
    return chunk(b"LIST", b"strl", chunk(b"strh", head), form)


# -- bit streams --------------------------------------------------------------------------------


@dataclass
class Bits:
    text: str = ""

    def u(self, value: int, width: int) -> "Bits":
        self.text += f"{value:0{width}b}"
        return self

    def ue(self, *values: int) -> "Bits":
        """Exp-Golomb codes."""
        for value in values:
            code = f"{value + 1:b}"
            self.text += "0" * (len(code) - 1) + code
        return self

    def done(self) -> bytes:
        text = self.text + "1"
        text += "0" * (-len(text) % 8)
        return int(text, 2).to_bytes(len(text) // 8, "big")
