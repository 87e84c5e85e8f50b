"""The sweep of reviews: finds what a lost signal or a changed post left undone."""

from celery import shared_task

from cms.review.rounds import reviews_sweep


@shared_task
def sweep_reviews() -> None:
    reviews_sweep()
