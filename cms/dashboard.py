"""The first page of Wagtail's admin: what waits for the keeper who opens it."""

from typing import Any

from django.utils import timezone
from wagtail.admin.ui.components import Component
from wagtail.permissions import page_permission_policy

from cms.desk import desk
from cms.durations import duration_text
from cms.explorer import lecture_list_url
from cms.models import LecturePage, LecturePageQuerySet
from cms.review.models import Review
from media_pipeline.delivery import poster_for
from media_pipeline.models import VideoAsset

SHOWN = 10


def lectures_awaiting(user: Any) -> LecturePageQuerySet:
    """Drafts with a ready recording within the keeper's units, the longest waiting first."""
    mine = page_permission_policy.instances_user_has_permission_for(user, "publish")
    return (
        LecturePage.objects.filter(live=False, asset__state=VideoAsset.State.READY)
        .exclude(review__state=Review.State.REFUSED)
        .filter(pk__in=mine.order_by().values("pk"), first_published_at__isnull=True)
        .select_related("asset", "organization", "submitted_by")
        .order_by("submitted_at", "pk")
    )


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
        waiting = lectures_awaiting(parent_context["request"].user)
        return {
            "lectures": [
                {
                    "page": lecture,
                    "poster_url": poster_for(lecture.asset, now=now) if lecture.asset else "",
                    "duration_text": duration_text(
                        lecture.asset.duration if lecture.asset else None
                    ),
                }
                for lecture in waiting[:SHOWN]
            ],
            "total": waiting.count(),
            "list_url": f"{lecture_list_url()}?live=false&recording=ready",
        }
