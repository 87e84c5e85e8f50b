"""A viewing that stood out is voided on its page: completion, class, hours and figures go with it,
visibly, and by themselves.
"""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from lms.classes.enrolments import enrolment_create
from lms.classes.models import Enrolment
from lms.ledger.models import CreditEntry
from lms.watching.checks import checks_find
from lms.watching.models import Completion, PlaySession, ViewingCheck
from notices.models import Message
from tests.factories import LecturePageFactory, TrainingClassFactory, UserFactory
from tests.integration.lms.ledger.conftest import watch

pytestmark = pytest.mark.django_db
REASON = "两台设备同时播放，经核实不计"


def test_voiding_takes_all_that_rested_on_it_away(
    client, units, django_capture_on_commit_callbacks
):
    member = UserFactory(home=units.branch)
    officer = UserFactory(officer=True, unit=units.township)
    lecture = LecturePageFactory(asset__duration=1200.0)
    run = TrainingClassFactory(organization=units.county, required=[lecture])
    enrolment_create(training_class=run, user=member)
    with django_capture_on_commit_callbacks(execute=True):
        session = watch(member, lecture, at=timezone.now() - dt.timedelta(hours=1))
    PlaySession.objects.filter(pk=session.pk).update(cut=900)
    checks_find()
    check = ViewingCheck.objects.get()
    assert Enrolment.objects.get().completed_at is not None
    assert sum(one.hours for one in CreditEntry.objects.all()) > 0

    client.force_login(officer)
    desk = reverse("classes:progress", args=[run.pk])
    before = client.get(desk).context["totals"]
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(
            reverse("viewing_checks:detail", args=[check.pk]),
            {"act": "void", "sessions": [str(session.pk)], "words": REASON},
        )
    assert answer.status_code == 302

    assert not Completion.objects.exists()
    assert Enrolment.objects.get().completed_at is None
    assert sum(one.hours for one in CreditEntry.objects.all()) == 0
    after = client.get(desk).context["totals"]
    assert (before["completed"], after["completed"]) == (1, 0)
    assert (before["not_started"], after["not_started"]) == (0, 1)

    client.force_login(member)
    statement = client.get(reverse("ledger:mine")).content.decode()
    assert f"<s>{lecture.title}</s>" in statement
    assert REASON in statement
    told = {one.cause: one for one in Message.objects.visible_to(member)}
    assert set(told) == {"viewing", "class"}
    assert (told["class"].text, told["class"].path) == (
        "fallen",
        reverse("classes:detail", args=[run.pk]),
    )
    assert run.title in told["class"].words

    enrolment = Enrolment.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        watch(member, lecture, at=timezone.now())
    enrolment.refresh_from_db()
    assert enrolment.completed_at is not None
    assert [one.cause for one in Message.objects.visible_to(member)] == ["viewing"]
