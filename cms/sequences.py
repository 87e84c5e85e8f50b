"""What comes next in the row that one comes from: a collection, a menu, a programme, a class; else
the next part of the lecture's production.

A link into a row carries its name (`?in=collection-3`), so nothing is remembered about anybody.
Rooms register how what follows in a row of theirs is found for a person; a row that the person may
not see does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Subquery
from django.http import HttpRequest

from cms.cards import LectureCard, lecture_cards, with_cards
from cms.models import LecturePage

_NAME = re.compile(r"([a-z]+)-(\d{1,9})", re.ASCII)


@dataclass(frozen=True)
class Follower:
    """A published lecture, and the row in which it follows; `is_locked` until the one that one
    watches is learnt. No lecture: only the row leads on.
    """

    lecture: LecturePage | None
    title: str
    url: str
    is_locked: bool = False


@dataclass(frozen=True)
class Next:
    """The same as a card that leads on in the row."""

    card: LectureCard | None
    title: str
    url: str
    is_locked: bool = False


# The row's key, the lecture that one watches; in a few queries, beside those that every page has.
Finder = Callable[[int, LecturePage, HttpRequest], Follower | None]
_finders: dict[str, Finder] = {}


def row_finder(kind: str, find: Finder) -> None:
    """Register a kind of row."""
    _finders[kind] = find


def in_row(url: str, kind: str, key: int) -> str:
    """The address of a lecture, coming from the row; "" stays "" (it leads nowhere)."""
    return f"{url}?in={kind}-{key}" if url else ""


def cards_in_row(cards: Iterable[LectureCard], kind: str, key: int) -> None:
    for card in cards:
        card.url = in_row(card.url, kind, key)


def item_after(items: QuerySet[Any], page: LecturePage) -> Any:
    """Of the items of one row (`cms.curated.OrderedLecture`) the next that is published."""
    here = items.filter(lecture=page.pk)
    place, key = Subquery(here.values("position")[:1]), Subquery(here.values("pk")[:1])
    later = items.filter(Q(position__gt=place) | Q(position=place, pk__gt=key), lecture__live=True)
    return with_cards(later).order_by("position", "pk").first()


def next_lecture(
    page: LecturePage, request: HttpRequest, *, parts: Sequence[LecturePage] = ()
) -> Next | None:
    """In the row that the address names, else in `parts`; None at the end."""
    match = _NAME.fullmatch(request.GET.get("in", ""))
    find = _finders.get(match[1]) if match else None
    if find is not None and match is not None:
        found = find(int(match[2]), page, request)
        if found is None:
            return None
        if found.lecture is None:
            return Next(None, found.title, found.url)
        (card,) = lecture_cards([found.lecture], request=request)
        card.url = in_row(card.url, match[1], int(match[2]))
        return Next(card, found.title, found.url, found.is_locked)
    keys = [part.pk for part in parts]
    following = parts[keys.index(page.pk) + 1 :][:1] if page.pk in keys else []
    cards = lecture_cards(following, request=request)
    whole = parts[0].production if parts else None
    return Next(cards[0], whole.title, "") if cards and whole else None
