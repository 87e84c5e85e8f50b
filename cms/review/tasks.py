"""The sweep of reviews: finds what a lost signal or a changed post left undone; the digest."""

from celery import shared_task

from cms.review.rounds import reviews_sweep
from cms.review.telling import reviewers_sweep, reviewers_tell


@shared_task
def sweep_reviews() -> None:
    reviews_sweep()
    reviewers_sweep()


@shared_task
def tell_reviewers() -> None:
    reviewers_tell()
