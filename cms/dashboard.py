"""The first page of Wagtail's admin: what waits for the keeper who opens it."""

from typing import Any

from django.utils import timezone
from wagtail.admin.ui.components import Component

from cms.desk import desk
from cms.durations import duration_text
from cms.explorer import reviews_listed, reviews_url
from cms.review.models import Review
from media_pipeline.delivery import poster_for

SHOWN = 10


def reviews_awaiting(user: Any) -> Any:
    """What is in review within the keeper's units, new versions of published lectures as well; the
    longest waiting first.
    """
    reviews = reviews_listed(user).filter(state=Review.State.REVIEWING)
    reviews = reviews.select_related("asset", "lecture__organization", "lecture__submitted_by")
    return reviews.order_by("lecture__submitted_at", "pk")


class DeskPanel(Component):
    """Four groups of figures, each with the lists that it leads to."""

    name = "desk"
    order = 50
    template_name = "cms/admin/desk.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"groups": desk(parent_context["request"].user, now=timezone.now())}


class AwaitingPanel(Component):
    name = "awaiting"
    order = 100
    template_name = "cms/admin/awaiting.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        now = timezone.now()
        waiting = reviews_awaiting(parent_context["request"].user)
        return {
            "lectures": [
                {
                    "page": review.lecture,
                    "poster_url": poster_for(review.asset, now=now),
                    "duration_text": duration_text(review.asset.duration),
                }
                for review in waiting[:SHOWN]
            ],
            "total": waiting.count(),
            "list_url": reviews_url(Review.State.REVIEWING),
        }
