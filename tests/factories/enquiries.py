"""Questions to speakers, problems, suggestions."""

from __future__ import annotations

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from cms.enquiries.models import Enquiry
from tests.factories.lectures import LecturePageFactory
from tests.factories.people import OrganizationFactory, UserFactory


class EnquiryFactory(DjangoModelFactory):
    """An open question on a lecture; `suggestion=True` is one to a unit, `published=True` has been
    answered.
    """

    class Meta:
        model = Enquiry

    class Params:
        suggestion = factory.Trait(
            kind=Enquiry.Kind.SUGGESTION,
            lecture=None,
            organization=factory.SubFactory(OrganizationFactory),
        )
        published = factory.Trait(
            state=Enquiry.State.ANSWERED,
            answer="土壤解冻以后。",
            answered_at=factory.LazyFunction(timezone.now),
        )

    kind = Enquiry.Kind.QUESTION
    lecture = factory.SubFactory(LecturePageFactory)
    organization = factory.SelfAttribute("lecture.organization")
    sender = factory.SubFactory(UserFactory)
    text = factory.Sequence(lambda n: f"第{n}问：什么时候春耕？")
