"""What comes next in the row that one comes from: a collection, a menu, a programme, a class, a
production.

A link into a row carries its name (`?in=collection-3`), so nothing is remembered about anybody.
Rooms register how a row of theirs is found for a person; a row that the person may not see does
not exist.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from cms.cards import LectureCard, lecture_cards
from cms.models import LecturePage

_NAME = re.compile(r"([a-z]+)-(\d{1,9})", re.ASCII)


@dataclass(frozen=True)
class Row:
    """Lectures in an order, by key, also those that are not published now."""

    title: str
    url: str
    lectures: list[int]


@dataclass(frozen=True)
class Next:
    """The card of what follows, and in which row."""

    card: LectureCard
    title: str
    url: str


Finder = Callable[[int, Any], Row | None]
_finders: dict[str, Finder] = {}


def row_finder(kind: str, find: Finder) -> None:
    """Register a kind of row; `find(key, user)` answers None for what the user may not see."""
    _finders[kind] = find


def in_row(url: str, kind: str, key: int) -> str:
    """The address of a lecture, coming from the row; "" stays "" (it leads nowhere)."""
    return f"{url}?in={kind}-{key}" if url else ""


def cards_in_row(cards: Iterable[LectureCard], kind: str, key: int) -> None:
    for card in cards:
        card.url = in_row(card.url, kind, key)


def next_in_row(page: LecturePage, request: HttpRequest) -> Next | None:
    """By the row that the address names, else by the lecture's production. None at its end.

    Queries: those of the finder, and one.
    """
    name = request.GET.get("in", "")
    if not (match := _NAME.fullmatch(name)) and page.production_id is not None:
        match = _NAME.fullmatch(f"production-{page.production_id}")
    find = _finders.get(match[1]) if match else None
    row = find(int(match[2]), request.user) if find and match else None
    if row is None or match is None or page.pk not in row.lectures:
        return None
    later = row.lectures[row.lectures.index(page.pk) + 1 :]
    found = LecturePage.objects.visible_to(request.user).filter(pk__in=later).for_cards()
    following = min(found, key=lambda one: later.index(one.pk), default=None)
    if following is None:
        return None
    cards = lecture_cards([following], request=request)
    cards_in_row(cards, match[1], int(match[2]))
    return Next(cards[0], row.title, row.url)
