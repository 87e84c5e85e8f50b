"""Where a submission stands in review, in the words and steps that its author sees.

Reads only what `with_reviews` has loaded, so a list of any length takes a constant number of
queries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cms.models import LecturePage
from cms.review.models import Kind, Review, ReviewComment, ReviewStep, TakeDown
from cms.review.reviewers import DECIDERS, barred_from, deciders_of
from cms.standing import Standing
from organizations.models import Post

State = ReviewStep.State
NAMES_SHOWN = 3


@dataclass(frozen=True)
class Stage:
    """One line of the timeline; `state` is done, current, waiting or failed."""

    key: str
    label: str
    state: str
    note: str = ""


@dataclass(frozen=True)
class Remark:
    """What a reviewer wrote, for the author; `second` is None when it is about the whole."""

    text: str
    second: float | None = None

    @property
    def moment(self) -> str:
        """As players write it; empty when it is about the whole."""
        return "" if self.second is None else clock_text(self.second)


def clock_text(seconds: float) -> str:
    """For instance "1:05", "1:00:05"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


# What comes after publication ("in the library"): lecture → stage.
AFTER_PUBLICATION: list[Callable[[LecturePage], Stage | None]] = []


def with_reviews() -> list[Prefetch]:
    """What to load with recordings, to read their reviews here."""
    reviews = Review.objects.select_related("asset").prefetch_related(
        Prefetch("lecture", _lectures()),
        Prefetch(
            "steps",
            ReviewStep.objects.select_related("unit", "planned_unit", "decided_by").order_by(
                "round", "position"
            ),
        ),
        Prefetch("comments", ReviewComment.objects.order_by("version", "second", "pk")),
        Prefetch("lecture__take_downs", TakeDown.objects.order_by("-pk")),
        Prefetch("lecture__standings", Standing.objects.open().select_related("decided_by")),
    )
    return [Prefetch("review_version__review", reviews)]


def with_lectures() -> list[Any]:
    """What to load with recordings, to know of which submissions they are versions."""
    return ["review_version__review", Prefetch("review_version__review__lecture", _lectures())]


def _lectures() -> Any:
    return LecturePage.objects.with_what_is_left_behind().select_related("organization")


def names_at(reviews: Iterable[Review]) -> dict[int, list[str]]:
    """Who could decide each open step, by the step's id; one query for all of them."""
    steps = [
        (review, step)
        for review in reviews
        for step in review.steps.all()
        if step.state == State.OPEN and step.unit_id
    ]
    posts = (
        Post.objects.current()
        .filter(organization__in={step.unit_id for _review, step in steps}, user__is_active=True)
        .select_related("user")
        .order_by("pk")
    )
    held = list(posts) if steps else []
    found: dict[int, list[str]] = {}
    for review, step in steps:
        gone = barred_from(review) | deciders_of(review.steps.all(), step)
        if step.separate:
            gone.add(step.proofread_by_id)
        names = {
            post.user.name: None
            for post in held
            if post.organization_id == step.unit_id
            and post.role in DECIDERS[Kind(step.kind)]
            and post.user_id not in gone
        }
        found[step.pk] = list(names)
    return found


def review_stages(review: Review, *, names: dict[int, list[str]]) -> list[Stage]:
    """The reviews of the present round, then publication and what comes after it."""
    steps = [step for step in review.steps.all() if step.round == review.round]
    stages = [_stage(review, step, names.get(step.pk, [])) for step in steps]
    stages.append(_publication(review))
    if review.lecture.live:
        later = (stage_of(review.lecture) for stage_of in AFTER_PUBLICATION)
        stages += [stage for stage in later if stage is not None]
    return stages


def remarks_of(review: Review) -> list[Remark]:
    """What the author is to read: why it came back or was refused, and the round's comments."""
    last = last_round(review)
    ended = [
        step
        for step in review.steps.all()
        if step.round == last and step.state in (State.SENT_BACK, State.REFUSED)
    ]
    if not ended:
        return []
    remarks = [Remark(step.note) for step in ended if step.note]
    return remarks + [
        Remark(comment.text, comment.second)
        for comment in review.comments.all()
        if comment.round == last
    ]


