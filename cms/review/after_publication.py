"""What is decided about a lecture once it is published, as lines of its author's timeline."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cms.models import LecturePage
from cms.review.standing import Stage, day_text
from cms.standing import FLAGS, Standing

Kind = Standing.Kind


def in_library(lecture: LecturePage) -> Stage | None:
    return _decided(lecture, Kind.LIBRARY)


def premium(lecture: LecturePage) -> Stage | None:
    return _decided(lecture, Kind.PREMIUM)


def _decided(lecture: LecturePage, kind: Standing.Kind) -> Stage | None:
    """Not every lecture gets there, so nothing waits for it; the day and by whom when it did."""
    if not getattr(lecture, FLAGS[kind]):
        return None
    note = ""
    for one in lecture.standings.all():
        if one.kind == kind and one.until is None:
            note = day_text(one.since)
            if one.decided_by is not None:
                note = _("%(name)s, %(day)s") % {"name": one.decided_by.name, "day": note}
    return Stage(kind.value, str(kind.label), "done", note)
