"""A workbook of the old kind (.xls, WPS's .et) by hand: BIFF8 records in an OLE2 container.

No more than a reader needs: sheets, texts and numbers, merged cells. What stands in a file may be
a lie, so each sheet is a list of ready records.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

SECTOR = 512
END, FREE, FAT_SECTOR = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
# Streams below this size would belong into the container's stream of small ones.
SMALL = 4096


def record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def text(value: str, *, short: bool = False) -> bytes:
    return struct.pack("<BB" if short else "<HB", len(value), 1) + value.encode("utf-16-le")


def cell(row: int, column: int, value: str | float) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, str):
        return record(0x0204, place + text(value))
    return record(0x0203, place + struct.pack("<d", value))


def merged(first_row: int, last_row: int, first_column: int, last_column: int) -> bytes:
    place = (1, first_row, last_row, first_column, last_column)
    return record(0x00E5, struct.pack("<5H", *place))


def sheet(rows: Sequence[Sequence[str | float | None]]) -> list[bytes]:
    return [
        cell(at, column, value)
        for at, row in enumerate(rows)
        for column, value in enumerate(row)
        if value is not None
    ]


def xls(*sheets: Sequence[bytes]) -> bytes:
    """The file with sheets of these records."""
    begin = struct.pack("<HHHHII", 0x0600, 0x0005, 0, 1997, 0, 6)
    names = [text(f"Sheet{number}", short=True) for number in range(1, len(sheets) + 1)]
    size = len(record(0x0809, begin)) + sum(10 + len(name) for name in names) + len(record(0x000A))
    places, bodies = [], []
    for records in sheets:
        places.append(size)
        body = record(0x0809, begin[:2] + struct.pack("<H", 0x0010) + begin[4:])
        bodies.append(body + b"".join(records) + record(0x000A))
        size += len(bodies[-1])
    bounds = (
        record(0x0085, struct.pack("<IBB", place, 0, 0) + name)
        for place, name in zip(places, names, strict=True)
    )
    return ole2(
        "Workbook", record(0x0809, begin) + b"".join(bounds) + record(0x000A) + b"".join(bodies)
    )


def ole2(name: str, stream: bytes) -> bytes:
    """A container of one stream: header, table of sectors, directory, the stream itself."""
    stream = stream.ljust(SMALL, b"\0")
    stream += bytes(-len(stream) % SECTOR)
    sectors = len(stream) // SECTOR
    tables = -(-(sectors + 2) // (SECTOR // 4 - 1))
    assert tables <= 109, "larger files need a table of tables"
    chain = [FAT_SECTOR] * tables + [END]
    first = tables + 1
    chain += [*range(first + 1, first + sectors), END]
    chain += [FREE] * (tables * SECTOR // 4 - len(chain))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<10I", 0, tables, tables, 0, SMALL, END, 0, END, 0, 0)[: 4 * 9]
    header += struct.pack("<109I", *range(tables), *[FREE] * (109 - tables))
    folder = _entry("Root Entry", 5, END, 0, child=1) + _entry(name, 2, first, len(stream))
    folder += _entry("", 0, 0, 0) * 2
    return header + struct.pack(f"<{len(chain)}I", *chain) + folder + stream


def _entry(name: str, kind: int, start: int, size: int, *, child: int = FREE) -> bytes:
    written = name.encode("utf-16-le")
    length = len(written) + 2 if name else 0
    data = written.ljust(64, b"\0") + struct.pack("<HBB3I", length, kind, 1, FREE, FREE, child)
    return data + bytes(36) + struct.pack("<IQ", start, size)
