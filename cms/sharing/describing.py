"""Lectures and collections as the API describes them: stable ids, ISO dates, seconds.

No address here is signed or ends: pictures and films are asked for by addresses of their own, which
look again at who may see the lecture.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from cms.curated import LectureCollection
from cms.finding.results import Result
from cms.models import LecturePage, LecturePageQuerySet
from media_pipeline.captions.models import CaptionTrack
from organizations.models import Organization


def for_describing(lectures: LecturePageQuerySet) -> LecturePageQuerySet:
    """With all that `lecture_said` asks for: three queries, however many lectures."""
    tracks = CaptionTrack.objects.filter(asset=OuterRef("asset"))
    found: LecturePageQuerySet = lectures.select_related(
        "asset", "organization", "base", "production"
    )
    return found.prefetch_related("topics", "audiences").annotate(has_captions=Exists(tracks))


def lecture_said(page: LecturePage, request: HttpRequest) -> dict[str, Any]:
    """Of a lecture that came by `for_describing`."""
    asset = page.asset
    at = _addresses(request, page)
    return {
        "id": page.pk,
        "title": page.title,
        "summary": page.summary,
        "speaker": page.speaker,
        "subject": {"key": page.subject, "name": page.get_subject_display()},
        "topics": [{"id": one.pk, "name": one.name} for one in page.topics.all()],
        "audiences": [{"id": one.pk, "name": one.name} for one in page.audiences.all()],
        "unit": unit_said(page.organization),
        "base": {"id": page.base.pk, "name": page.base.name} if page.base else None,
        "production": (
            {"id": page.production.pk, "title": page.production.title, "part": page.part}
            if page.production
            else None
        ),
        "duration": round(asset.duration, 3) if asset and asset.duration else None,
        "is_portrait": bool(asset and asset.is_portrait),
        "has_captions": page.has_captions,
        "recorded_on": page.recorded_on.isoformat() if page.recorded_on else None,
        "published_at": instant(page.first_published_at),
        "changed_at": instant(page.last_published_at),
        "in_library": page.is_in_library,
        "premium": page.is_premium,
        "open": page.is_open,
        **at,
    }


def _addresses(request: HttpRequest, page: LecturePage) -> dict[str, str | None]:
    def address(name: str) -> str:
        return request.build_absolute_uri(reverse(name, args=[page.pk]))

    return {
        "page_url": request.build_absolute_uri(page.get_url(request) or "/"),
        "api_url": address("api:lecture"),
        "poster_url": address("api:poster"),
        "playback_url": address("api:playback"),
        "captions_url": address("api:captions") if page.has_captions else None,
        "embed_url": address("cms:embed") if page.is_open else None,
    }


def found_said(result: Result) -> dict[str, Any]:
    """Where the words that were searched stand, and the moments of the film."""
    return {
        "found_in": result.found_in.name,
        "moments": [
            {"second": one.second, "text": "".join(part.text for part in one.parts)}
            for one in result.moments
        ],
    }


def collection_said(collection: LectureCollection, request: HttpRequest) -> dict[str, Any]:
    """Of a collection that was counted by `collections_shown`."""
    page, api = (reverse(f"{room}:collection", args=[collection.pk]) for room in ("cms", "api"))
    return {
        "id": collection.pk,
        "title": collection.title,
        "introduction": collection.introduction,
        "unit": unit_said(collection.organization),
        "lecture_count": collection.lecture_count,
        "page_url": request.build_absolute_uri(page),
        "api_url": request.build_absolute_uri(api),
    }


def unit_said(unit: Organization | None) -> dict[str, str] | None:
    return {"code": unit.code, "name": unit.name} if unit else None


def instant(moment: dt.datetime | None) -> str | None:
    """To the second, with the offset of Asia/Shanghai."""
    return timezone.localtime(moment).isoformat(timespec="seconds") if moment else None
