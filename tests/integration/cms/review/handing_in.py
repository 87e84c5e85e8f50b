"""How authors hand in, and what they then see."""

from django.urls import reverse

from cms.submission_states import submissions_of
from tests.integration.cms.review.acting import decide

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
    decide(review, user, "send_back", note)


def refuse(review, user, note):
    decide(review, user, "refuse", note)


def item_of(author):
    (item,) = submissions_of(user=author)
    return item


def change(phone, review, **fields):
    url = reverse("cms:submission_change", args=[review.lecture_id])
    return phone.post(url, {**FIELDS, "asset": review.asset_id, **fields})
