"""What authors and reviewers are told, in the transaction of the act that it tells of.

An author's lecture is one matter: each outcome replaces the one before. Reviewers get one digest a
day, not a message for each lecture; whoever has nothing waiting any more has it taken back.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.models import LecturePage
from cms.review.models import Review, ReviewStep
from cms.review.queue import waiting_count
from cms.review.reviewers import PROOFREADERS
from notices.causes import Cause, declare
from notices.models import Message
from notices.telling import tell, untell
from organizations.models import Post

OUTCOME = declare(
    Cause(
        code="review",
        label=_("Your lecture"),
        icon="video",
        texts={
            "sent_back": _(
                "“%(title)s” was sent back. Please read what the reviewers say, change it and hand "
                "it in again."
            ),
            "refused": _("“%(title)s” was refused. The reason stands beside your submission."),
            "published": _("“%(title)s” is published."),
            "taken_down": _(
                "“%(title)s” was taken down. Members cannot see it at present; how it stands is "
                "shown beside your submission."
            ),
            "expired": _(
                "“%(title)s” came down at the time that was planned for its end. Members cannot "
                "see it any more."
            ),
        },
    )
)
QUEUE = declare(
    Cause(
        code="review-queue",
        label=_("Reviews"),
        icon="check-circle",
        texts={
            "waiting": _("%(n)s lectures are waiting for your review (%(day)s)."),
            "waiting_one": _("One lecture is waiting for your review (%(day)s)."),
        },
    )
)
EVERYTHING = "all"


def author_tell(lecture: LecturePage, text: str, *, by: Any) -> None:
    """Tell whoever handed the lecture in, unless it was their own act."""
    review = Review.objects.filter(lecture=lecture).only("uploader_id").first()
    author = review.uploader_id if review else lecture.submitted_by_id
    if author is None or author == getattr(by, "pk", None):
        author_untell(lecture)
        return
    path = (lecture.url if text == "published" else None) or reverse("cms:upload")
    tell(
        to=[author],
        cause=OUTCOME.code,
        text=text,
        subject=_matter(lecture),
        path=path,
        values={"title": lecture.title},
    )


def author_untell(lecture: LecturePage) -> None:
    """It goes on: what was said of it last no longer stands."""
    untell(cause=OUTCOME.code, subject=_matter(lecture))


def _matter(lecture: LecturePage) -> str:
    return f"lecture:{lecture.pk}"


def reviewers_tell(*, now: dt.datetime | None = None) -> int:
    """The day's digest; how many people were told."""
    now = now or timezone.now()
    day = timezone.localdate(now)
    units = ReviewStep.objects.filter(state=ReviewStep.State.OPEN).values("unit")
    posts = Post.objects.current().filter(organization__in=units, role__in=PROOFREADERS)
    people = get_user_model()._default_manager.filter(pk__in=posts.values("user"), is_active=True)
    told = 0
    for person in people.order_by("pk"):
        waiting = waiting_count(person)
        if waiting:
            told += tell(
                to=[person.pk],
                cause=QUEUE.code,
                text="waiting" if waiting > 1 else "waiting_one",
                subject=EVERYTHING,
                path=reverse("review:queue"),
                values={"n": waiting, "day": day},
                now=now,
            )
    return told


def reviewers_sweep() -> int:
    """Take the digest back from those for whom nothing waits any more; from how many."""
    told = Message.objects.standing().filter(cause=QUEUE.code, read_at=None)
    done = [
        one.recipient_id
        for one in told.select_related("recipient")
        if not waiting_count(one.recipient)
    ]
    return untell(cause=QUEUE.code, to=done) if done else 0
