"""Honest films that were damaged: cut short, with bits turned over, or that are something else
besides a film.
"""

import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO

from tests.hostile.pictures import huge_jpeg, mov_of
from tests.hostile.workshop import Hostile, Workshop, encoded, jpeg, with_file
from tests.hostile.writing import (
    Tree,
    avi,
    avi_stream,
    box,
    chunk,
    element,
    full_box,
    mkv,
    mkv_block,
    number,
)

FILMS = ("mp4", "fragments", "mkv", "webm", "avi", "ts", "flv", "hevc")
SHARES = {"tenth": 0.1, "half": 0.5, "all-but-a-byte": None}
SEEDS = range(6)
SCRIPT = b"<script src=http://127.0.0.1/canary></script>"


def files() -> Iterator[Hostile]:
    for film in FILMS:
        for name, share in SHARES.items():
            yield _plain(f"{film}-{name}", "truncation", lambda f=film, s=share: _cut(f, s))
        for seed in SEEDS:
            yield _plain(f"{film}-seed-{seed}", "bit flips", lambda f=film, s=seed: _flipped(f, s))
    for name, make in POLYGLOTS.items():
        yield _plain(name, "polyglot", make)
    for name, attached in ATTACHMENTS.items():
        yield Hostile(name, "attachment", lambda s, a=attached: _attached(*a))
    for name, captions in CAPTIONS.items():
        yield Hostile(name, "caption script", lambda s, c=captions: _captioned(*c))
    for name, made in EXTRAS.items():
        yield Hostile(name, "odd content", made)


def _plain(name: str, family: str, make: Callable[[], bytes]) -> Hostile:
    return Hostile(name, family, lambda s: make())


def _cut(film: str, share: float | None) -> bytes:
    data = encoded(film)
    return data[: -1 if share is None else int(len(data) * share)]


