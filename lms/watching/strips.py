"""Watch strips: what people have watched, ready to be drawn and put into words.

Read-only, a fixed number of queries for any number of people and lectures. How a strip looks is in
`templates/components/watch_strip.html`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cms.models import LecturePage
from lms.watching.evidence import Bitmap, coverage, missing, union, whole_seconds
from lms.watching.models import Completion, PlaySession
from media_pipeline.models import VideoAsset

# Gaps narrower than this share of the strip are not visible; closing them bounds the drawing.
FINEST = 1 / 400


@dataclass(frozen=True, slots=True)
class Strip:
    """`seen` is the bitmap of `seconds` whole seconds, the union over counted sessions."""

    seconds: int
    seen: bytes
    completed_at: dt.datetime | None = None

    @property
    def completed(self) -> bool:
        return self.completed_at is not None

    @property
    def percent(self) -> int:
        """Watched percent of what counts; 100 only when nothing of it is missing."""
        return int(coverage(self._bitmap, self.seconds) * 100)

    @property
    def state(self) -> str:
        """`done`, `part` or `none`."""
        return "done" if self.completed else "part" if self.seen else "none"

    def segments(self) -> list[tuple[float, float]]:
        """What to draw: (start, width) as shares of the whole."""
        merged: list[list[int]] = []
        for start, end in self._bitmap.runs():
            if merged and start - merged[-1][1] < self.seconds * FINEST:
                merged[-1][1] = end
            else:
                merged.append([start, end])
        return [(start / self.seconds, (end - start) / self.seconds) for start, end in merged]

    def missing(self) -> list[tuple[int, int]]:
        """Spans (from, to) in seconds that are still to be watched; none once completed."""
        return [] if self.completed else missing(self._bitmap, self.seconds)

    @property
    def missing_seconds(self) -> int:
        return sum(end - start for start, end in self.missing())

    @property
    def _bitmap(self) -> Bitmap:
        return Bitmap.from_bytes(self.seen, self.seconds)


def watch_strips(*, user: Any, assets: Iterable[VideoAsset]) -> dict[uuid.UUID, Strip]:
    """The person's strips by recording, empty ones included; recordings without length left out."""
    lengths = {asset.pk: asset.duration for asset in assets}
    seen = _seen({user.pk}, lengths)
    completed = dict(
        Completion.objects.filter(user=user, asset__in=lengths)
        .order_by("-completed_at")
        .values_list("asset_id", "completed_at")
    )
    return {
        pk: _strip(duration, seen.get((user.pk, pk)), completed.get(pk))
        for pk, duration in lengths.items()
        if duration
    }


def lecture_strips(*, user: Any, lectures: Iterable[LecturePage]) -> dict[int, Strip]:
    """The person's strips by lecture. Two queries; see `people_strips`."""
    strips = people_strips(user_ids=[user.pk], lectures=lectures)
    return {lecture: strip for (_, lecture), strip in strips.items()}


def people_strips(
    *, user_ids: Iterable[int], lectures: Iterable[LecturePage]
) -> dict[tuple[int, int], Strip]:
    """Strips by (person, lecture), for every pair with a recording of known length.

    A completion counts for the lecture whatever version of the recording it was earned with; the
    drawing shows the present one. `lectures` come with their `asset` selected.
    """
    people = set(user_ids)
    playable = [
        (lecture.pk, lecture.asset.pk, lecture.asset.duration)
        for lecture in lectures
        if lecture.asset is not None and lecture.asset.duration
    ]
    seen = _seen(people, {asset for _, asset, _ in playable})
    completed: dict[tuple[int, int], dt.datetime] = {}
    rows = Completion.objects.filter(user__in=people, lecture__in=[pk for pk, _, _ in playable])
    for user_id, lecture_id, at in rows.values_list("user_id", "lecture_id", "completed_at"):
        key = (user_id, lecture_id)
        completed[key] = min(completed.get(key, at), at)
    return {
        (person, pk): _strip(duration, seen.get((person, asset)), completed.get((person, pk)))
        for person in people
        for pk, asset, duration in playable
    }


def _seen(people: set[int], assets: Iterable[uuid.UUID]) -> dict[tuple[int, uuid.UUID], Bitmap]:
    found: dict[tuple[int, uuid.UUID], Bitmap] = {}
    rows = (
        PlaySession.objects.counted()
        .filter(user__in=people, asset__in=list(assets), accepted__gt=0)
        .values_list("user_id", "asset_id", "seen")
    )
    for user_id, asset_id, seen in rows:
        key = (user_id, asset_id)
        found[key] = union((found.get(key, Bitmap()), Bitmap.from_bytes(bytes(seen))))
    return found


def _strip(duration: float, seen: Bitmap | None, completed_at: dt.datetime | None) -> Strip:
    seconds = whole_seconds(duration)
    clipped = (seen or Bitmap()) & Bitmap.span(0, seconds)
    return Strip(seconds=seconds, seen=clipped.to_bytes(), completed_at=completed_at)
