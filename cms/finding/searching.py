"""What is found, in which order. Starts at the lectures that the person may see, always.

Each word is looked up in the index once and must stand somewhere in the lecture; where it stands
best decides the place: title before speaker, subject, summary and captions (`fields`), newer before
older. What is found is in memory as a few columns, so that counting and turning pages ask nothing
more of the database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Min, Value

from cms.finding.counting import Cell, fits
from cms.finding.facets import keys
from cms.finding.fields import FIELDS
from cms.finding.folding import query_words, unquoted
from cms.finding.initials import may_be_initials
from cms.finding.models import SearchText
from cms.models import LecturePageQuerySet

# Longer questions are cut; nobody types more into the box (`maxlength`).
LONGEST = 60


@dataclass(frozen=True)
class Hit:
    lecture_id: int
    rank: int
    # What it is under each filter, and where it stands.
    cell: Cell


@dataclass(frozen=True)
class Found:
    """Everything that was found, best first, before any filter.

    `by_initials`: nothing had the words as written, so they were taken for letters of pinyin.
    """

    words: Sequence[str]
    hits: Sequence[Hit]
    by_initials: bool = False

    @cached_property
    def cells(self) -> Mapping[Cell, int]:
        return Counter(hit.cell for hit in self.hits)

    def narrowed(self, wish: Sequence[str]) -> list[Hit]:
        met = {cell for cell in self.cells if fits(cell, wish)}
        return [hit for hit in self.hits if hit.cell in met]


def search(lectures: LecturePageQuerySet, query: str, *, place: Any = None) -> Found:
    """`lectures` are those that the person may see; `place` is an expression by which the results
    will be parted (the shelves of a page).
    """
    query = query[:LONGEST]
    words = query_words(query)
    found = Found(words, _looked_up(lectures, words, place))
    if found.hits or not words:
        return found
    plain = query_words(unquoted(query))
    if plain and plain != words:
        found = Found(plain, _looked_up(lectures, plain, place))
    if not found.hits and all(map(may_be_initials, plain)):
        found = Found(plain, _looked_up(lectures, plain, place, initials=True), by_initials=True)
    return found if found.hits else Found(words, [])


def mentioning(lectures: LecturePageQuerySet, query: str) -> LecturePageQuerySet:
    """The lectures that `search` would find, as a queryset to go on with: for keepers' lists."""
    found = lectures
    for word in query_words(query[:LONGEST]):
        found = found.filter(pk__in=_lectures(word))
    letters = query_words(unquoted(query[:LONGEST]))
    if letters and all(map(may_be_initials, letters)) and not found.exists():
        found = lectures
        for word in letters:
            found = found.filter(pk__in=_lectures(word, initials=True))
    return found


def _looked_up(
    lectures: LecturePageQuerySet, words: Sequence[str], place: Any, *, initials: bool = False
) -> list[Hit]:
    if not words:
        return []
    first, *others = words
    rows = lectures.filter(**_holds(first, initials, "texts__"))
    for word in others:
        rows = rows.filter(pk__in=_lectures(word, initials))
    columns = {**keys(), "place": Value("") if place is None else place}
    ordered = rows.annotate(**columns).order_by("-first_published_at", "-pk", "texts__field")
    found: dict[int, Hit] = {}
    for pk, rank, *cell in ordered.values_list("pk", "texts__field", *columns):
        if pk not in found:
            found[pk] = Hit(pk, rank, tuple(cell))
    further = _ranks(others, initials)
    return sorted(found.values(), key=lambda hit: hit.rank + further[hit.lecture_id])


def _ranks(words: Sequence[str], initials: bool) -> Counter[int]:
    """What further words add to a lecture's rank."""
    added: Counter[int] = Counter()
    best = [
        SearchText.objects.filter(**_holds(word, initials))
        .values_list("lecture_id")
        .annotate(best=Min("field"))
        for word in words
    ]
    if best:
        for lecture_id, rank in best[0].union(*best[1:], all=True):
            added[lecture_id] += rank
    return added


def _lectures(word: str, initials: bool = False) -> Any:
    return SearchText.objects.filter(**_holds(word, initials)).values("lecture")


def _holds(word: str, initials: bool, prefix: str = "") -> dict[str, Any]:
    """A text with the word: as written, or as letters where so few of them say something."""
    wanted: dict[str, Any] = {f"{prefix}initials": initials, f"{prefix}folded__holds": word}
    if initials:
        enough = [one.number for one in FIELDS if 0 < one.initials_from <= len(word)]
        wanted[f"{prefix}field__in"] = enough
    return wanted
