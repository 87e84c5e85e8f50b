"""A class as a row that its learners watch one after the other (`cms.sequences`)."""

from __future__ import annotations

from django.db.models import Exists
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from cms.models import LecturePage
from cms.sequences import Follower, row_finder
from lms.classes.asks import Asks, Done, done_by
from lms.classes.items import ITEM_PARTS, Item, class_items
from lms.classes.models import ClassItem, Enrolment
from lms.watching.strips import lecture_strips


def contribute() -> None:
    row_finder("class", in_class)


def in_class(key: int, page: LecturePage, request: HttpRequest) -> Follower | None:
    """What the learner lacks next, in the order of the class; only the class itself where that is a
    text, or opens after something else than this lecture.
    """
    person = request.user.pk
    own = Enrolment.objects.open().filter(user=person, training_class=key)
    found = ClassItem.objects.filter(Exists(own), training_class=key)
    parts = found.select_related("training_class", *ITEM_PARTS)
    rows = sorted(parts, key=lambda item: (not item.is_required, item.position, item.pk))
    here = next((row for row in rows if row.lecture_id == page.pk), None)
    if here is None or person is None:
        return None
    run, now = here.training_class, timezone.now()
    done = done_by([person], [Asks.of(rows, 0)]).get(person, {})
    # What was begun is not locked; where nothing is locked, nobody asks.
    lectures = [row.lecture for row in rows if row.lecture is not None]
    strips = lecture_strips(user=request.user, lectures=lectures) if run.is_sequential else {}

    def follower(done: Done) -> Item | None:
        shown = class_items(
            rows,
            strips=strips,
            done=done,
            request=request,
            now=now,
            is_sequential=run.is_sequential,
        )
        later = shown[rows.index(here) + 1 :]
        lacked = next((one for one in later if one.state != "done" and one.url), None)
        return lacked if lacked is not None and lacked.can_be_next else None

    following = follower({here.pk: now} | done)
    url = reverse("classes:detail", args=[key])
    if following is None or following.lecture is None:
        return Follower(None, run.title, url)
    lecture = next(row.lecture for row in rows if row.pk == following.pk)
    assert lecture is not None
    return Follower(lecture, run.title, url, is_locked=follower(done) is None)
