"""The demo lectures: what they say, on which pages, and the kind of file they become.

What belongs here: the shape of a lecture and reading it from `content/`, one TOML file each,
in the order of their names. What does not: drawing (`slides`), speaking (`voice`), making
files (`films`), and putting them into the library (the seeding command).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from lms.demo.typesetting import plain
from lms.demo.voice import Voice

SlideKind = Literal["cover", "section", "points", "figure", "closing"]
Container = Literal["mp4", "mov", "webm", "3gp", "mkv"]
Codec = Literal["h264", "hevc", "vp8", "vp9"]
Rotation = Literal[0, 90, 180, 270]

_CONTENT = Path(__file__).parent / "content"


@dataclass(frozen=True, kw_only=True)
class Film:
    """The file a lecture becomes. Width and height are what a viewer sees, upright."""

    container: Container
    codec: Codec
    width: int
    height: int
    fps: int
    rotation: Rotation = 0
    """Degrees clockwise that a player must turn the stored picture, as phones write it."""
    variable_rate: bool = False


@dataclass(frozen=True, kw_only=True)
class Slide:
    """One page. `spoken` are the sentences said over it, in order.

    With one sentence more than lines, the first introduces the heading and each further one
    goes with a line; with as many as lines, each goes with its line; otherwise the whole page
    is meant.
    """

    kind: SlideKind
    heading: str
    lines: tuple[str, ...]
    spoken: tuple[str, ...]
    figure: str
    unit: str
    first_number: int = 1
    """The number of the first line, where a list goes on from the page before."""

    def line_spoken_by(self, sentence: int) -> int | None:
        """The line that a sentence goes with, if it goes with one."""
        extra = len(self.spoken) - len(self.lines)
        if not self.lines or extra not in (0, 1) or len(self.lines) == 1:
            return None
        return sentence - extra if sentence >= extra else None


@dataclass(frozen=True, kw_only=True)
class DemoLecture:
    order: int
    slug: str
    title: str
    summary: str
    speaker: str
    organization_code: str
    """A county's or township's code in the administrative tree of the demo."""
    organization_name: str
    subject: str
    """A value of `cms.models.Subject`."""
    motif: str
    voice: Voice
    film: Film
    slides: tuple[Slide, ...]

    @property
    def file_name(self) -> str:
        return f"{self.slug}.{self.film.container}"


def _slide(data: dict[str, Any], *, cover: str) -> Slide:
    kind = data.get("kind", "points")
    return Slide(
        kind=cast(SlideKind, kind),
        heading=cover if kind == "cover" else data["heading"],
        lines=tuple(data.get("lines", ())),
        spoken=tuple(data["spoken"]),
        figure=data.get("figure", ""),
        unit=data.get("unit", ""),
        first_number=data.get("first_number", 1),
    )


def lecture_read(*, path: Path, order: int) -> DemoLecture:
    """Read one lecture; raises KeyError, TypeError or ValueError on a malformed file."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return DemoLecture(
        order=order,
        slug=data["slug"],
        title=plain(data["title"]),
        summary=data["summary"],
        speaker=data["speaker"],
        organization_code=data["organization_code"],
        organization_name=data["organization_name"],
        subject=data["subject"],
        motif=data["motif"],
        voice=Voice[data["voice"].upper()],
        film=Film(**data["film"]),
        slides=tuple(_slide(slide, cover=data["cover"]) for slide in data["slides"]),
    )


LECTURES: tuple[DemoLecture, ...] = tuple(
    lecture_read(path=path, order=order)
    for order, path in enumerate(sorted(_CONTENT.glob("*.toml")), start=1)
)
"""All lectures in the order in which they are to be shown; the first three are the quickest."""
