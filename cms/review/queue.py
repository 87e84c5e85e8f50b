"""What waits for a reviewer: open reviews in the units of the person's posts, the oldest first.

One filter for the list, its count, and what comes next, so that none of them offers what the rules
forbid. The review of one submission is `sheet`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from cms.cards import OF_POSTER
from cms.review.models import Kind, Review, ReviewStep
from cms.review.reviewers import DECIDERS, MOST_BARRED, PROOFREADERS, staff_by_kind
from media_pipeline.models import VideoAsset
from organizations.models import Post

State = ReviewStep.State
ENDED = (Review.State.APPROVED, Review.State.REFUSED)
# What a row of the list shows, and nothing else, as with the cards of lectures.
ROW = (
    *("kind", "opened_at", "proofread_by", "review__round", "review__organization__name"),
    *(f"review__lecture__{name}" for name in ("title", "draft_title", "speaker")),
    *(f"review__asset__{name}" for name in OF_POSTER),
)


def queue_for(user: Any) -> QuerySet[ReviewStep]:
    """The open reviews that the person can proofread or decide now."""
    if not user.is_authenticated or not user.is_active:
        return ReviewStep.objects.none()
    posts = Post.objects.current().filter(user=user, role__in=PROOFREADERS)
    held = list(posts.values_list("organization_id", "role"))
    if not held:
        return ReviewStep.objects.none()
    kinds = {
        kind: {unit for unit, role in held if role in roles} for kind, roles in DECIDERS.items()
    }
    to_decide = Q(pk__in=())
    for kind, units in kinds.items():
        to_decide |= Q(kind=kind, unit__in=units)
    decided = ReviewStep.objects.filter(
        review=OuterRef("review"), round=OuterRef("round"), decided_by=user
    )
    not_mine = Q(separate=False) | ~Q(proofread_by=user)
    read = Q(proofread_by__isnull=False) & not_mine & Q(~Exists(decided))
    return (
        ReviewStep.objects.filter(
            Q(proofread_by=None) & ~_for_other_eyes(user, kinds, decided) | to_decide & read,
            state=State.OPEN,
            unit__in={unit for unit, _role in held},
            review__state=Review.State.REVIEWING,
            review__held_since=None,
            review__asset__state=VideoAsset.State.READY,
        )
        .exclude(review__uploader=user)
        .exclude(review__asset__owner=user)
        .order_by("opened_at", "pk")
    )


def _for_other_eyes(user: Any, kinds: dict[Kind, set[int]], decided: QuerySet[ReviewStep]) -> Q:
    """Unread steps that the person must leave to another proofreader, because nobody else of the
    unit could decide then (`reviewers.check_can_proofread`). Everybody else is barred or has held
    another review, which happens in small units only; so large ones are not asked.
    """
    found = Q(pk__in=())
    staff = staff_by_kind(set().union(*kinds.values()))
    for kind, units in kinds.items():
        for unit in units:
            others = staff[kind][unit].reviewers - {user.pk}
            if len(others) > MOST_BARRED:
                continue
            alone = Q(kind=kind, unit=unit, separate=True) & Q(~Exists(decided))
            for other in others:
                held = ReviewStep.objects.filter(
                    review=OuterRef("review"), round=OuterRef("round"), decided_by=other
                )
                alone &= Q(review__uploader=other) | Q(review__asset__owner=other) | Q(Exists(held))
            found |= alone
    return found


def for_rows(keys: Iterable[int]) -> QuerySet[ReviewStep]:
    """These steps, the oldest first, with what a row of the list shows."""
    steps = ReviewStep.objects.filter(pk__in=list(keys)).order_by("opened_at", "pk")
    return steps.select_related("review__lecture", "review__asset", "review__organization").only(
        *ROW
    )


def ended_for(user: Any) -> QuerySet[Review]:
    """Whose reviews are over, of those that the person proofread or decided in a unit where they
    hold a post today; the last ones first.
    """
    posts = Post.objects.current().filter(user=user, role__in=PROOFREADERS)
    held = ReviewStep.objects.filter(
        Q(proofread_by=user) | Q(decided_by=user), unit__in=posts.values("organization")
    )
    ended = Review.objects.filter(state__in=ENDED, pk__in=held.order_by().values("review"))
    return ended.annotate(ended_at=Max("steps__decided_at")).order_by("-ended_at", "-pk")


def narrowed(steps: QuerySet[ReviewStep], *, kind: str = "", words: str = "") -> Any:
    """Only reviews of a kind; only those whose title, speaker or unit holds every word."""
    if kind == "proofread":
        steps = steps.filter(proofread_by=None)
    elif kind in Kind.values:
        steps = steps.filter(kind=kind, proofread_by__isnull=False)
    for word in words.split():
        steps = steps.filter(
            Q(review__lecture__draft_title__icontains=word)
            | Q(review__lecture__speaker__icontains=word)
            | Q(review__organization__name__icontains=word)
        )
    return steps


def next_of(user: Any, step: ReviewStep) -> ReviewStep | None:
    """What the person comes to after this one: the next in the list, else its beginning."""
    rest = queue_for(user).exclude(review=step.review_id)
    later = rest.filter(
        Q(opened_at__gt=step.opened_at) | Q(opened_at=step.opened_at, pk__gt=step.pk)
    )
    return later.first() or rest.first()


def waiting_count(user: Any) -> int:
    return queue_for(user).count()
