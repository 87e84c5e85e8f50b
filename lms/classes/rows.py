"""A class as a row that its learners watch one after the other (`cms.sequences`)."""

from __future__ import annotations

from django.db.models import Exists
from django.http import HttpRequest
from django.urls import reverse

from cms.models import LecturePage
from cms.sequences import Follower, row_finder
from lms.classes.models import ClassItem, Enrolment


def contribute() -> None:
    row_finder("class", in_class)


def in_class(key: int, page: LecturePage, request: HttpRequest) -> Follower | None:
    """Required lectures first, as the page of the class shows them."""
    own = Enrolment.objects.open().filter(user=request.user.pk, training_class=key)
    items = ClassItem.objects.filter(Exists(own), training_class=key).select_related(
        "training_class", "lecture__asset", "lecture__organization"
    )
    row = sorted(items, key=lambda item: (not item.is_required, item.position, item.pk))
    places = [place for place, item in enumerate(row) if item.lecture_id == page.pk]
    later = row[places[0] + 1 :] if places else []
    found = next((item for item in later if item.lecture is not None and item.lecture.live), None)
    url = reverse("classes:detail", args=[key])
    if found is None or found.lecture is None:
        return None
    return Follower(found.lecture, found.training_class.title, url)
