"""`Range: bytes=…` of RFC 9110 for one range, judged as nginx judges it. Pure."""

import re
from dataclasses import dataclass

SINGLE = re.compile(r"bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.ASCII | re.IGNORECASE)


class RangeNotSatisfiable(Exception):
    """Nothing of the file lies in the range, or the range cannot be read (416)."""


@dataclass(frozen=True)
class Span:
    """Bytes `start` to `end`, end not included."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


def read_range(header: str, size: int) -> Span | None:
    """The part of a file of `size` bytes that is asked for; None means the whole file.

    Another unit than bytes and lists of ranges are answered with the whole file, which RFC 9110
    allows. Raises RangeNotSatisfiable.
    """
    if not header[:6].lower().startswith("bytes=") or "," in header:
        return None
    match = SINGLE.fullmatch(header)
    if match is None or match.group(1) == match.group(2) == "":
        raise RangeNotSatisfiable(header)
    first, last = match.groups()
    if len(first) > 18 or len(last) > 18:
        raise RangeNotSatisfiable(header)
    if first == "":
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
    if start >= end:
        raise RangeNotSatisfiable(header)
    return Span(start, end)
