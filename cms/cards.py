"""Lectures as cards: what every list of lectures shows, in no further query.

The watch strip and whatever else a room knows about a person's lecture is put on the card by that
room (`dataclasses.replace`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from cms.durations import duration_text
from cms.models import LecturePage
from media_pipeline.delivery import poster_for

NEW_DAYS = 14
# What a poster shows of a recording.
OF_POSTER = ("state", "package", "poster", "duration", "width", "height")
# What of a lecture a card shows, with the length that its watch strip is drawn by.
CARD = (
    *("title", "url_path", "live", "first_published_at", "speaker", "is_premium"),
    *(f"asset__{name}" for name in OF_POSTER),
    "organization__name",
)


def with_cards(rows: QuerySet[Any], to: str = "lecture") -> QuerySet[Any]:
    """Rows that lead to a lecture, with what its card shows of it and nothing else: to ask for all
    of a lecture's columns takes longer than to answer the question.
    """
    own = [field.name for field in rows.model._meta.concrete_fields]
    shown = [f"{to}__{name}" for name in CARD]
    return rows.select_related(f"{to}__asset", f"{to}__organization").only(*own, *shown)


@dataclass
class LectureCard:
    """What templates/components/lecture_card.html shows."""

    id: int
    title: str
    url: str
    poster_url: str
    duration_text: str
    unit_name: str
    speaker: str
    is_portrait: bool
    is_new: bool = False
    is_premium: bool = False
    strip: Any = None
    is_required: bool | None = None
    resume_text: str = ""


def lecture_cards(
    lectures: Iterable[LecturePage],
    *,
    request: HttpRequest | None = None,
    now: dt.datetime | None = None,
) -> list[LectureCard]:
    """Cards in the order of `lectures`; see `LecturePage.objects.for_cards` and `with_cards`."""
    now = now or timezone.now()
    return [lecture_card(lecture, request=request, now=now) for lecture in lectures]


def lecture_card(
    lecture: LecturePage, *, request: HttpRequest | None, now: dt.datetime
) -> LectureCard:
    asset, published = lecture.asset, lecture.first_published_at
    return LectureCard(
        id=lecture.pk,
        title=lecture.title,
        url=lecture.get_url(request) or "",
        # A signed address opens the whole package, so a withdrawn lecture gives none.
        poster_url=poster_for(asset, now=now) if asset and lecture.live else "",
        duration_text=duration_text(asset.duration if asset else None),
        unit_name=lecture.organization.name if lecture.organization else "",
        speaker=lecture.speaker,
        is_portrait=bool(asset and asset.is_portrait),
        is_premium=lecture.is_premium,
        is_new=published is not None and now - published < dt.timedelta(days=NEW_DAYS),
    )
