"""A lecture as text: what is said, with times, chapters and what the lecture is, on one page.

It is what one reads without scripts, what the lecture's page takes its transcript from when
somebody opens it there (captions can be long, so they are no part of that page), and the handout.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from cms.durations import clock_text, duration_text
from cms.models import LecturePage
from cms.permissions import can_play
from media_pipeline.captions.cues import CaptionFault
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.captions.reading import read_captions
from media_pipeline.captions.spoken import paragraphs, spoken
from media_pipeline.chapters.marks import chapters_of
from media_pipeline.chapters.reading import ChapterLine
from organizations.qr import qr

CLOSING = tuple("，。！？；：、…）》”")


@dataclass(frozen=True)
class Said:
    """A paragraph: the second where it begins, the chapters that begin with it, and its cues, each
    with its exact second for the script that follows the film.
    """

    second: int
    time: str
    chapters: list[str]
    cues: list[tuple[str, str]]


@never_cache
@gzip_page
@login_required
@require_safe
def lecture_text(request: HttpRequest, lecture_id: int) -> HttpResponse:
    lectures = LecturePage.objects.for_playing().prefetch_related("topics")
    lecture = get_object_or_404(lectures, pk=lecture_id)
    if not can_play(request.user, lecture):
        raise Http404
    asset = lecture.asset
    track = CaptionTrack.objects.filter(asset=asset).first() if asset else None
    chapters = chapters_of(asset)
    url = lecture.get_url(request) or ""
    address = request.build_absolute_uri(url)
    context: dict[str, Any] = {
        "nav": "library",
        "page": lecture,
        "lecture_url": url,
        "length": duration_text(asset.duration if asset else None),
        "chapters": chapter_rows(chapters),
        "said": said(track, chapters) if track else [],
        "is_unchecked": bool(track and track.is_unchecked),
        "address": address,
        "qr": qr(address, "handout-qr"),
    }
    return render(request, "cms/lecture_text.html", context)


def chapter_rows(chapters: list[ChapterLine]) -> list[dict[str, Any]]:
    return [
        {"second": one.second, "time": clock_text(one.second), "title": one.title}
        for one in chapters
    ]


def said(track: CaptionTrack, chapters: list[ChapterLine]) -> list[Said]:
    """What was said; a chapter stands before the first paragraph that begins in it."""
    try:
        cues = read_captions(track.text.encode())
    except CaptionFault:
        return []  # nothing that a player could show either
    found, waiting = [], list(chapters)
    for one in paragraphs(cues, breaks=[chapter.second * 1000 for chapter in chapters]):
        second, begun = one.start // 1000, []
        while waiting and waiting[0].second * 1000 <= one.start:
            begun.append(waiting.pop(0).title)
        lines = [(f"{cue.start / 1000:.3f}", _apart(spoken(cue.text))) for cue in one.cues]
        found.append(Said(second, clock_text(second), begun, lines))
    return found


def _apart(text: str) -> str:
    """With a blank to what follows, where no sign of Chinese punctuation keeps them apart."""
    return text if text.endswith(CLOSING) else f"{text} "
