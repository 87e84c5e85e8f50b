"""Pictures that claim a size which no memory holds: in the container, or in the stream alone."""

import struct
import zlib
from collections.abc import Callable, Iterator

from tests.hostile.workshop import Hostile, encoded, jpeg, sized
from tests.hostile.writing import Bits, Tree, avi, box, chunk, full_box, mkv, mkv_block, mkv_track

FAMILY = "pixel bomb"


def files() -> Iterator[Hostile]:
    for name, make in BOMBS.items():
        yield Hostile(name, FAMILY, lambda s, make=make: make())


def huge_jpeg(width: int, height: int) -> bytes:
    data = bytearray(jpeg())
    frame = data.index(b"\xff\xc0")
    struct.pack_into(">HH", data, frame + 5, height, width)
    return bytes(data)


def _png(width: int, height: int) -> bytes:
    def part(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 10_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", pixels) + part(b"IEND", b"")


def _jpeg2000(width: int, height: int) -> bytes:
    size = struct.pack(
        ">HHIIIIIIIIHBBB", 41, 0, width, height, 0, 0, width, height, 0, 0, 1, 7, 1, 1
    )
    style = struct.pack(">HBBHBBBBBB", 12, 0, 0, 1, 0, 5, 4, 4, 0, 0)
    return b"\xff\x4f\xff\x51" + size + b"\xff\x52" + style + b"\xff\xd9"


def mov_of(codec: bytes, picture: bytes, *, width: int, height: int, config: bytes = b"") -> bytes:
    """Twenty times the same picture in a QuickTime film that is otherwise in order."""
    count, entry = 20, bytearray(86)
    struct.pack_into(">I4s6xH", entry, 0, 86, codec, 1)
    struct.pack_into(">HH", entry, 32, width, height)
    struct.pack_into(">IIIH", entry, 36, 0x480000, 0x480000, 0, 1)
    struct.pack_into(">Hh", entry, 82, 24, -1)
    described = bytes(entry)[4:] + config
    media = picture * count
    table = box(
        b"stbl",
        full_box(b"stsd", struct.pack(">I", 1) + struct.pack(">I", len(described) + 4) + described),
        full_box(b"stts", struct.pack(">III", 1, count, 100)),
        full_box(b"stsc", struct.pack(">IIII", 1, 1, count, 1)),
        full_box(b"stsz", struct.pack(">II", len(picture), count)),
        full_box(b"stco", struct.pack(">II", 1, 32)),
    )
    here = box(b"dinf", full_box(b"dref", struct.pack(">I", 1), full_box(b"url ", flags=1)))
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    shown = struct.pack(">II", width << 16 & 0xFFFFFFFF, height << 16 & 0xFFFFFFFF)
    track = box(
        b"trak",
        full_box(
            b"tkhd", struct.pack(">IIIII", 0, 0, 1, 0, 2000), b"\0" * 16, matrix, shown, flags=7
        ),
        box(
            b"mdia",
            full_box(b"mdhd", struct.pack(">IIIII", 0, 0, 1000, 2000, 0)),
            full_box(b"hdlr", b"mhlrvide", b"\0" * 13),
            box(b"minf", full_box(b"vmhd", b"\0" * 8, flags=1), here, table),
        ),
    )
    head = full_box(b"mvhd", struct.pack(">IIII", 0, 0, 1000, 2000), b"\0" * 80)
    mark = box(b"ftyp", b"qt  \0\0\2\0qt  \0\0\0\0")
    return mark + box(b"mdat", media) + box(b"moov", head, track)


def _h264(blocks_wide: int, blocks_high: int, *, frames: int = 1) -> bytes:
    """An avcC whose sequence parameters claim a size, and a picture that does not fill it."""
    sps = (
        b"\x67\x42\xc0\x3e"
        + Bits()
        .ue(0, 0, 0, 0, frames)
        .u(0, 1)
        .ue(blocks_wide - 1, blocks_high - 1)
        .u(0b11000, 5)
        .done()
    )
    pps = b"\x68\xce\x38\x80"
    parameters = b"\x01\x42\xc0\x3e\xff\xe1" + struct.pack(">H", len(sps)) + sps
    parameters += b"\x01" + struct.pack(">H", len(pps)) + pps
    slice_ = b"\x65" + Bits().ue(0, 7, 0).u(0, 4).ue(0, 0).u(0, 2).ue(10, 0).done() + b"\x55" * 64
    picture = struct.pack(">I", len(slice_)) + slice_
    return mov_of(b"avc1", picture, width=96, height=64, config=box(b"avcC", parameters))


def _hevc(width: int, height: int) -> bytes:
    """The honest film with sequence parameters of our own in front of every picture."""
    profile = Bits().u(1, 8).u(0x60000000, 32).u(0, 48).u(186, 8)
    sps = Bits().u(0, 4).u(0, 3).u(1, 1)
    sps.text += profile.text
    sps.ue(0, 1, width, height).u(0, 1).ue(0, 0, 4).u(1, 1).ue(1, 0, 0, 0, 3, 0, 3, 0, 0)
    sps.u(0, 1).u(0, 1).u(0, 1).u(0, 1).ue(0).u(0, 1).u(0, 1).u(0, 1).u(0, 1).u(0, 1)
    unit = b"\x42\x01" + sps.done()
    tree = Tree.read(encoded("hevc"))
    table = tree.one(b"stsz")
    data = tree.one(b"mdat")
    one = struct.pack(">I", len(unit)) + unit
    count = struct.unpack_from(">I", table.body, 8)[0]
    table.body = table.body[:4] + struct.pack(">II", len(one), count)
    data.body = one * (len(data.body) // len(one) + 1)
    return tree.write()


def _av1(width: int, height: int) -> bytes:
    bits = Bits().u(0, 3).u(1, 1).u(1, 1).u(16, 5).u(15, 4).u(15, 4)
    bits.u(width - 1, 16).u(height - 1, 16).u(0, 3).u(0, 2).u(0, 1).u(0, 1).u(0, 1).u(0, 2).u(0, 1)
    sequence = bits.done()
    unit = b"\x12\x00\x0a" + bytes([len(sequence)]) + sequence
    frame = b"\x32\x40" + b"\x10" + b"\x55" * 63
    config = box(b"av1C", b"\x81\x00\x0c\x00" + b"\x0a" + bytes([len(sequence)]) + sequence)
    return mov_of(b"av01", unit + frame, width=96, height=64, config=config)


def _vp9(width: int, height: int) -> bytes:
    """Key frames with 16-bit sizes 36 bits into the frame header, patched in their blocks."""
    data = bytearray(encoded("vp9"))
    at = data.find(b"\x49\x83\x42")
    while at > 0:
        start = at - 1
        head = int.from_bytes(data[start : start + 12], "big")
        shift = 96 - 36 - 32
        head &= ~(0xFFFFFFFF << shift)
        head |= ((width - 1) << 16 | (height - 1)) << shift
        data[start : start + 12] = head.to_bytes(12, "big")
        at = data.find(b"\x49\x83\x42", at + 3)
    return bytes(data)


def _vp8(width: int, height: int) -> bytes:
    data = bytearray(encoded("webm"))
    at = data.find(b"\x9d\x01\x2a")
    while at > 0:
        struct.pack_into("<HH", data, at + 3, width, height)
        at = data.find(b"\x9d\x01\x2a", at + 3)
    return bytes(data)


def _prores(width: int, height: int) -> bytes:
    data = bytearray(encoded("prores"))
    at = data.find(b"icpf")
    while at > 0:
        struct.pack_into(">HH", data, at + 12, width, height)
        at = data.find(b"icpf", at + 4)
    return bytes(data)


def _declared(width: int, height: int) -> bytes:
    """Sizes in the sample description and the track's header only."""
    tree = Tree.read(encoded("mp4"))
    described, shown = tree.one(b"stsd"), tree.one(b"tkhd")
    body = bytearray(described.body)
    struct.pack_into(">HH", body, 40, width, height)
    described.body = bytes(body)
    shown.body = shown.body[:-8] + struct.pack(">II", width << 16, height << 16)
    return tree.write()


def _aspect(across: int, down: int) -> bytes:
    """Pixels of an absurd shape."""
    tree = Tree.read(encoded("mjpeg"))
    described = tree.one(b"stsd")
    extra = box(b"pasp", struct.pack(">II", across, down))
    count, size = struct.unpack_from(">II", described.body, 4)
    described.body = (
        described.body[:4]
        + struct.pack(">II", count, size + len(extra))
        + described.body[12:]
        + extra
    )
    return tree.write()


def _growing(pictures: list[bytes]) -> bytes:
    return mkv(mkv_block(picture, time * 100) for time, picture in enumerate(pictures))


def _jpegs_in_avi() -> bytes:
    return avi([chunk(b"00dc", huge_jpeg(65_500, 65_500)) for _ in range(20)])


BOMBS: dict[str, Callable[[], bytes]] = {
    "png-in-mov": lambda: mov_of(b"png ", _png(60_000, 60_000), width=96, height=64),
    "png-in-mov-declared": lambda: mov_of(
        b"png ", _png(60_000, 60_000), width=60_000, height=60_000
    ),
    "jpeg2000-in-mov": lambda: mov_of(b"mjp2", _jpeg2000(60_000, 60_000), width=96, height=64),
    "tiff-in-mov": lambda: mov_of(b"tiff", b"II*\0\x08\0\0\0", width=60_000, height=60_000),
    "gif-in-mov": lambda: mov_of(b"gif ", b"GIF89a\xff\xff\xff\xff\0\0\0", width=96, height=64),
    "raw-in-mov": lambda: mov_of(b"raw ", b"\0" * 64, width=60_000, height=60_000),
    "jpeg-in-mov": lambda: mov_of(b"jpeg", huge_jpeg(65_500, 65_500), width=96, height=64),
    "jpeg-in-mov-declared": lambda: mov_of(b"jpeg", jpeg(), width=65_500, height=65_500),
    "jpeg-in-avi": _jpegs_in_avi,
    "jpeg-in-mkv": lambda: _growing([huge_jpeg(65_500, 65_500)] * 20),
    "jpeg-flat-and-wide": lambda: _growing([huge_jpeg(65_500, 8)] * 20),
    "jpeg-at-the-limit": lambda: _growing([huge_jpeg(4096, 2304)] * 20),
    "h264-sequence": lambda: _h264(1024, 1024),
    "h264-sequence-with-16-references": lambda: _h264(256, 144, frames=16),
    "h264-in-transport": lambda: sized("6144x3456"),
    "hevc-sequence": lambda: _hevc(16_384, 16_384),
    "hevc-sequence-odd": lambda: _hevc(65_535, 1),
    "av1-sequence": lambda: _av1(65_536, 65_536),
    "vp9-frames": lambda: _vp9(65_536, 65_536),
    "vp9-frames-high": lambda: _vp9(16, 65_536),
    "vp8-frames": lambda: _vp8(16_383, 16_383),
    "prores-frames": lambda: _prores(65_535, 65_535),
    "declared-in-mp4": lambda: _declared(65_535, 65_535),
    "declared-nothing": lambda: _declared(0, 0),
    "declared-in-mkv": lambda: mkv(
        [mkv_block(jpeg(), 0)], tracks=mkv_track(width=1 << 40, height=1 << 40)
    ),
    "declared-in-avi": lambda: avi([chunk(b"00dc", jpeg())] * 20, width=1 << 30, height=1 << 30),
    "pixels-very-wide": lambda: _aspect(0x7FFFFFFF, 1),
    "pixels-very-high": lambda: _aspect(1, 0x7FFFFFFF),
    "pixels-of-nothing": lambda: _aspect(0, 0),
    "changing-to-a-bomb": lambda: _growing([jpeg()] * 10 + [huge_jpeg(65_500, 65_500)] * 10),
    "changing-to-the-limit": lambda: _growing([jpeg()] * 10 + [jpeg(4096, 2304)] * 6),
    "changing-with-every-picture": lambda: _growing([jpeg(), jpeg(640, 360), jpeg(64, 96)] * 7),
    "changing-in-transport": lambda: sized("96x64") + sized("1280x720") + sized("64x96"),
}
