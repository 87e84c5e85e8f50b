"""What is found, in which order. Starts at the lectures that the person may see, always.

Each word is looked up in the index once and must stand somewhere in the lecture; where it stands
best decides the place: title before speaker, lists, summary and captions (`fields`), newer before
older. The database counts what was found by cells and gives one page of it in the same statement,
so that a common word costs one reading of the index, and nothing for each lecture in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, overload

from django.db import connection
from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.db.models.functions import Length, Substr
from django.db.models.lookups import GreaterThan

from cms.finding.counting import Cell, fits
from cms.finding.facets import FACETS, cell_of
from cms.finding.fields import FIELDS
from cms.finding.folding import query_words, unquoted
from cms.finding.initials import may_be_initials
from cms.finding.models import LectureCell, LectureCellQuerySet, SearchText, texts_holding
from cms.models import LecturePageQuerySet

# Longer questions are cut; nobody types more into the box (`maxlength`).
LONGEST = 60


@dataclass(frozen=True)
class Hit:
    """`rank` is the first field in which the first word stands."""

    lecture_id: int
    rank: int


@dataclass(frozen=True)
class Slice:
    """Hits `first` to `first + most` of those that meet a wish."""

    wish: tuple[str, ...] = ()
    first: int = 0
    most: int = 0


@dataclass(frozen=True)
class Found:
    """What has the words, by cells, before any filter.

    `by_initials`: nothing had the words as written, so they were taken for letters of pinyin.
    """

    seen: LectureCellQuerySet
    words: Sequence[str]
    cells: Mapping[Cell, int]
    by_initials: bool = False
    ready: Mapping[Slice, list[Hit]] = field(default_factory=dict)

    @cached_property
    def hits(self) -> Hits:
        """All of them, best first."""
        return self.narrowed(())

    def narrowed(self, wish: Sequence[str]) -> Hits:
        return Hits(self, tuple(wish))


class Hits(Sequence[Hit]):
    """Hits that meet a wish, best first; fetched by the page."""

    def __init__(self, found: Found, wish: tuple[str, ...]) -> None:
        self.found, self.wish = found, wish

    @cached_property
    def length(self) -> int:
        cells = self.found.cells.items()
        return sum(number for cell, number in cells if fits(cell, self.wish))

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, at: int) -> Hit: ...
    @overload
    def __getitem__(self, at: slice) -> list[Hit]: ...
    def __getitem__(self, at: int | slice) -> Hit | list[Hit]:
        if isinstance(at, int):
            return self._between(at, at + 1)[0]
        start, stop, _step = at.indices(self.length)
        return self._between(start, stop)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self._between(0, self.length))

    def _between(self, start: int, stop: int) -> list[Hit]:
        for ready, hits in self.found.ready.items():
            if (ready.wish, ready.first) == (self.wish, start) and stop <= start + len(hits):
                return hits[: stop - start]
        if stop <= start:
            return []
        found, page = self.found, Slice(self.wish, start, stop - start)
        return _ask(found.seen, found.words, page, initials=found.by_initials)[1]


def cells_of(lectures: LecturePageQuerySet | LectureCellQuerySet) -> LectureCellQuerySet:
    """Their cells. Where a whole library is asked for, better begin with these."""
    if isinstance(lectures, LectureCellQuerySet):
        return lectures
    return LectureCell.objects.filter(lecture__in=lectures.order_by().values("pk"))


def cell_counts(seen: LectureCellQuerySet, *, depth: int = 0) -> dict[Cell, int]:
    """How many there are in each cell, as `Found.cells` has them."""
    rows = seen.order_by().values_list("marks", _shelf(depth)).annotate(number=Count("pk"))
    return {(*cell_of(marks), shelf): number for marks, shelf, number in rows}


def _shelf(depth: int) -> Any:
    """The first `depth` characters of a path, "" where it ends there: a lecture is no shelf."""
    if not depth:
        return Value("")
    goes_on = GreaterThan(Length("path"), depth)
    return Case(When(goes_on, then=Substr("path", 1, depth)), default=Value(""))


def search(
    lectures: LecturePageQuerySet | LectureCellQuerySet,
    query: str,
    *,
    depth: int = 0,
    page: Slice | None = None,
) -> Found:
    """`lectures` are those that the person may see. Cells end with the first `depth` characters of
    paths that go on below (the shelves of a page); `page` is what will be wanted of the hits.
    """
    seen = cells_of(lectures)
    page = page or Slice()
    for words, initials in readings(query):
        cells, hits = _ask(seen, words, page, initials=initials, depth=depth)
        if cells:
            return Found(seen, words, cells, initials, {page: hits} if page.most else {})
    return Found(seen, query_words(query[:LONGEST]), {})


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


@dataclass(frozen=True)
class Mentions:
    """Pages in which something stands, and the way the question was taken."""

    pages: Any
    words: Sequence[str] = ()
    by_initials: bool = False


def mentions(pages: Any, query: str, *, also: Sequence[str] = ()) -> Mentions:
    """What `search` would find among these pages, as a queryset to go on with: for keepers' lists.

    `also` names columns that a keeper sees beside, in which a word may stand instead.
    """
    found = Mentions(pages)
    for words, initials in readings(query):
        held = pages.filter(*(_anywhere(word, initials, also) for word in words))
        found = Mentions(held, words, initials)
        if held.exists():
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


def _lectures(word: str, initials: bool = False) -> Any:
    texts = SearchText.objects.holding(word, initials=initials)
    if initials:
        texts = texts.filter(field__in=fields_by_initials(word))
    return texts.values("lecture")


def fields_by_initials(letters: str) -> list[int]:
    """Where so few letters of pinyin say something."""
    return [one.number for one in FIELDS if 0 < one.initials_from <= len(letters)]


# -- the one statement ---------------------------------------------------------------------------


def _ask(
    seen: LectureCellQuerySet, words: Sequence[str], page: Slice, *, initials: bool, depth: int = 0
) -> tuple[dict[Cell, int], list[Hit]]:
    """How many there are in each cell, and the hits of the page."""
    holding, params = _holding_all(words, initials)
    columns = ("lecture_id", "marks", "path", "first_published_at")
    of_seen = seen.order_by().annotate(shelf=_shelf(depth)).values_list(*columns, "shelf")
    cells, of_cells = of_seen.query.sql_with_params()
    narrowed, of_wish = _narrowed(page.wish)
    order = "ORDER BY place, first_published_at DESC, path DESC"
    # What is used twice: PostgreSQL keeps what was met, for SQLite it is cheaper to look twice.
    once, twice = ("", "MATERIALIZED")
    if connection.vendor == "sqlite":
        once, twice = ("MATERIALIZED", "NOT MATERIALIZED")
    sql = f"""
        WITH found AS {once} ({holding}), met AS {twice} (
            SELECT found.place, found.best, cell.*
            FROM found JOIN ({cells}) AS cell ON cell.lecture_id = found.lecture_id
        )
        SELECT NULL, NULL, marks, shelf, COUNT(*) FROM met GROUP BY 3, 4
        UNION ALL SELECT ROW_NUMBER() OVER ({order}), lecture_id, NULL, NULL, best FROM (
            SELECT * FROM met {narrowed} {order} LIMIT %s OFFSET %s
        ) AS page
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, *of_cells, *of_wish, page.most, page.first])
        rows = cursor.fetchall()
    counts = {(*cell_of(marks), shelf): number for at, _, marks, shelf, number in rows if not at}
    hits = {at: Hit(pk, best) for at, pk, _, _, best in rows if at}
    return counts, [hits[at] for at in sorted(hits)]


