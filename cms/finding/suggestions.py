"""What somebody may be about to type: titles, speakers, subjects and units that hold the letters.

Starts at the lectures that the person may see, like the search; the letters may be initials of
pinyin as well. Nothing is kept of what anybody typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, Max, OuterRef
from django.http import HttpRequest

from cms.finding.fields import FIELDS, TITLE, SearchField
from cms.finding.folding import fold
from cms.finding.initials import may_be_initials
from cms.finding.marking import Part, marked
from cms.finding.models import SearchText
from cms.finding.searching import LONGEST
from cms.models import LecturePageQuerySet, ShelfPage

MOST_TITLES, MOST_OTHERS = 5, 2
PLACE = "place"


@dataclass(frozen=True)
class Suggestion:
    """`kind` is the name of a search field, or PLACE. `url` is where choosing it leads."""

    kind: str
    text: str
    parts: Sequence[Part]
    url: str

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "text": self.text,
            "parts": [[part.text, part.hit] for part in self.parts],
            "url": self.url,
        }


def suggestions(
    lectures: LecturePageQuerySet, typed: str, *, library_url: str, request: HttpRequest | None
) -> list[Suggestion]:
    """The best few of each kind, newest lectures first. A title leads to its lecture, a speaker or
    subject to what it would find, a unit to its shelf.
    """
    word = fold(typed[:LONGEST])
    if not word:
        return []
    found: list[Suggestion] = []
    for field in FIELDS:
        if not field.suggested:
            continue
        rows = _rows(lectures, field, word, initials=False)
        if len(word) >= field.initials_from and may_be_initials(word):
            known = {row["text"] for row in rows}
            letters = _rows(lectures, field, word, initials=True)
            rows += [row for row in letters if row["text"] not in known]
        rows = rows[: _most(field)]
        urls = _urls(lectures, rows, request) if field is TITLE else {}
        for row in rows:
            text = row["text"]
            url = urls.get(row["newest"]) or f"{library_url}?{urlencode({'q': text})}"
            letters_of = row["folded"] if row["initials"] else ""
            found.append(Suggestion(field.name, text, marked(text, [word], letters_of), url))
    return found + _places(lectures, typed.strip(), word, request)


def _most(field: SearchField) -> int:
    return MOST_TITLES if field is TITLE else MOST_OTHERS


def _rows(
    lectures: LecturePageQuerySet, field: SearchField, word: str, *, initials: bool
) -> list[dict[str, Any]]:
    """Different texts of the field, each with the newest lecture that has it."""
    texts: Any = SearchText.objects.holding(word, initials=initials)
    return list(
        texts.filter(field=field.number, lecture__in=lectures)
        .values("text", "folded", "initials")
        .annotate(at=Max("lecture__first_published_at"), newest=Max("lecture"))
        .order_by("-at", "-newest")[: _most(field)]
    )


def _urls(
    lectures: LecturePageQuerySet, rows: list[dict[str, Any]], request: HttpRequest | None
) -> dict[int, str]:
    found = lectures.filter(pk__in=[row["newest"] for row in rows])
    return {page.pk: page.get_url(request) or "" for page in found}


def _places(
    lectures: LecturePageQuerySet, typed: str, word: str, request: HttpRequest | None
) -> list[Suggestion]:
    """Shelves of units so called, where the person would find something."""
    below = lectures.filter(path__startswith=OuterRef("path"))
    shelves = ShelfPage.objects.live().filter(Exists(below), title__icontains=typed)
    return [
        Suggestion(PLACE, shelf.title, marked(shelf.title, [word]), shelf.get_url(request) or "")
        for shelf in shelves.order_by("organization__path")[:MOST_OTHERS]
    ]
