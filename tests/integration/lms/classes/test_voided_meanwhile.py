"""A viewing that is voided while the class completion that rests on it is being written."""

import threading

import pytest
from django.db import connection, connections

from lms.classes import enrolments
from lms.classes.enrolments import enrolment_create, lecture_counted, people_enrol
from lms.classes.models import Enrolment
from lms.watching.models import Completion, PlaySession
from lms.watching.play import play_session_void
from tests.factories import (
    EnrolmentFactory,
    LecturePageFactory,
    PersonClockFactory,
    PlaySessionFactory,
    TrainingClassFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lecture():
    return LecturePageFactory(asset__duration=60.0)


@pytest.fixture
def run(lecture):
    return TrainingClassFactory(required=[lecture])


@pytest.fixture
def learnt(lecture):
    """Somebody whose one viewing carries a completion."""
    person = UserFactory(home=True)
    PersonClockFactory(user=person)
    seen = ((1 << 60) - 1).to_bytes(8, "little")
    session = PlaySessionFactory(user=person, lecture=lecture, seen=seen, accepted=60)
    Completion.objects.create(
        user=person, lecture=lecture, asset=lecture.asset, rule_version=1, covered=60,
        completed_at=session.started_at,
    )  # fmt: skip
    return session


class Meanwhile(threading.Thread):
    """Voids the viewing, begun when the writer has looked for the `look`th time."""

    def __init__(self, monkeypatch, session, *, look):
        super().__init__()
        self.session, self.look, self.looks = session, look, 0
        self.really = enrolments.done_by
        monkeypatch.setattr(enrolments, "done_by", self.done_by)

    def done_by(self, *args):
        done = self.really(*args)
        if threading.current_thread() is not self:
            self.looks += 1
            if self.looks == self.look:
                self.start()
                # The first look holds nothing, so the voiding ends; then it waits for the writer.
                # SQLite has one writer: it waits either way.
                if self.look == 1 and connection.vendor == "postgresql":
                    self.join(30)
        return done

    def run(self):
        try:
            play_session_void(session=self.session)
        finally:
            connections.close_all()


def by_a_beat(run, session):
    EnrolmentFactory(training_class=run, user=session.user)
    return lambda: lecture_counted(user_id=session.user_id, lecture_id=session.lecture_id)


def by_enrolling(run, session):
    return lambda: enrolment_create(training_class=run, user=session.user)


def by_a_rule(run, session):
    homes = [(session.user_id, None)]
    return lambda: people_enrol(training_class=run, homes=homes, origin=Enrolment.Origin.RULE)


@pytest.mark.parametrize("look", [1, 2])
@pytest.mark.parametrize("act", [by_a_beat, by_enrolling, by_a_rule])
def test_the_class_is_not_complete_afterwards(monkeypatch, run, learnt, act, look):
    write = act(run, learnt)
    meanwhile = Meanwhile(monkeypatch, learnt, look=look)
    write()
    meanwhile.join(30)

    assert meanwhile.looks >= look
    assert PlaySession.objects.get().voided_at is not None
    assert not Completion.objects.exists()
    assert Enrolment.objects.get().completed_at is None