def _flipped(film: str, seed: int) -> bytes:
    """From a handful of bits to one in a hundred bytes; half of them in the first kilobytes."""
    chance = random.Random(f"{film}-{seed}")
    data = bytearray(encoded(film))
    for number_ in range(4 + seed * len(data) // 500):
        end = min(len(data), 4096) if number_ % 2 else len(data)
        data[chance.randrange(12, end)] ^= 1 << chance.randrange(8)
    return bytes(data)


# -- two kinds of file in one -------------------------------------------------------------------


def _zipped() -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(zipfile.ZipInfo("../../canary.sh"), "touch /tmp/canary\n")
    return held.getvalue()


def _in_free(content: bytes) -> bytes:
    """The film with a free box of that content at its head, and true offsets."""
    tree = Tree.read(encoded("mp4"))
    tree.children.insert(1, Tree(b"free", content))
    for table in tree.all(b"stco"):
        count = len(table.body) // 4 - 2
        head, *offsets = struct.unpack(f">{count + 2}I", table.body)[1:]
        moved = [offset + len(content) + 8 for offset in offsets]
        table.body = struct.pack(f">{count + 2}I", 0, head, *moved)
    return tree.write()


POLYGLOTS: dict[str, Callable[[], bytes]] = {
    "film-and-zip": lambda: encoded("mp4") + _zipped(),
    "film-and-page": lambda: _in_free(b"--><html>" + SCRIPT),
    "film-and-pdf": lambda: _in_free(b"%PDF-1.7\n1 0 obj<</OpenAction<</JS(app.alert(1))>>>>"),
    "film-and-shell": lambda: _in_free(b"\n#!/bin/sh\ncat canary.txt\n"),
    "film-and-program": lambda: _in_free(b"\x7fELF\x02\x01\x01" + b"\0" * 57),
    "film-and-php": lambda: encoded("flv") + b"<?php system($_GET['c']); ?>",
    "picture-and-film": lambda: jpeg() + encoded("mp4"),
    "gif-and-film": lambda: b"GIF89a" + encoded("mp4"),
    "page-and-film": lambda: b"<!--" + encoded("mp4") + b"--><html>" + SCRIPT,
    "film-in-film": lambda: _in_free(encoded("mkv")),
    "two-heads": lambda: encoded("mkv")[:64] + encoded("mp4"),
    "riff-and-matroska": lambda: b"RIFF" + struct.pack("<I", 4096) + b"AVI " + encoded("mkv"),
    "flash-program": lambda: b"FWS\x09" + encoded("flv"),
}

# -- what travels beside the picture ------------------------------------------------------------

ATTACHMENTS = {
    "font": ("a.ttf", b"\0\1\0\0" + b"\xff" * 5000, "application/x-truetype-font"),
    "font-collection": ("a.ttc", b"ttcf\0\2\0\0\xff\xff\xff\xff", "application/x-font-ttf"),
    "page": ("a.html", SCRIPT, "text/html"),
    "cover-bomb": ("cover.jpg", huge_jpeg(65_500, 65_500), "image/jpeg"),
    "cover-vector": ("cover.svg", b"<svg><image href='canary.txt'/></svg>", "image/svg+xml"),
    "empty": ("a", b"\n", "application/octet-stream"),
}
_ASS = (
    b"[Script Info]\nScriptType: v4.00+\n[V4+ Styles]\nFormat: Name, Fontname\n"
    b"Style: Default,../../canary.ttf\n[Fonts]\nfontname: a_0.ttf\n" + b"!" * 400 + b"\n[Events]\n"
    b"Format: Layer, Start, End, Style, Text\n"
    b"Dialogue: 0,0:00:00.00,0:00:02.00,Default,"
    b"{\\p1}m 0 0 l 99999999 99999999{\\t(0,1,\\fs9e9)}x\n"
)
_SRT = b"1\n00:00:00,000 --> 00:00:02,000\n" + SCRIPT + b"<font face='canary.ttf'>\n"
_VTT = b"WEBVTT\n\nSTYLE\n::cue{background:url(http://127.0.0.1/canary)}\n\n"
_VTT += b"00:00.000 --> 00:02.000\n" + SCRIPT + b"\n"
CAPTIONS = {
    "ass-in-mkv": ("a.ass", _ASS, "mkv", "copy"),
    "srt-in-mkv": ("a.srt", _SRT, "mkv", "srt"),
    "vtt-in-mkv": ("a.vtt", _VTT, "mkv", "webvtt"),
    "text-in-mp4": ("a.srt", _SRT, "mp4", "mov_text"),
    "long-line-in-mp4": ("a.srt", _SRT[:32] + b"x" * 60_000 + b"\n", "mp4", "mov_text"),
}


def _attached(name: str, content: bytes, kind: str) -> bytes:
    options = f"-map 0 -c copy -attach {{}} -metadata:s:t mimetype={kind}"
    return with_file(options, name, content)


def _captioned(name: str, content: bytes, base: str, codec: str) -> bytes:
    options = f"-i {{}} -map 0 -map 1 -c copy -c:s {codec}"
    return with_file(options, name, content, base)


def _titled(shop: Workshop) -> bytes:
    texts = (b"$(cat canary.txt)", b"; cat canary.txt", SCRIPT, b"%s%n" * 500, b"\xff\xfe" * 500)
    tags = [element(0x67C8, element(0x45A3, b"TITLE"), element(0x4487, text)) for text in texts]
    titles = element(0x7BA9, b"\n".join(texts)) + element(0x4D80, b"\0\x1b]0;canary\7")
    more = element(0x1254C367, element(0x7373, *tags))
    return mkv([mkv_block(jpeg(), n * 100) for n in range(20)], info=titles, more=more)


def _sound(channels: int, rate: int, width: int) -> bytes:
    form = struct.pack("<HHIIHH", 1, channels, rate, 0xFFFF_FFFF, channels * 2 & 0xFFFF, width)
    sound = avi_stream(b"auds", b"\1\0\0\0", chunk(b"strf", form), rate=44_100)
    pieces = [chunk(b"00dc", jpeg()), chunk(b"01wb", b"\x40\x20" * 4000)] * 20
    return avi(pieces, more_streams=[sound])


def _turned(matrix: tuple[int, ...]) -> bytes:
    tree = Tree.read(encoded("mp4"))
    shown = tree.one(b"tkhd")
    shown.body = shown.body[:40] + struct.pack(">9i", *matrix) + shown.body[76:]
    return tree.write()


def _without_samples() -> bytes:
    tree = Tree.read(encoded("mp4"))
    for table in tree.all(b"stsz"):
        count = struct.unpack_from(">I", table.body, 8)[0]
        table.body = struct.pack(">III", 0, 0, count) + b"\0\0\0\0" * count
    return tree.write()


def _mastered() -> bytes:
    """Light levels and a Dolby Vision record that make no sense."""
    extra = full_box(b"mdcv", b"\xff" * 24) + box(b"dvcC", b"\xff" * 24)
    extra += box(b"colr", b"nclx", b"\xff" * 7) + box(b"clli", b"\xff" * 4)
    return mov_of(b"jpeg", jpeg(), width=96, height=64, config=extra)


EXTRAS: dict[str, Callable[[Workshop], bytes]] = {
    "nothing": lambda s: b"",
    "one-byte": lambda s: b"\0",
    "titles": _titled,
    "sound-of-65535-channels": lambda s: _sound(65_535, 44_100, 16),
    "sound-of-255-channels": lambda s: _sound(255, 44_100, 16),
    "sound-of-a-billion-samples": lambda s: _sound(2, 0x7FFF_FFFF, 16),
    "sound-of-no-samples": lambda s: _sound(0, 0, 0),
    "turned-by-nothing": lambda s: _turned((0,) * 9),
    "turned-by-far-too-much": lambda s: _turned((2**31 - 1, -(2**31), 1) * 3),
    "packets-without-bytes": lambda s: _without_samples(),
    "colours-of-no-standard": lambda s: _mastered(),
    "unknown-codec": lambda s: mov_of(b"cana", jpeg(), width=96, height=64),
    "text-as-codec": lambda s: mkv(
        [mkv_block(jpeg(), 0)], more=element(0x1654AE6B, element(0xAE, number(0xD7, 1), SCRIPT))
    ),
    "timecodes-and-data": lambda s: (
        Tree.read(encoded("prores")).write() + box(b"tmcd", b"\xff" * 64)
    ),
}
