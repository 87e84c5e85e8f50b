"""Lectures as cards: what every list of lectures shows, in no further query.

The watch strip and whatever else a room knows about a person's lecture is put on the card by that
room (`dataclasses.replace`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from cms.durations import duration_text
from cms.models import LecturePage
from media_pipeline.delivery import poster_for

NEW_DAYS = 14
# What of the rows of `for_cards()` a card shows; for long lists of cards and nothing else.
CARD = (
    *("title", "url_path", "live", "first_published_at", "speaker", "is_premium"),
    *(f"asset__{name}" for name in ("state", "package", "poster", "duration", "width", "height")),
    "organization__name",
)


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
    """Cards in the order of `lectures`; load these with `LecturePage.objects.for_cards()`."""
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
