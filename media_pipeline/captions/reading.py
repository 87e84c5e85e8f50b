"""Reading caption files as people have them: SRT or WebVTT, in any usual encoding. Pure.

Tolerant in form, strict in what gets through. A file whose times make no sense is refused with the
number of the cue, so that its owner can mend it; unknown markup is left out and its words stay.
"""

import codecs
import html
import re
from collections.abc import Iterator

from media_pipeline.captions.cues import (
    LONGEST_MS,
    MOST_BYTES,
    MOST_CUES,
    CaptionFault,
    Cue,
    Fault,
)

KEPT_TAGS = ("b", "i", "u")
# A little after the end is rounding of whoever made the file.
AFTER_THE_END_MS = 5_000
LONGEST_TEXT = 2_000
# No line of times is longer; a longer one with an arrow in it is text.
LONGEST_TIMES = 500

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ARROW = re.compile(r"^\s*(?P<start>\S[^>]*?)\s*--+>\s*(?P<end>\S+)(?P<settings>.*)$")
_TIME = re.compile(r"(?:(\d{1,2}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?", re.ASCII)
_SETTING = re.compile(
    r"line:(?:100|\d{1,2})%|position:(?:100|\d{1,2})%|size:(?:100|\d{1,2})%"
    r"|align:(?:start|center|end|left|right)",
    re.ASCII,
)
# What was once read is not tried again at another length: that would take square time.
_TAG = re.compile(r"<(/?)(?:([A-Za-z]++)[^<>]*+|[\d:.]*+)>|\{\\[^{}]*+\}", re.ASCII)
_ANY_TAG = re.compile(r"</?[biu]>")
# Not in a text that is to be shown: controls, and marks that turn or hide what follows.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u2069\ufeff]")
_HEADS = ("WEBVTT", "NOTE", "STYLE", "REGION")


def read_captions(data: bytes, *, duration: float | None = None) -> list[Cue]:
    """The cues of a file, in order of time. `duration` of the recording in seconds, if known.

    Raises CaptionFault.
    """
    if len(data) > MOST_BYTES:
        raise CaptionFault(Fault.TOO_LARGE)
    text = decode(data)
    if not text.strip():
        raise CaptionFault(Fault.EMPTY)
    cues = []
    for number, (head, lines) in enumerate(_blocks(text), start=1):
        if number > MOST_CUES:
            raise CaptionFault(Fault.TOO_MANY)
        cue = _cue(number, head, lines, duration)
        if cue is not None:
            cues.append(cue)
    if not cues:
        raise CaptionFault(Fault.NO_CUES)
    return sorted(cues, key=lambda cue: cue.start)


def decode(data: bytes) -> str:
    """Text of unknown encoding: by its mark, else UTF-8, UTF-16 by its zeros, GB18030."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], name)
    zeros = data[:2000].count(0)
    if zeros > len(data[:2000]) // 8:
        # Digits and arrows have their zero behind in little-endian files.
        behind = data[1:2000:2].count(0)
        return _decoded(data, "utf-16-le" if behind * 2 >= zeros else "utf-16-be")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded(data, "gb18030")


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as problem:
        raise CaptionFault(Fault.ENCODING) from problem


def _blocks(text: str) -> Iterator[tuple[re.Match[str], list[str]]]:
    """(line of times, lines of text) of each cue, without numbers, notes and style sheets."""
    head: re.Match[str] | None = None
    lines: list[str] = []
    skipping = False
    for line in [*re.split(r"\r\n|\r|\n", text), ""]:
        times = _ARROW.match(line) if "->" in line and len(line) <= LONGEST_TIMES else None
        if times is not None:
            if head is not None:
                # Without an empty line in between, the cue's number stands at the end of the text.
                yield head, lines[:-1] if lines and lines[-1].strip().isdigit() else lines
            head, lines, skipping = times, [], False
        elif not line.strip():
            if head is not None and lines:
                yield head, lines
                head = None
            skipping = False
        elif head is None:
            skipping = skipping or line.lstrip("\ufeff").startswith(_HEADS)
        elif not skipping:
            lines.append(line)
    if head is not None:
        yield head, lines


def _cue(number: int, head: re.Match[str], lines: list[str], duration: float | None) -> Cue | None:
    start = _milliseconds(number, head["start"])
    end = _milliseconds(number, head["end"])
    if end <= start:
        raise CaptionFault(Fault.ORDER, cue=number, text=f"{head['start']} --> {head['end']}")
    if duration is not None:
        last = round(duration * 1000)
        if start >= last + AFTER_THE_END_MS:
            raise CaptionFault(Fault.TOO_LATE, cue=number, text=head["start"])
        if start >= last:
            return None
        end = min(end, last)
    text = clean_text("\n".join(lines))
    if not text:
        return None
    settings = [word for word in head["settings"].split() if _SETTING.fullmatch(word)]
    one_of_each = {word.partition(":")[0]: word for word in settings}
    return Cue(start, end, text, tuple(one_of_each.values()))


def _milliseconds(number: int, text: str) -> int:
    match = _TIME.fullmatch(text)
    if match is None:
        raise CaptionFault(Fault.TIME, cue=number, text=text[:40])
    hours, minutes, seconds = int(match[1] or 0), int(match[2]), int(match[3])
    value = ((hours * 60 + minutes) * 60 + seconds) * 1000 + int((match[4] or "0").ljust(3, "0"))
    if minutes > 59 or seconds > 59 or value > LONGEST_MS:
        raise CaptionFault(Fault.TIME, cue=number, text=text[:40])
    return value


def clean_text(raw: str) -> str:
    """The text of a cue as WebVTT: escaped, with b, i and u closed and nested, no empty line."""
    raw = raw[:LONGEST_TEXT]
    open_tags: list[str] = []
    pieces: list[str] = []
    at = 0
    for tag in _TAG.finditer(raw):
        pieces.append(_escaped(raw[at : tag.start()]))
        at = tag.end()
        name = (tag[2] or "").lower()
        if name not in KEPT_TAGS:
            continue
        if not tag[1] and name not in open_tags:
            open_tags.append(name)
            pieces.append(f"<{name}>")
        elif tag[1] and name in open_tags:
            while open_tags:
                closed = open_tags.pop()
                pieces.append(f"</{closed}>")
                if closed == name:
                    break
    pieces.append(_escaped(raw[at:]))
    pieces += [f"</{name}>" for name in reversed(open_tags)]
    lines = [" ".join(line.split()) for line in "".join(pieces).split("\n")]
    text = "\n".join(line for line in lines if line)
    return text if _ANY_TAG.sub("", text).strip() else ""


def _escaped(text: str) -> str:
    text = _UNSEEN.sub("", html.unescape(text).replace("\r", "\n"))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
