"""The notice of a lecture."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cms.durations import duration_text
from cms.handbills import Handbill, handbill_page
from cms.models import LecturePage


@never_cache
@login_required
@require_safe
def lecture_handbill(request: HttpRequest, lecture_id: int) -> HttpResponse:
    """Of what is published, for everybody who may watch it."""
    lectures = LecturePage.objects.live().select_related("organization", "asset")
    lecture = get_object_or_404(lectures, pk=lecture_id)
    length = duration_text(lecture.asset.duration if lecture.asset else None)
    unit = lecture.organization.name if lecture.organization else ""
    facts = [
        (_("Lecturer"), lecture.speaker),
        (_("Subject"), lecture.get_subject_display()),
        (pgettext("lecture", "Length"), length),
        (_("Unit"), unit),
    ]
    bill = Handbill(
        kind=_("Lecture to watch"),
        title=lecture.title,
        facts=[(label, value) for label, value in facts if value],
        call=_("Scan the code or open the link, sign in and watch."),
        path=lecture.get_url(request) or "/",
        sender=unit,
    )
    return handbill_page(request, bill, nav="library")
