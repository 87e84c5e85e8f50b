"""The items of a class as one learner sees them: watch strip, what is missing, what is next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from cms.cards import LectureCard, lecture_card
from cms.durations import duration_text
from cms.models import LecturePage
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
    seconds: int
    url: str


@dataclass
class Item:
    """What templates/components/class_item.html shows. `lecture` is None of sessions and texts."""

    pk: int
    number: int
    content: str
    title: str
    url: str
    is_required: bool
    state: str
    lecture: LectureCard | None = None
    completed_at: dt.datetime | None = None
    missing_text: str = ""
    missing: list[MissingSpan] = field(default_factory=list)
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    place: str = ""
    group: str = ""
    hours: Decimal | None = None
    is_locked: bool = False

    @property
    def can_be_next(self) -> bool:
        return self.state != "done" and bool(self.url) and not self.is_locked

    @property
    def longest_missing(self) -> MissingSpan | None:
        """The one that large print shows, for one tap."""
        return max(self.missing, key=lambda span: span.seconds, default=None)

    @property
    def is_to_come(self) -> bool:
        """A session that one can still go to."""
        return self.content == ClassItem.Content.SESSION and self.state == "none"


def class_items(
    items: Iterable[ClassItem],
    *,
    strips: dict[int, Strip],
    done: dict[int, dt.datetime],
    request: HttpRequest | None,
    now: dt.datetime,
    is_sequential: bool = False,
) -> list[Item]:
    """Items in their order; load them with `ITEM_PARTS`. In a sequential class a required item is
    locked as long as one before it could be learnt.
    """
    found, waits = [], False
    for number, item in enumerate(items, start=1):
        shown = _item(item, number, strips, done.get(item.pk), request, now)
        if is_sequential and item.is_required:
            shown.is_locked = waits and shown.state == "none" and bool(shown.url)
            waits = waits or shown.can_be_next
        found.append(shown)
    return found


# What a row of items needs, for `select_related`.
ITEM_PARTS = ("lecture__asset", "lecture__organization", "collection")


def _item(
    item: ClassItem,
    number: int,
    strips: dict[int, Strip],
    completed_at: dt.datetime | None,
    request: HttpRequest | None,
    now: dt.datetime,
) -> Item:
    shown = Item(
        pk=item.pk,
        number=number,
        content=item.content,
        title=item.name,
        url="",
        is_required=item.is_required,
        state="done" if completed_at else "none",
        completed_at=completed_at,
        starts_at=item.starts_at,
        ends_at=item.ends_at,
        place=item.place,
        hours=item.hours,
    )
    if item.lecture is not None:
        strip = strips.get(item.lecture.pk)
        _lecture(shown, item, item.lecture, strip, request=request, now=now)
    elif item.is_reading:
        shown.url = reverse("classes:reading", args=[item.training_class_id, item.pk])
    elif item.ends_at is not None and item.ends_at < now and not completed_at:
        shown.state = "part"
        shown.missing_text = _("You are not on the list of this session.")
    return shown


def _lecture(
    shown: Item,
    item: ClassItem,
    lecture: LecturePage,
    strip: Strip | None,
    *,
    request: HttpRequest | None,
    now: dt.datetime,
) -> None:
    card = replace(
        lecture_card(lecture, request=request, now=now), strip=strip, is_required=item.is_required
    )
    shown.group = item.collection.title if item.collection is not None else ""
    shown.lecture = card
    card.url = in_row(card.url, "class", item.training_class_id) if lecture.live else ""
    shown.url = card.url
    if shown.state == "done":
        return
    if not lecture.live:
        shown.state = "part"
        shown.missing_text = _("This lecture is being revised and will come back.")
    elif strip is not None and strip.state != "none":
        shown.state = "part"
        shown.missing_text = missing_text(strip.missing_seconds)
        shown.missing = missing_spans(strip, card.url)


def missing_spans(strip: Strip, url: str) -> list[MissingSpan]:
    """The longest few spans, in the order of the recording."""
    longest = sorted(strip.missing(), key=lambda span: span[0] - span[1])[:MOST_SPANS]
    return [
        MissingSpan(
            start_text=clock_text(start),
            end_text=clock_text(end),
            length_text=duration_text(end - start),
            seconds=end - start,
            url=f"{url}{'&' if '?' in url else '?'}t={start}",
        )
        for start, end in sorted(longest)
    ]


def next_item(items: Iterable[Item], standing: Standing) -> Item | None:
    """What to learn now: required lectures first, those already begun before the others.

    Electives only as long as the class asks for more of them; nothing when all is done.
    """
    electives_open = standing.elective_done < standing.elective_needed
    asked = [item for item in items if item.is_required or electives_open]
    return min((item for item in asked if item.can_be_next), key=_rank, default=None)


def _rank(item: Item) -> tuple[bool, bool, int]:
    return (not item.is_required, item.state != "part", item.number)
