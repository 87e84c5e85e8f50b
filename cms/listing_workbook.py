"""The admin's list of lectures as a workbook: what the list shows under its filters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.admin import messages

from audit import log
from cms.durations import duration_text
from cms.explorer import LectureIndexView, lecture_list_url
from cms.models import LecturePage
from cms.standing import Standing
from cms.workbooks import workbook_response

# More than a prefecture makes in years; a request stays within seconds.
MOST = 10_000
CHUNK = 1000
WIDTHS = (8, 40, 24, 16, 20, 24, 24, 12, 12, *(14,) * 8)


class LectureWorkbookView(LectureIndexView):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = self.get_queryset()
        count = found.order_by().count()
        if count > MOST:
            text = _("More than %(count)s lectures. Please narrow the list by filters first.")
            messages.error(request, text % {"count": MOST})
            return redirect(f"{lecture_list_url()}?{request.GET.urlencode()}")
        log.record("library.export", request=request, rows=count)
        return workbook_response(
            title=_("Lectures"),
            about="",
            user=request.user,
            head=[
                _("No."),
                _("Title"),
                _("Unit"),
                _("Speaker"),
                _("Subject"),
                _("Topics"),
                _("Production"),
                _("Length"),
                _("Submitted"),
                *(text for kind in Standing.Kind for text in (str(kind.label), _("Decided by"))),
            ],
            widths=WIDTHS,
            rows=_rows(found),
        )


def _rows(lectures: Any) -> Iterator[list[str]]:
    lectures = lectures.select_related("production").prefetch_related(
        "topics", "standings__decided_by"
    )
    for number, lecture in enumerate(lectures.iterator(chunk_size=CHUNK), 1):
        yield [str(number), *_cells(lecture)]


def _cells(lecture: LecturePage) -> list[str]:
    held = {one.kind: one for one in lecture.standings.all() if one.until is None}
    return [
        lecture.title,
        lecture.organization.name if lecture.organization else "",
        lecture.speaker,
        lecture.get_subject_display(),
        "、".join(topic.name for topic in lecture.topics.all()),
        str(lecture.production or ""),
        duration_text(lecture.asset.duration if lecture.asset else None),
        _day(lecture.submitted_at),
        *(text for kind in Standing.Kind.values for text in _decision(held.get(kind))),
    ]


def _decision(standing: Standing | None) -> tuple[str, str]:
    """The day and who decided."""
    if standing is None:
        return "", ""
    return _day(standing.since), standing.decided_by.name if standing.decided_by else ""


def _day(instant: Any) -> str:
    return timezone.localtime(instant).date().isoformat() if instant else ""
