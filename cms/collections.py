"""Collections, speakers and productions as members see them.

The number of queries never depends on how many lectures, collections or speakers there are.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.http import HttpRequest
from django.urls import reverse

from cms.curated import CollectionItem, LectureCollection, Speaker, Topic
from cms.models import LecturePage, LecturePageQuerySet
from cms.sequences import Follower, item_after
from cms.visibility import lectures_seen_by
from media_pipeline.chapters.models import Chapter
from media_pipeline.chapters.reading import ChapterLine

OTHER_PARTS = 20


def collections_shown(user: Any) -> QuerySet[LectureCollection]:
    """With how many lectures the person finds in each; empty ones are left out."""
    seen = Count("items", filter=lectures_seen_by(user, at="items__lecture__"))
    rows = LectureCollection.objects.visible_to(user).annotate(lecture_count=seen)
    found = rows.filter(lecture_count__gt=0).select_related("organization")
    return found.order_by("position", "-pk")


def collection_lectures(collection: LectureCollection, *, user: Any) -> LecturePageQuerySet:
    """In the order that the unit gave them."""
    place = CollectionItem.objects.filter(collection=collection, lecture=OuterRef("pk"))
    lectures = LecturePage.objects.visible_to(user)
    lectures = lectures.annotate(item_place=Subquery(place.values("position")[:1]))
    return lectures.filter(Exists(place)).order_by("item_place", "pk")


def in_collection(key: int, page: LecturePage, request: HttpRequest) -> Follower | None:
    """What follows in a collection that is on show (`cms.sequences`)."""
    items = CollectionItem.objects.filter(collection=key, collection__is_shown=True)
    found = item_after(items.select_related("collection"), page)
    url = reverse("cms:collection", args=[key])
    return Follower(found.lecture, found.collection.title, url) if found else None


def speakers_shown(user: Any) -> QuerySet[Speaker]:
    """Speakers with published lectures, by name."""
    rows = Speaker.objects.annotate(
        lecture_count=Count("lectures", filter=Q(lectures__live=True), distinct=True)
    )
    found = rows.filter(lecture_count__gt=0).select_related("organization")
    return found.order_by("name", "pk")


def speaker_lectures(speaker: Speaker, *, user: Any) -> LecturePageQuerySet:
    return LecturePage.objects.visible_to(user).filter(speakers=speaker)


def lecture_places(
    page: LecturePage, request: HttpRequest, parts: list[LecturePage]
) -> dict[str, Any]:
    """Where else a lecture stands: its speakers, topics, collections, the parts of its production;
    and the chapters of its recording. One query.
    """
    topics = Topic.objects.filter(lectures=page.pk)
    speakers = Speaker.objects.filter(lectures=page.pk)
    collections = LectureCollection.objects.visible_to(request.user)
    collections = collections.filter(items__lecture=page.pk)
    chapters = Chapter.objects.filter(asset=page.asset_id)
    rows = _named(topics, "topic", "name", "position").union(
        _named(speakers, "speaker", "name", Value(0)),
        _named(collections, "collection", "title", "position"),
        _named(chapters, "chapter", "title", "second"),
    )
    named: dict[str, list[Any]] = {"topic": [], "speaker": [], "collection": [], "chapter": []}
    for kind, place, name, pk in sorted(rows):
        if kind == "chapter":
            named[kind].append(ChapterLine(place, name))
        else:
            url = reverse(f"cms:{kind}", args=[pk]) if kind != "topic" else ""
            named[kind].append({"name": name, "url": url})
    return {
        "speakers": named["speaker"],
        "topics": [one["name"] for one in named["topic"]],
        "collections": named["collection"],
        "chapters": named["chapter"],
        "base": page.base,
        "production": parts[0].production if parts else None,
        "is_in_library": page.is_in_library,
        "parts": [
            {"title": one.title, "url": one.get_url(request) or "", "is_this": one.pk == page.pk}
            for one in parts
        ],
    }


def _named(rows: QuerySet[Any], kind: str, name: str, place: Any) -> QuerySet[Any]:
    """Kind, place, name and key: one part of a union, so without an order of its own."""
    return rows.order_by().values_list(Value(kind), place, name, "pk")


def parts_of(page: LecturePage, user: Any) -> list[LecturePage]:
    """All parts of the production that members see, in order, with what a card shows; none of a
    lecture alone.
    """
    if page.production_id is None:
        return []
    parts = LecturePage.objects.visible_to(user).filter(production=page.production_id)
    cards = parts.for_cards().select_related("production")
    found = list(cards.order_by("part", "recorded_on", "pk")[:OTHER_PARTS])
    return found if len(found) > 1 else []
