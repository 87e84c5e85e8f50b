"""How authors hand in, and what they then see."""

from django.urls import reverse
from django.utils import timezone

from cms.review.acts import Verdict, review_decide
from cms.submission_states import submissions_of
from tests.factories.reviews import open_step

FIELDS = {
    "title": "乡村振兴",
    "speaker": "李四",
    "subject": "skills",
    "summary": "示例。",
    "script": "同志们好。",
    "recorded_on": "2026-05-20",
    "declaration": "on",
}
SRT = "1\n00:00:01,000 --> 00:00:02,000\n同志们好\n".encode()


def hand_in(phone, asset, **fields):
    return phone.post(reverse("cms:submissions"), {**FIELDS, "asset": asset.pk, **fields})


def send_back(review, user, note="请补字幕"):
    turn_down(review, user, Verdict.SEND_BACK, note)


def refuse(review, user, note):
    turn_down(review, user, Verdict.REFUSE, note)


def turn_down(review, user, verdict, note):
    step = open_step(review)
    review_decide(
        review_id=review.pk,
        step_id=step.pk,
        version=step.version,
        user=user,
        verdict=verdict,
        note=note,
        now=timezone.now(),
    )


def item_of(author):
    (item,) = submissions_of(user=author)
    return item


def change(phone, review, **fields):
    url = reverse("cms:submission_change", args=[review.lecture_id])
    return phone.post(url, {**FIELDS, "asset": review.asset_id, **fields})
