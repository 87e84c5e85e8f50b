"""The lectures of a class as one learner sees them: watch strip, what is missing, what is next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from django.http import HttpRequest
from django.utils.translation import gettext as _

from cms.cards import LectureCard, lecture_card
from cms.durations import duration_text
from cms.sequences import in_row
from lms.classes.criterion import Standing
from lms.classes.models import ClassItem
from lms.watching.strips import Strip
from lms.watching.wording import clock_text, missing_text

MOST_SPANS = 5


@dataclass(frozen=True)
class MissingSpan:
    """A stretch that is still to be watched, with a link that starts there."""

    start_text: str
    end_text: str
    length_text: str
    url: str


@dataclass
class Item:
    """What templates/components/class_item.html shows."""

    number: int
    lecture: LectureCard
    state: str
    completed_at: dt.datetime | None = None
    missing_text: str = ""
    missing: list[MissingSpan] = field(default_factory=list)

    @property
    def can_be_next(self) -> bool:
        return self.state != "done" and bool(self.lecture.url)


def class_items(
    items: Iterable[ClassItem],
    *,
    strips: dict[int, Strip],
    done: dict[int, dt.datetime],
    request: HttpRequest | None,
    now: dt.datetime,
) -> list[Item]:
    """Items in their order; load them with `lecture__asset` and `lecture__organization`."""
    return [
        class_item(
            item,
            number=number,
            strip=strips.get(item.lecture_id),
            completed_at=done.get(item.lecture_id),
            request=request,
            now=now,
        )
        for number, item in enumerate(items, start=1)
    ]


def class_item(
    item: ClassItem,
    *,
    number: int,
    strip: Strip | None,
    completed_at: dt.datetime | None,
    request: HttpRequest | None,
    now: dt.datetime,
) -> Item:
    card = replace(
        lecture_card(item.lecture, request=request, now=now),
        strip=strip,
        is_required=item.is_required,
    )
    card.url = in_row(card.url, "class", item.training_class_id)
    if completed_at is not None:
        return Item(number=number, lecture=card, state="done", completed_at=completed_at)
    if not item.lecture.live:
        card.url = ""
        text = _("This lecture is being revised and will come back.")
        return Item(number=number, lecture=card, state="part", missing_text=text)
    if strip is None or strip.state == "none":
        return Item(number=number, lecture=card, state="none")
    return Item(
        number=number,
        lecture=card,
        state="part",
        missing_text=missing_text(strip.missing_seconds),
        missing=missing_spans(strip, card.url),
    )


def missing_spans(strip: Strip, url: str) -> list[MissingSpan]:
    """The longest few spans, in the order of the recording."""
    longest = sorted(strip.missing(), key=lambda span: span[0] - span[1])[:MOST_SPANS]
    return [
        MissingSpan(
            start_text=clock_text(start),
            end_text=clock_text(end),
            length_text=duration_text(end - start),
            url=f"{url}{'&' if '?' in url else '?'}t={start}",
        )
        for start, end in sorted(longest)
    ]


def next_item(items: Iterable[Item], standing: Standing) -> Item | None:
    """What to learn now: required lectures first, those already begun before the others.

    Electives only as long as the class asks for more of them; nothing when all is done.
    """
    electives_open = standing.elective_done < standing.elective_needed
    asked = [item for item in items if item.lecture.is_required or electives_open]
    return min((item for item in asked if item.can_be_next), key=_rank, default=None)


def _rank(item: Item) -> tuple[bool, bool, int]:
    return (not item.lecture.is_required, item.state != "part", item.number)