def last_round(review: Review) -> int:
    """The file's own round may be an earlier one: where a later recording was refused."""
    return max((step.round for step in review.steps.all()), default=review.round)


def open_take_down(lecture: LecturePage) -> TakeDown | None:
    return next((one for one in lecture.take_downs.all() if one.lifted_at is None), None)


def standing_of(review: Review) -> tuple[str, str]:
    """A few words and their tone: info, ok, warn or danger."""
    if open_take_down(review.lecture) is not None:
        return _("Taken down"), "warn"
    if review.state == Review.State.SENT_BACK:
        return _("Sent back, please change it"), "warn"
    if review.state == Review.State.REFUSED:
        return _("Refused"), "danger"
    if review.state == Review.State.APPROVED:
        if review.lecture.live and _was_refused(review):
            return _("Published; the new version was refused"), "warn"
        return _approved(review.lecture)
    if review.held_since is not None:
        return _("Waiting for your new version"), "info"
    step = open_step_of(review)
    if step is None:
        return _("In review"), "info"
    return _("In review: %(kind)s") % {"kind": step.get_kind_display()}, "info"


def _approved(lecture: LecturePage) -> tuple[str, str]:
    if lecture.live:
        return _("Published"), "ok"
    if lecture.first_published_at is None:
        return _("Passed, not published yet"), "info"
    return taken_down(lecture)


def taken_down(lecture: LecturePage) -> tuple[str, str]:
    return (_("Taken down as planned"), "info") if lecture.expired else (_("Taken down"), "warn")


def _was_refused(review: Review) -> bool:
    """A later recording than the one that has stayed."""
    return any(
        step.round > review.round and step.state == State.REFUSED for step in review.steps.all()
    )


def open_step_of(review: Review) -> ReviewStep | None:
    return next((step for step in review.steps.all() if step.state == State.OPEN), None)


def _stage(review: Review, step: ReviewStep, names: list[str]) -> Stage:
    unit = step.unit or step.planned_unit
    label = _("%(kind)s, %(unit)s") % {"kind": step.get_kind_display(), "unit": unit.name}
    key = f"review-{step.position}"
    if step.state == State.OPEN:
        return Stage(key, label, "current", _where(review, step, names))
    if step.decided_by is not None and step.state != State.VOID:
        words = _("%(name)s, %(day)s") % {
            "name": step.decided_by.name,
            "day": day_text(step.decided_at),
        }
        done = step.state == State.APPROVED
        return Stage(key, label, "done" if done else "failed", words)
    return Stage(key, label, "waiting")


def _where(review: Review, step: ReviewStep, names: list[str]) -> str:
    if review.held_since is not None:
        return _("rests until your new version is here")
    if step.unit_id is None or not names:
        return _(
            "nobody can review it at present; please ask the organisation department to appoint "
            "somebody"
        )
    shown = pgettext("between names", ", ").join(names[:NAMES_SHOWN])
    if len(names) > NAMES_SHOWN:
        return _("with %(names)s and %(n)s more") % {
            "names": shown,
            "n": len(names) - NAMES_SHOWN,
        }
    return _("with %(names)s") % {"names": shown}


def _publication(review: Review) -> Stage:
    label, lecture = _("Publication"), review.lecture
    taken = open_take_down(lecture)
    if taken is not None:
        return Stage("publish", label, "failed", _("taken down: %(why)s") % {"why": taken.reason})
    if lecture.live and lecture.first_published_at:
        return Stage("publish", label, "done", day_text(lecture.first_published_at))
    return Stage("publish", label, "waiting", _planned(lecture))


def _planned(lecture: LecturePage) -> str:
    """The time that a keeper set for it in the editor; known here once the reviews are through."""
    if lecture.go_live_at is None or lecture.go_live_at <= timezone.now():
        return ""
    when = date_format(timezone.localtime(lecture.go_live_at), "DATETIME_FORMAT")
    return _("planned for %(when)s") % {"when": when}


def day_text(moment: Any) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT")