def _holding_all(words: Sequence[str], initials: bool) -> tuple[str, list[Any]]:
    """SQL for the lectures with all the words: `place` is that of each added up, `best` of the
    first.
    """
    arms, params = [], []
    for number, word in enumerate(words):
        texts, of_texts = texts_holding(
            word, fields_by_initials(word) if initials else (), initials=initials
        )
        arms.append(
            f"SELECT lecture_id, MIN(field) AS best, {number} AS word "
            f"FROM ({texts}) AS texts{number} GROUP BY lecture_id"
        )
        params += of_texts
    if len(arms) == 1:
        return f"SELECT lecture_id, best AS place, best FROM ({arms[0]}) AS arms", params
    return (
        "SELECT lecture_id, SUM(best) AS place, MIN(CASE word WHEN 0 THEN best END) AS best "
        f"FROM ({' UNION ALL '.join(arms)}) AS arms GROUP BY lecture_id "
        f"HAVING COUNT(*) = {len(arms)}",
        params,
    )


def _narrowed(wish: Sequence[str]) -> tuple[str, list[str]]:
    wanted = wished(wish)
    if not wanted:
        return "", []
    likes = " AND ".join("marks LIKE %s ESCAPE '\\'" for _ in wanted)
    signs = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})
    return f"WHERE {likes}", [f"%,{mark.translate(signs)},%" for mark in wanted]


def wished(wish: Sequence[str]) -> list[str]:
    """The marks of what is picked; wishes are in the order of FACETS."""
    return [facet.mark(key) for facet, key in zip(FACETS, wish, strict=False) if key]
