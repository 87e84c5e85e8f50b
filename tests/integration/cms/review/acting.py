"""What reviewers do with the step that is open."""

from django.utils import timezone

from cms.review.acts import Verdict, proofread, review_decide, secrecy_pass
from tests.factories.reviews import open_step


def decide(review, user, verdict="approve", note="", step=None, **more):
    step = step or open_step(review)
    return review_decide(
        review_id=review.pk,
        step_id=step.pk,
        version=more.pop("version", step.version),
        user=user,
        verdict=Verdict(verdict),
        note=note,
        now=timezone.now(),
        **more,
    )


def read(review, user, *, secrets=False):
    step = open_step(review)
    at = {"review_id": review.pk, "step_id": step.pk, "version": step.version}
    proofread(**at, user=user, now=timezone.now())
    if secrets:
        secrecy_pass(**at, user=user, now=timezone.now())
