"""What somebody may be about to type: titles, speakers, subjects and units that hold the letters.

Starts at the lectures that the person may see, like the search; the letters may be initials of
pinyin as well. Nothing is kept of what anybody typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from cms.finding.fields import BY_NUMBER, FIELDS, TITLE, SearchField
from cms.finding.folding import fold
from cms.finding.initials import may_be_initials
from cms.finding.marking import Part, marked
from cms.finding.models import LectureCellQuerySet, texts_holding
from cms.finding.searching import LONGEST
from cms.models import LecturePage, ShelfPage

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
    seen: LectureCellQuerySet, typed: str, *, library_url: str, request: HttpRequest | None
) -> list[Suggestion]:
    """The best few of each kind, newest lectures first. A title leads to its lecture, a speaker or
    subject to what it would find, a unit to its shelf.
    """
    word = fold(typed[:LONGEST])
    if not word:
        return []
    rows = _rows(seen, word)
    urls = _urls([row.newest for row in rows if row.field is TITLE], request)
    found = []
    for row in rows:
        url = urls.get(row.newest, "") if row.field is TITLE else ""
        url = url or f"{library_url}?{urlencode({'q': row.text})}"
        parts = marked(row.text, [word], row.letters)
        found.append(Suggestion(row.field.name, row.text, parts, url))
    return found + _places(seen, typed.strip(), word, request)


def _most(field: SearchField) -> int:
    return MOST_TITLES if field is TITLE else MOST_OTHERS


@dataclass(frozen=True)
class _Row:
    """A text, the newest lecture that has it, and the letters of pinyin by which it was found."""

    field: SearchField
    text: str
    newest: int
    letters: str


def _rows(seen: LectureCellQuerySet, word: str) -> list[_Row]:
    """Of each field the different texts with the newest lectures, those that are so written first;
    in one statement.
    """
    fields = [one.number for one in FIELDS if one.suggested]
    lettered = [one.number for one in FIELDS if one.suggested and len(word) >= one.initials_from]
    held, params = texts_holding(word, fields, initials=False)
    held = f"SELECT held.*, FALSE AS initials FROM ({held}) AS held"
    if lettered and may_be_initials(word):
        letters, of_letters = texts_holding(word, lettered, initials=True)
        held += f" UNION ALL SELECT letters.*, TRUE AS initials FROM ({letters}) AS letters"
        params += of_letters
    columns = ("lecture_id", "first_published_at")
    cells, of_cells = seen.order_by().values_list(*columns).query.sql_with_params()
    sql = f"""
        SELECT field, initials, text, folded, newest FROM (
            SELECT kept.field, kept.initials, kept.text, kept.folded,
                MAX(kept.lecture_id) AS newest, ROW_NUMBER() OVER (
                    PARTITION BY kept.field, kept.initials
                    ORDER BY MAX(cell.first_published_at) DESC, MAX(kept.lecture_id) DESC
                ) AS place
            FROM ({held}) AS found
            JOIN ({cells}) AS cell ON cell.lecture_id = found.lecture_id
            JOIN cms_searchtext AS kept ON kept.lecture_id = found.lecture_id
                AND kept.field = found.field AND kept.initials = found.initials
            GROUP BY kept.field, kept.initials, kept.text, kept.folded
        ) AS best WHERE place <= {MOST_TITLES} ORDER BY field, initials, place
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, *of_cells])
        answered = cursor.fetchall()
    found: dict[int, dict[str, _Row]] = {number: {} for number in fields}
    for number, initials, text, folded, newest in answered:
        field, texts = BY_NUMBER[number], found[number]
        if len(texts) < _most(field) and text not in texts:
            texts[text] = _Row(field, text, newest, folded if initials else "")
    return [row for texts in found.values() for row in texts.values()]


def _urls(pks: list[int], request: HttpRequest | None) -> dict[int, str]:
    found = LecturePage.objects.order_by().only("url_path").in_bulk(pks)
    return {pk: page.get_url(request) or "" for pk, page in found.items()}


def _places(
    seen: LectureCellQuerySet, typed: str, word: str, request: HttpRequest | None
) -> list[Suggestion]:
    """Shelves of units so called, where the person would find something."""
    below = seen.filter(path__startswith=OuterRef("path"))
    shelves = ShelfPage.objects.live().filter(Exists(below), title__icontains=typed)
    return [
        Suggestion(PLACE, shelf.title, marked(shelf.title, [word]), shelf.get_url(request) or "")
        for shelf in shelves.order_by("organization__path")[:MOST_OTHERS]
    ]
