"""Submissions in review: with the people whom the rules ask for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from cms.review.acts import Verdict, proofread, review_decide, secrecy_pass
from cms.review.models import Review, ReviewStep, ReviewVersion
from cms.submissions import lecture_submit
from organizations.models import Organization, User
from tests.factories.people import PostFactory, UserFactory
from tests.factories.recordings import VideoAssetFactory


def review_staff(unit: Organization) -> SimpleNamespace:
    """Four people who can hold the three reviews of the unit, by name of what they do here."""
    people = {
        "clerk": UserFactory(reviewer=True, unit=unit, name="经办人甲"),
        "section": UserFactory(reviewer=True, unit=unit, name="科室乙"),
        "leader": UserFactory(curator=True, unit=unit, name="领导丙"),
        "reader": UserFactory(reviewer=True, unit=unit, name="校对丁"),
    }
    return SimpleNamespace(**people)


def submission(author: Any, **fields: Any) -> Review:
    """A ready recording that was handed in just now."""
    asset = fields.pop("asset", None) or VideoAssetFactory(owner=author, ready=True)
    fields = {"title": "乡村振兴", "speaker": "李四", "summary": "示例。", **fields}
    page = lecture_submit(user=author, asset=asset, declared=True, **fields)
    return Review.objects.get(lecture=page)


def reviewed(lecture: Any) -> Any:
    """The lecture, with a file that says that its recording has passed its reviews."""
    review = Review.objects.create(
        lecture=lecture,
        asset=lecture.asset,
        uploader=lecture.asset.owner,
        organization=lecture.organization,
        state=Review.State.APPROVED,
    )
    ReviewVersion.objects.create(review=review, number=1, asset=lecture.asset, passed_round=1)
    return lecture


def open_step(review: Review) -> ReviewStep:
    return ReviewStep.objects.get(review=review.pk, state=ReviewStep.State.OPEN)


def pass_step(review: Review, *, reader: User, decider: User, note: str = "") -> Review:
    """Proofread and approve what is open; with the check for secrets where it is due."""
    step = open_step(review)
    at = {"review_id": review.pk, "step_id": step.pk, "version": step.version}
    now = timezone.now()
    proofread(**at, user=reader, now=now)
    if step.kind == "final":
        secrecy_pass(**at, user=reader, now=now)
    return review_decide(**at, user=decider, verdict=Verdict.APPROVE, note=note, now=now)


def pass_all(review: Review, staff: SimpleNamespace) -> Review:
    for decider in (staff.clerk, staff.section, staff.leader):
        review = pass_step(review, reader=staff.reader, decider=decider)
    return review


__all__ = [
    "PostFactory",
    "open_step",
    "pass_all",
    "pass_step",
    "review_staff",
    "reviewed",
    "submission",
]
