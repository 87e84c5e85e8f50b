"""Which pictures of a film would do as its poster. Pure: numbers in, seconds out.

A poster shows something: it is not black, not one colour, not blurred. Sharpness is measured by
the width of edges (ffmpeg's blurdetect after Marziliano and others, 2002), what there is to see
by the entropy of brightness.
"""

import math
import re
from dataclasses import dataclass

CANDIDATES = 6
# Brightness from 0 to 255, entropy from 0 to 1, width of edges in pixels.
DARKEST, BRIGHTEST = 20, 250
LEAST_RANGE = 60
LEAST_ENTROPY = 0.04
WIDEST_EDGE = 12.0
# Above this a picture is busy, not better.
ENOUGH_ENTROPY = 0.7
# So that of the same view the sharper picture is better: blur makes entropy out of hard edges.
SHARPNESS = 8

_TIME = re.compile(r"^frame:\d+\s+pts:\S+\s+pts_time:(\S+)", re.MULTILINE)
_VALUE = re.compile(r"^lavfi\.(\S+)=(\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Look:
    """One picture: its second, mean brightness, range of brightness, entropy, width of edges."""

    second: float
    mean: float
    span: float
    entropy: float
    edge: float

    @property
    def shows_something(self) -> bool:
        return (
            DARKEST <= self.mean <= BRIGHTEST
            and self.span >= LEAST_RANGE
            and self.entropy >= LEAST_ENTROPY
            and 0 < self.edge <= WIDEST_EDGE
        )

    @property
    def score(self) -> float:
        """Larger is better; whatever shows something is above whatever does not."""
        if not self.shows_something:
            return min(1.0, max(0.0, self.entropy)) / 10
        return 1 + min(self.entropy, ENOUGH_ENTROPY) / ENOUGH_ENTROPY + SHARPNESS / (1 + self.edge)


def read_looks(text: str) -> list[Look]:
    """The pictures that `frames.look_command` told of, in order of time."""
    heads = list(_TIME.finditer(text))
    looks = []
    for number, head in enumerate(heads):
        until = heads[number + 1].start() if number + 1 < len(heads) else len(text)
        values = dict(_VALUE.findall(text, head.end(), until))
        looks.append(
            Look(
                second=_number(head[1]),
                mean=_number(values.get("signalstats.YAVG")),
                span=_number(values.get("signalstats.YMAX"))
                - _number(values.get("signalstats.YMIN")),
                entropy=_number(values.get("entropy.normalized_entropy.normal.Y")),
                edge=_number(values.get("blur")),
            )
        )
    return looks


def candidates(looks: list[Look], *, count: int = CANDIDATES) -> list[Look]:
    """At most `count` pictures from across the film, each the best of its stretch, best first.

    Only when no stretch shows anything are pictures that show nothing given.
    """
    if not looks:
        return []
    first, last = looks[0].second, looks[-1].second
    stretch = (last - first) / count or 1.0
    best: dict[int, Look] = {}
    for look in looks:
        place = min(count - 1, int((look.second - first) / stretch))
        if place not in best or look.score > best[place].score:
            best[place] = look
    found = sorted(best.values(), key=lambda look: (-look.score, look.second))
    return [look for look in found if look.shows_something] or found[:1]


def _number(text: str | None) -> float:
    try:
        value = float(text or "nan")
    except ValueError:
        return 0.0
    return value if math.isfinite(value) else 0.0
