"""References of MOV and Matroska to other files: media that is said to lie elsewhere."""

import struct
import zlib
from collections.abc import Iterator

from tests.hostile.workshop import Hostile, Workshop, encoded, jpeg
from tests.hostile.writing import Tree, box, element, full_box, mkv, mkv_block, number

FAMILY = "external reference"


def files() -> Iterator[Hostile]:
    for name, entry in ENTRIES.items():
        yield Hostile(f"mov-{name}", FAMILY, lambda s, entry=entry: _referring(entry(s)))
    yield Hostile("mov-reference-movie", FAMILY, _reference_movie)
    yield Hostile("mov-reference-movie-and-film", FAMILY, _reference_movie_and_film)
    yield Hostile("mov-url-in-user-data", FAMILY, _url_in_user_data)
    yield Hostile("mov-heif-item-elsewhere", FAMILY, _item_elsewhere)
    yield Hostile("mov-compressed-index", FAMILY, _compressed_index)
    yield Hostile("mkv-next-segment", FAMILY, _next_segment)
    yield Hostile("mkv-tag-url", FAMILY, _tag_url)


def _url(address: str) -> bytes:
    return full_box(b"url ", address.encode() + b"\0")


def _alias(path: str, *, kind: bytes = b"alis", relative: bool = False) -> bytes:
    """A Mac OS alias record: volume, folder, file, then tagged strings with the path."""
    name = path.rsplit("/", 1)[-1].encode()
    levels = (1, 1) if relative else (-1, -1)
    record = b"\0" * 4 + struct.pack(">HHH", 150, 2, 0) + bytes([9]) + b"Macintosh".ljust(27, b"\0")
    record += b"\0" * 4 + b"H+\0\0" + b"\0" * 4 + bytes([min(63, len(name))])
    record += name[:63].ljust(63, b"\0")
    record += b"\0" * 16 + struct.pack(">hh", *levels) + b"\0" * 16
    for tag, text in ((2, path.encode()), (18, path.encode())):
        record += struct.pack(">hH", tag, len(text)) + text + b"\0" * (len(text) % 2)
    return full_box(kind, record + struct.pack(">hH", -1, 0))


ENTRIES = {
    "url-web": lambda s: _url(s.web),
    "url-file": lambda s: _url(f"file://{s.canary}"),
    "url-path": lambda s: _url(s.canary),
    "url-beside": lambda s: _url("canary.ts"),
    "url-climbing": lambda s: _url("../../../../../../etc/hostname"),
    "url-without-end": lambda s: full_box(b"url ", b"A" * 60_000),
    "urn": lambda s: full_box(b"urn ", b"urn:x\0" + s.web.encode() + b"\0"),
    "alias-path": lambda s: _alias(s.canary),
    "alias-beside": lambda s: _alias("canary.ts", relative=True),
    "alias-resource": lambda s: _alias(s.canary, kind=b"rsrc"),
    "alias-cut": lambda s: _alias(s.canary)[:60],
}


def _referring(entry: bytes) -> bytes:
    tree = Tree.read(encoded("mp4"))
    for reference in tree.all(b"dref"):
        reference.body = struct.pack(">II", 0, 1) + entry
    return tree.write()


def _reference_movie(shop: Workshop, kind: bytes = b"url ") -> bytes:
    data = shop.canary.encode() + b"\0"
    named = full_box(b"rdrf", kind, struct.pack(">I", len(data)), data)
    return box(b"ftyp", b"qt  \0\0\2\0qt  ") + box(b"moov", box(b"rmra", box(b"rmda", named)))


def _reference_movie_and_film(shop: Workshop) -> bytes:
    tree = Tree.read(encoded("mp4"))
    named = _reference_movie(shop)
    tree.one(b"moov").children.append(Tree(b"rmra", named[28:]))
    return tree.write()


def _url_in_user_data(shop: Workshop) -> bytes:
    tree = Tree.read(encoded("mp4"))
    address = shop.web.encode()
    tree.one(b"moov").children.append(Tree(b"udta", box(b"\xa9url", address) + box(b"WLOC", b"x")))
    return tree.write()


def _item_elsewhere(shop: Workshop) -> bytes:
    place = struct.pack(">BBHHHHHII", 0x44, 0, 1, 1, 1, 1, 0, 0, 64)
    meta = full_box(
        b"meta",
        full_box(b"hdlr", b"\0\0\0\0pict", b"\0" * 13),
        box(b"dinf", full_box(b"dref", struct.pack(">I", 1), _url(shop.canary))),
        full_box(b"iloc", place),
    )
    return encoded("mp4") + meta


def _compressed_index(shop: Workshop) -> bytes:
    """A compressed movie header (QuickTime) that says to unpack into two gigabytes."""
    packed = zlib.compress(b"\0" * 50_000_000, 9)
    said = struct.pack(">I", 0x7FFF_FFF0)
    packed_box = box(b"cmov", box(b"dcom", b"zlib"), box(b"cmvd", said, packed))
    return box(b"ftyp", b"qt  \0\0\2\0qt  ") + box(b"moov", packed_box)


def _pictures() -> list[bytes]:
    return [mkv_block(jpeg(), time * 100) for time in range(20)]


def _next_segment(shop: Workshop) -> bytes:
    names = element(0x7384, shop.canary.encode()) + element(0x3E83BB, b"canary.ts")
    identities = element(0x73A4, b"\1" * 16) + element(0x3EB923, b"\2" * 16)
    chapter = element(0xB6, number(0x73C4, 1), number(0x91, 0), element(0x6E67, b"\2" * 16))
    chapters = element(0x1043A770, element(0x45B9, number(0x45DD, 1), chapter))
    return mkv(_pictures(), info=names + identities, more=chapters)


def _tag_url(shop: Workshop) -> bytes:
    simple = element(0x67C8, element(0x45A3, b"URL"), element(0x4487, shop.web.encode()))
    return mkv(_pictures(), more=element(0x1254C367, element(0x7373, simple)))
