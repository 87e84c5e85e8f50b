"""The demo's reviews: what is published has passed them, and a few submissions stand at each place
on the way. The demo's people act through the same services as everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils import timezone

from cms.models import LecturePage
from cms.review.acts import Verdict, comment_add, proofread, review_decide
from cms.review.models import Review, ReviewStep
from cms.review.plan import may_decide
from cms.review.reviewers import barred_from, deciders_of, staff_by_kind
from lms.demo.lectures import LECTURES, DemoLecture, Film
from organizations.models import Post, User

# Whoever can hold fewest of the reviews goes first, so that somebody is left for each.
ORDER = (Post.Role.AFFAIRS_OFFICER, Post.Role.SECRETARY, Post.Role.REVIEWER, Post.Role.CURATOR)


@dataclass(frozen=True)
class Pending:
    """A short lecture, and where its review stands: how many reviews it has passed, how the next
    one ended, and what was written beside the recording.
    """

    lecture: DemoLecture
    passed: int = 0
    verdict: str = ""
    note: str = ""
    comments: tuple[tuple[float, str], ...] = ()


def _short(number: int, slug: str, title: str) -> DemoLecture:
    whole = LECTURES[number]
    return replace(
        whole,
        order=100 + number,
        slug=slug,
        title=title,
        organization_code="211302100",
        slides=(whole.slides[0], whole.slides[-1]),
        film=Film(container="mp4", codec="h264", width=640, height=360, fps=15),
    )


PENDING = (
    Pending(_short(0, "review-self", "秋收农机安全提醒（演示，待自审）")),
    Pending(
        _short(1, "review-first", "大棚保温三件事（演示，待初审）"),
        passed=1,
        comments=((2.0, "片头字体偏小，建议放大。"),),
    ),
    Pending(_short(2, "review-final", "主题党日怎么准备（演示，待终审）"), passed=2),
    Pending(
        _short(3, "review-back", "小米品牌故事（演示，退回修改）"),
        passed=1,
        verdict=Verdict.SEND_BACK,
        note="内容不错，请按下面两条修改后重新提交。",
        comments=((1.0, "题目中的年份与口播不一致。"), (3.5, "请补充字幕。")),
    ),
    Pending(
        _short(4, "review-refused", "活动花絮（演示，未采用）"),
        verdict=Verdict.REFUSE,
        note="内容是活动花絮，不是党课。请另录一节讲课。",
    ),
)


def review_walk(page: LecturePage, *, steps: int | None = None) -> Review:
    """Let the people concerned hold the reviews that are left, or so many of them."""
    review = Review.objects.select_related("asset").get(lecture=page)
    while review.state == Review.State.REVIEWING and steps != 0:
        step = review.steps.get(state=ReviewStep.State.OPEN)
        reader, decider = _people_for(review, step)
        _hold(step, reader=reader, decider=decider, verdict=Verdict.APPROVE, note="同意。")
        review.refresh_from_db()
        steps = None if steps is None else steps - 1
    return review


def pending_place(page: LecturePage, pending: Pending) -> None:
    """Bring a submission to the place that it shows. Idempotent."""
    review = Review.objects.get(lecture=page)
    done = review.steps.filter(state=ReviewStep.State.APPROVED).count()
    if review.state != Review.State.REVIEWING:
        return
    if done < pending.passed:
        review = review_walk(page, steps=pending.passed - done)
    step = review.steps.get(state=ReviewStep.State.OPEN)
    reader, decider = _people_for(review, step)
    if not review.comments.exists():
        for second, text in pending.comments:
            comment_add(
                review_id=review.pk,
                version=review.version,
                user=reader,
                text=text,
                second=second,
                now=timezone.now(),
            )
    if pending.verdict:
        verdict = Verdict(pending.verdict)
        _hold(step, reader=reader, decider=decider, verdict=verdict, note=pending.note)


def _hold(step: ReviewStep, *, reader: User, decider: User, verdict: Verdict, note: str) -> None:
    review, now = step.review_id, timezone.now()
    proofread(review_id=review, step_id=step.pk, version=step.version, user=reader, now=now)
    review_decide(
        review_id=review,
        step_id=step.pk,
        version=step.version,
        user=decider,
        verdict=verdict,
        note=note,
        secrecy=True,
        now=now,
    )


def _people_for(review: Review, step: ReviewStep) -> tuple[User, User]:
    """A proofreader and a reviewer whom the rules allow."""
    unit = step.unit_id or 0
    staff = staff_by_kind([unit])[step.kind][unit]
    barred, deciders = barred_from(review), deciders_of(review.steps.all(), step)
    able = [
        post.user
        for role in ORDER
        for post in _posts(unit, role)
        if post.user_id in staff.reviewers
        and may_decide(
            post.user_id, barred=barred, deciders=deciders, proofreader=None, separate=True
        )
    ]
    decider = able[0]
    if step.proofread_by is not None:
        return step.proofread_by, next(one for one in able if one != step.proofread_by)
    readers = staff.proofreaders - {decider.pk} - barred
    return User.objects.filter(pk__in=readers).order_by("pk")[0], decider


def _posts(unit: int, role: str) -> Sequence[Post]:
    posts = Post.objects.current().filter(organization=unit, role=role)
    return list(posts.select_related("user").order_by("pk"))
