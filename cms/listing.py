"""Lists of lectures as members see them, browsed or searched: the library, its shelves,
collections, lectures of a speaker.

Templates get everything ready. The number of queries never depends on how many lectures, shelves
or units there are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms.breadcrumbs import breadcrumbs
from cms.cards import CARD, lecture_cards
from cms.collections import collections_shown
from cms.finding.counting import Cell, choice_counts, fits
from cms.finding.facets import FACETS, Facet
from cms.finding.models import LectureCell, LectureCellQuerySet
from cms.finding.results import results
from cms.finding.searching import LONGEST, Found, Slice, cell_counts, cells_of, search, wished
from cms.library import library_root
from cms.models import LecturePage, LecturePageQuerySet, LibraryPage, ShelfPage

PER_PAGE = 24
# Shown on the first page of the library; all of them have a page of their own.
COLLECTIONS = 3
# A result is as high as two rows of cards.
RESULTS_PER_PAGE = 10
# Words of a question that found nothing which are tried one by one.
TRIED_ALONE = 4


class CountedPaginator(Paginator):
    """The number of lectures is known from the counts by filter."""

    def __init__(self, *args: Any, known: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known

    @cached_property
    def count(self) -> int:
        return self.known


@dataclass(frozen=True)
class Wish:
    """What somebody asked a list for, cleaned: words to search, a choice of each filter."""

    query: str
    choices: Mapping[str, str]

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> Wish:
        query = " ".join(asked.get("q", "").split())[:LONGEST]
        return cls(query, {one.name: one.cleaned(asked.get(one.name, "")) for one in FACETS})

    @property
    def is_empty(self) -> bool:
        return not self.query and not any(self.choices.values())

    @property
    def picked(self) -> list[str]:
        """The choices in the order of the filters, "" for none."""
        return [self.choices[facet.name] for facet in FACETS]

    def address(self, **changes: str) -> str:
        """The query string of the same wish with changes, ready to be followed by `p=`."""
        asked = {**self.choices, "q": self.query, **changes}
        return urlencode({name: value for name, value in asked.items() if value})

    def url(self, path: str, **changes: str) -> str:
        asked = self.address(**changes)
        return f"{path}{'?' if asked else ''}{asked}"


@dataclass(frozen=True)
class Listing:
    """A page of lectures with the counts of everything that met the words of the wish; at the end
    of each cell stands the path of a shelf of the next level, "" for what lies on no further shelf.
    """

    lectures: Any
    count: int
    cells: Mapping[Cell, int]
    found: Found | None = None


def library_context(page: LibraryPage, request: HttpRequest) -> dict[str, Any]:
    lectures = LecturePage.objects.visible_to(request.user)
    cells = LectureCell.objects.visible_to(request.user)
    context = list_context(request, lectures, page=page, cells=cells)
    first = context["lectures"].number == 1 and context["wish"].is_empty
    return context | {"collections": collections_shown(request.user)[:COLLECTIONS] if first else []}


def shelf_context(page: ShelfPage, request: HttpRequest) -> dict[str, Any]:
    """This shelf and everything below it."""
    lectures = LecturePage.objects.visible_to(request.user).below(page)
    cells = LectureCell.objects.visible_to(request.user).below(page)
    crumbs = breadcrumbs(page, request)
    return list_context(request, lectures, page=page, cells=cells) | {"breadcrumbs": crumbs}


def listing(
    page: Page | None,
    lectures: LecturePageQuerySet,
    wish: Wish,
    *,
    number: str | int | None,
    request: HttpRequest | None = None,
    cells: LectureCellQuerySet | None = None,
    is_ordered: bool = False,
) -> Listing:
    """Page `number` of the lectures that meet the wish, counted by the shelves below `page`.

    Without words to search the newest come first, unless the lectures have an order of their own.
    `cells` are theirs, where they can be named without looking at each lecture.
    """
    seen = cells_of(lectures) if cells is None else cells
    # One part for each shelf of the next level: the piece of a lecture's path that names it.
    depth = len(page.path) + Page.steplen if page else 0
    if wish.query:
        ahead = Slice(
            tuple(wish.picked), RESULTS_PER_PAGE * (_number(number) - 1), RESULTS_PER_PAGE
        )
        found = search(seen, wish.query, depth=depth, page=ahead)
        hits = found.narrowed(wish.picked)
        paged: Any = Paginator(hits, RESULTS_PER_PAGE).get_page(number)
        paged.object_list = results(lectures, found, paged.object_list, request=request)
        return Listing(paged, len(hits), found.cells, found)
    counted = cell_counts(seen, depth=depth)
    known = sum(number_of for cell, number_of in counted.items() if fits(cell, wish.picked))
    narrowed: Any = seen.marked(wished(wish.picked))
    if is_ordered:
        keys = lectures.filter(pk__in=narrowed.order_by().values("pk")).values_list("pk", flat=True)
    else:
        keys = narrowed.newest().values_list("pk", flat=True)
    paged = CountedPaginator(keys, PER_PAGE, known=known).get_page(number)
    shown = lectures.order_by().for_cards().only(*CARD).in_bulk(list(paged.object_list))
    in_order = [shown[pk] for pk in paged.object_list if pk in shown]
    paged.object_list = lecture_cards(in_order, request=request)
    return Listing(paged, known, counted)


def _number(asked: str | int | None) -> int:
    """The page that will probably be shown; `get_page` decides."""
    return int(str(asked)) if re.fullmatch(r"[1-9]\d{0,5}", str(asked), re.ASCII) else 1


def list_context(
    request: HttpRequest,
    lectures: LecturePageQuerySet,
    *,
    page: Page | None = None,
    cells: LectureCellQuerySet | None = None,
    is_ordered: bool = False,
) -> dict[str, Any]:
    """What templates/cms/lecture_list.html and the filters above it need."""
    wish = Wish.of(request.GET)
    shown = listing(
        page,
        lectures,
        wish,
        number=request.GET.get("p"),
        request=request,
        cells=cells,
        is_ordered=is_ordered,
    )
    counts = choice_counts(shown.cells, wish.picked)
    prefix = wish.address()
    filters = [
        _filter(facet, count, wish, request) for facet, count in zip(FACETS, counts, strict=True)
    ]
    subjects, others = filters[0], filters[1:]
    return {
        "nav": "library",
        "lectures": shown.lectures,
        "lecture_count": shown.count,
        "shelves": _shelves(page, shown, wish, request) if page else [],
        "subjects": subjects["choices"],
        "active_subject": subjects["active"],
        "filters": [one for one in others if one["narrows"] or one["active"]],
        "picked": [one for one in filters if one["active"]],
        "all_url": wish.url(request.path, **dict.fromkeys(wish.choices, "")),
        "query": wish.query,
        "wish": wish,
        "query_prefix": f"{prefix}&" if prefix else "",
        "suggest_url": reverse("cms:suggest"),
        "found": shown.found,
        "library_url": SimpleLazyObject(lambda: wish.url(library_root().get_url(request) or "")),
        "nothing": _nothing(shown, wish, request),
    }


def _filter(
    facet: Facet, counts: Mapping[str, int], wish: Wish, request: HttpRequest
) -> dict[str, Any]:
    """All, then the choices that would show something, and the one that is picked."""
    picked = wish.choices[facet.name]
    names = facet.names((counts.keys() | {picked}) - {""})
    if picked and picked not in names:  # an old address
        names = {picked: _("no longer on the list"), **names}
    choices = [
        {
            "key": key,
            "label": names.get(key) or _("All"),
            "url": wish.url(request.path, **{facet.name: key}),
            "active": key == picked,
            "count": counts.get(key, 0),
        }
        for key in ["", *names]
    ]
    return {
        "name": facet.name,
        "label": facet.label,
        "active": names[picked] if picked else "",
        "narrows": any(counts.get(key) != counts[""] for key in names),
        "clear_url": wish.url(request.path, **{facet.name: ""}),
        "choices": choices,
    }


def _shelves(page: Page, shown: Listing, wish: Wish, request: HttpRequest) -> list[dict[str, Any]]:
    """The shelves on the next level that hold some of it, in the order of the units. Who only turns
    pages is not shown them.
    """
    counts: Counter[str] = Counter()
    if wish.query or shown.lectures.number == 1:
        for cell, number in shown.cells.items():
            if fits(cell, wish.picked):
                counts[cell[-1]] += number
    if not counts:
        return []
    shelves = (
        ShelfPage.objects.filter(path__in=list(counts)).live().only("title", "path", "url_path")
    )
    return [
        {
            "title": shelf.title,
            "url": wish.url(shelf.get_url(request) or ""),
            "count": counts[shelf.path],
        }
        for shelf in shelves.order_by("organization__path").only("title", "path", "url_path")
    ]


def _nothing(shown: Listing, wish: Wish, request: HttpRequest) -> dict[str, Any]:
    """What may help when nothing was found: without the filters, or by each word alone."""
    if shown.count or shown.found is None:
        return {}
    unfiltered = len(shown.found.hits)
    words: Sequence[str] = shown.found.words if not unfiltered else ()
    alone = []
    for word in words[:TRIED_ALONE] if len(words) > 1 else ():
        if number := len(search(shown.found.seen, word).hits):
            alone.append({"word": word, "url": wish.url(request.path, q=word), "count": number})
    return {"unfiltered": unfiltered, "alone": alone}
