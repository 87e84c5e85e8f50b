"""What is found, in which order. Starts at the lectures that the person may see, always.

Each word is looked up in the index once and must stand somewhere in the lecture; where it stands
best decides the place: title before speaker, lists, summary and captions (`fields`), newer before
older. What is found is in memory as a few columns, so that counting and turning pages ask nothing
more of the database.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Case, IntegerField, Min, Q, Value, When

from cms.finding.counting import Cell, fits
from cms.finding.facets import keys
from cms.finding.fields import FIELDS
from cms.finding.folding import query_words, unquoted
from cms.finding.initials import may_be_initials
from cms.finding.models import SearchText
from cms.models import LecturePageQuerySet

# Longer questions are cut; nobody types more into the box (`maxlength`).
LONGEST = 60
# More lectures than this are not looked up one by one.
MANY = 500


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
    found = Found([], [])
    for words, initials in readings(query):
        found = Found(words, _looked_up(lectures, words, place, initials=initials), initials)
        if found.hits:
            return found
    return Found(query_words(query[:LONGEST]), [])


def readings(query: str) -> Iterator[tuple[list[str], bool]]:
    """The ways to take a question, each with whether its words are initials: as written; without
    quotation marks; as letters of pinyin. The first by which anything is found is meant.
    """
    query = query[:LONGEST]
    words, plain = query_words(query), query_words(unquoted(query))
    if words:
        yield words, False
    if plain and plain != words:
        yield plain, False
    if plain and all(map(may_be_initials, plain)):
        yield plain, True


def mentioning(pages: Any, query: str, *, also: Sequence[str] = ()) -> Any:
    """What `search` would find among these pages, as a queryset to go on with: for keepers' lists.

    `also` names columns that a keeper sees beside, in which a word may stand instead.
    """
    found = pages
    for words, initials in readings(query):
        found = pages.filter(*(_anywhere(word, initials, also) for word in words))
        if found.exists():
            break
    return found


def relevance(query: str) -> Any:
    """An expression to order such pages by, as `search` does."""
    each = [
        Case(
            *(
                When(pk__in=_lectures(word).filter(field=field.number), then=field.number)
                for field in FIELDS
            ),
            default=2 * FIELDS[-1].number,
            output_field=IntegerField(),
        )
        for word in query_words(query[:LONGEST])
    ]
    return sum(each[1:], each[0]) if each else Value(0)


def _anywhere(word: str, initials: bool, also: Sequence[str]) -> Q:
    found = Q(pk__in=_lectures(word, initials))
    for column in () if initials else also:
        found |= Q(**{f"{column}__icontains": word})
    return found


def _looked_up(
    lectures: LecturePageQuerySet, words: Sequence[str], place: Any, *, initials: bool = False
) -> list[Hit]:
    ranks = _ranks(words, initials)
    if not ranks:
        return []
    columns = {**keys(), "place": Value("") if place is None else place}
    # Many are read all at once: looking each of them up takes the database longer.
    rows = lectures if len(ranks) > MANY else lectures.filter(pk__in=list(ranks))
    ordered = rows.annotate(**columns).newest()
    found = [
        Hit(pk, ranks[pk][0], tuple(cell))
        for pk, *cell in ordered.values_list("pk", *columns)
        if pk in ranks
    ]
    return sorted(found, key=lambda hit: sum(ranks[hit.lecture_id].values()))


def _ranks(words: Sequence[str], initials: bool) -> dict[int, dict[int, int]]:
    """Lectures that have all the words, with the best rank of each word; by the index alone."""
    arms = [
        SearchText.objects.filter(**_holds(word, initials))
        .annotate(word=Value(number, output_field=IntegerField()))
        .values_list("lecture_id", "word")
        .annotate(best=Min("field"))
        for number, word in enumerate(words)
    ]
    found: defaultdict[int, dict[int, int]] = defaultdict(dict)
    if arms:
        for lecture_id, word, best in arms[0].union(*arms[1:], all=True) if arms[1:] else arms[0]:
            found[lecture_id][word] = best
    return {pk: each for pk, each in found.items() if len(each) == len(words)}


def _lectures(word: str, initials: bool = False) -> Any:
    return SearchText.objects.filter(**_holds(word, initials)).values("lecture")


def _holds(word: str, initials: bool) -> dict[str, Any]:
    """A text with the word: as written, or as letters where so few of them say something."""
    wanted: dict[str, Any] = {"initials": initials, "folded__holds": word}
    if initials:
        enough = [one.number for one in FIELDS if 0 < one.initials_from <= len(word)]
        wanted["field__in"] = enough
    return wanted
