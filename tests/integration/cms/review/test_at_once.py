"""Two people, the same instant."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from audit.models import AuditEntry
from cms.models import LecturePage
from cms.review.errors import ReviewConflict
from cms.review.models import Review
from cms.review.rounds import review_resubmit
from tests.factories import VideoAssetFactory
from tests.factories.reviews import open_step, pass_step
from tests.integration.cms.review.acting import decide, read

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_decisions_at_once_one_counts(review, staff):
    read(review, staff.reader)
    step, together, answers = open_step(review), threading.Barrier(2), []

    def press(user, verdict):
        together.wait(10)
        try:
            decide(review, user, verdict, note="意见", step=step)
            answers.append("done")
        except ReviewConflict:
            answers.append("told")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=press, args=(staff.clerk, "approve")),
        threading.Thread(target=press, args=(staff.section, "send_back")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == ["done", "told"]
    acts = AuditEntry.objects.filter(action__in=["review.approve", "review.send_back"])
    assert acts.count() == 1


def test_a_new_recording_at_the_instant_of_the_final_decision_is_reviewed_whole(
    review, staff, author
):
    for decider in (staff.clerk, staff.section):
        pass_step(review, reader=staff.reader, decider=decider)
    read(review, staff.reader)
    step, together, answers = open_step(review), threading.Barrier(2), {}
    former, fresh = review.asset, VideoAssetFactory(owner=author, ready=True)
    words = ("title", "speaker", "subject", "summary", "recorded_on")
    fields = {name: getattr(review.lecture, name) for name in words}

    def press(name, act):
        together.wait(10)
        try:
            act()
            answers[name] = "done"
        except ReviewConflict:
            answers[name] = "told"
        finally:
            connection.close()

    def resubmit():
        review_resubmit(
            review_id=review.pk,
            user=author,
            fields={**fields, "audiences": [], "script": ""},
            asset=fresh,
            now=timezone.now(),
        )

    acts = {
        "decision": lambda: decide(review, staff.leader, step=step, secrecy=True),
        "recording": resubmit,
    }
    threads = [threading.Thread(target=press, args=one) for one in acts.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers["recording"] == "done"
    # Whichever came first: the new recording begins its reviews, what passed was the former.
    review.refresh_from_db()
    assert (review.state, review.asset, review.version, review.round) == (
        Review.State.REVIEWING, fresh, 2, 2,
    )  # fmt: skip
    states = review.steps.filter(round=2).order_by("position").values_list("state", flat=True)
    assert list(states) == ["open", "waiting", "waiting"]
    assert review.secrecy_by is None
    page, is_published = (
        LecturePage.objects.get(pk=review.lecture_id),
        answers["decision"] == "done",
    )
    assert page.live == is_published
    assert page.asset == (former if is_published else fresh)
    final = AuditEntry.objects.filter(action="review.approve", detail__step=step.pk)
    assert final.count() == int(is_published)
