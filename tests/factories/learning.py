"""Watching and classes."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from lms.classes.criterion import RULE_UNKNOWN
from lms.classes.models import (
    ClassItem,
    ClassPlan,
    Enrolment,
    EnrolmentRule,
    PlanItem,
    TrainingClass,
)
from lms.ledger.models import ExternalClaim
from lms.watching.models import Completion, PersonClock, PlaySession, ViewingCheck
from tests.factories.lectures import LecturePageFactory
from tests.factories.people import OrganizationFactory, UserFactory


class PlaySessionFactory(DjangoModelFactory):
    class Meta:
        model = PlaySession

    user = factory.SubFactory(UserFactory)
    lecture = factory.SubFactory(LecturePageFactory)
    asset = factory.LazyAttribute(lambda session: session.lecture.asset)
    seconds = factory.LazyAttribute(lambda session: int(session.asset.duration))


class PersonClockFactory(DjangoModelFactory):
    class Meta:
        model = PersonClock

    user = factory.SubFactory(UserFactory)


class ViewingCheckFactory(DjangoModelFactory):
    class Meta:
        model = ViewingCheck

    user = factory.SubFactory(UserFactory)
    what = ViewingCheck.What.CUT
    day = factory.LazyFunction(timezone.localdate)
    facts = factory.LazyFunction(lambda: {"seconds": 600})


class CompletionFactory(DjangoModelFactory):
    class Meta:
        model = Completion

    user = factory.SubFactory(UserFactory)
    lecture = factory.SubFactory(LecturePageFactory)
    asset = factory.LazyAttribute(lambda completion: completion.lecture.asset)
    completed_at = factory.LazyFunction(timezone.now)
    rule_version = 1
    covered = 60


class ClassPlanFactory(DjangoModelFactory):
    """`required=` and `electives=` take lectures in their order."""

    class Meta:
        model = ClassPlan
        skip_postgeneration_save = True

    title = factory.Sequence(lambda n: f"示例培训方案{n}")
    organization = factory.SubFactory(OrganizationFactory)

    @factory.post_generation
    def required(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        for number, lecture in enumerate(extracted or ()):
            PlanItem.objects.create(plan=self, lecture=lecture, position=number)

    @factory.post_generation
    def electives(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        for number, lecture in enumerate(extracted or ()):
            PlanItem.objects.create(
                plan=self, lecture=lecture, kind=PlanItem.Kind.ELECTIVE, position=100 + number
            )


class TrainingClassFactory(DjangoModelFactory):
    """A class that is open now; `required=` and `electives=` take lectures in their order."""

    class Meta:
        model = TrainingClass
        skip_postgeneration_save = True

    title = factory.Sequence(lambda n: f"示例培训班{n}")
    organization = factory.SubFactory(OrganizationFactory)
    plan = factory.SubFactory(
        ClassPlanFactory,
        title=factory.SelfAttribute("..title"),
        organization=factory.SelfAttribute("..organization"),
    )
    starts_on = factory.LazyFunction(lambda: timezone.localdate() - dt.timedelta(days=10))
    ends_on = factory.LazyFunction(lambda: timezone.localdate() + dt.timedelta(days=20))

    @factory.post_generation
    def required(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        for number, lecture in enumerate(extracted or ()):
            ClassItemFactory(training_class=self, lecture=lecture, position=number)

    @factory.post_generation
    def electives(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        for number, lecture in enumerate(extracted or ()):
            ClassItemFactory(
                training_class=self,
                lecture=lecture,
                kind=ClassItem.Kind.ELECTIVE,
                position=100 + number,
            )


class ClassItemFactory(DjangoModelFactory):
    class Meta:
        model = ClassItem

    training_class = factory.SubFactory(TrainingClassFactory)
    lecture = factory.SubFactory(LecturePageFactory)


def _yesterday_at(hour: int) -> dt.datetime:
    yesterday = timezone.localtime() - dt.timedelta(days=1)
    return yesterday.replace(hour=hour, minute=0, second=0, microsecond=0)


class SessionItemFactory(ClassItemFactory):
    """An offline session that was yesterday."""

    content = ClassItem.Content.SESSION
    lecture = None
    title = "示例面授"
    place = "示例党群服务中心"
    starts_at = factory.LazyFunction(lambda: _yesterday_at(9))
    ends_at = factory.LazyFunction(lambda: _yesterday_at(11))


class ReadingItemFactory(ClassItemFactory):
    content = ClassItem.Content.READING
    lecture = None
    title = "示例阅读"
    text = "示例正文"


class EnrolmentRuleFactory(DjangoModelFactory):
    class Meta:
        model = EnrolmentRule

    training_class = factory.SubFactory(TrainingClassFactory)
    unit = factory.SelfAttribute("training_class.organization")


class EnrolmentFactory(DjangoModelFactory):
    class Meta:
        model = Enrolment

    training_class = factory.SubFactory(TrainingClassFactory)
    user = factory.SubFactory(UserFactory)
    # Where a test says when, nobody asks by what.
    completion_rule = factory.LazyAttribute(
        lambda one: RULE_UNKNOWN if getattr(one, "completed_at", None) else ""
    )


class ClaimFactory(DjangoModelFactory):
    """A claim of hours that waits for the branch."""

    class Meta:
        model = ExternalClaim

    user = factory.SubFactory(UserFactory)
    organization = factory.SubFactory(OrganizationFactory)
    title = "示例专题培训"
    host = "示例党校"
    learnt_on = factory.LazyFunction(lambda: timezone.localdate() - dt.timedelta(days=3))
    hours = Decimal("4.00")
    file = "evidence.jpg"
    file_name = "证书.jpg"
    wish = factory.LazyFunction(uuid.uuid4)
