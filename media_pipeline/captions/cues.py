"""Cues and the one way they are written: strict WebVTT (W3C WebVTT 1, section 3). Pure.

What stands in a cue's `text` is already safe: characters that could be markup are escaped, and of
tags only b, i and u are left, closed and nested. Nothing else can be written: no style, no region,
no class, no voice, no note.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

MOST_CUES = 20_000
MOST_BYTES = 1_000_000
LONGEST_MS = 24 * 3_600_000


class Fault(StrEnum):
    """What is wrong with a caption file. The sentences are in `messages`."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    ENCODING = "encoding"
    NO_CUES = "no_cues"
    TIME = "time"  # cannot be read
    ORDER = "order"  # ends before it begins
    TOO_LATE = "too_late"  # begins after the recording has ended


class CaptionFault(Exception):
    """The file is no captions that we take; `cue` counts from 1, 0 when no cue is meant."""

    def __init__(self, fault: Fault, *, cue: int = 0, text: str = "") -> None:
        super().__init__(f"{fault} at {cue}: {text}" if cue else str(fault))
        self.fault = fault
        self.cue = cue
        self.text = text


@dataclass(frozen=True)
class Cue:
    """`start` and `end` in milliseconds; `settings` only as `reading` lets them through."""

    start: int
    end: int
    text: str
    settings: tuple[str, ...] = ()


def write_vtt(cues: Iterable[Cue]) -> str:
    """The file that browsers get. Raises CaptionFault(TOO_LARGE)."""
    blocks = ["WEBVTT"]
    for cue in cues:
        times = f"{timestamp(cue.start)} --> {timestamp(cue.end)}"
        blocks.append(f"{' '.join([times, *cue.settings])}\n{cue.text}")
    text = "\n\n".join(blocks) + "\n"
    if len(text.encode()) > MOST_BYTES:
        raise CaptionFault(Fault.TOO_LARGE)
    return text


def timestamp(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"
