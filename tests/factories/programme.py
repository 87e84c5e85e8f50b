"""Curated lists, collections, menus, programmes, lecture activities."""

from __future__ import annotations

import datetime as dt
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from cms.curated import (
    Audience,
    Base,
    CollectionItem,
    LectureCollection,
    Production,
    Speaker,
    Topic,
)
from cms.programme.models import LectureActivity, Menu, MenuItem, Programme, ProgrammeItem
from lms.gatherings.models import Gathering, GatheringItem
from tests.factories.lectures import LecturePageFactory
from tests.factories.people import OrganizationFactory


class TopicFactory(DjangoModelFactory):
    class Meta:
        model = Topic

    name = factory.Sequence(lambda n: f"示例专题词{n}")


class AudienceFactory(DjangoModelFactory):
    class Meta:
        model = Audience

    name = factory.Sequence(lambda n: f"示例对象{n}")


class BaseFactory(DjangoModelFactory):
    class Meta:
        model = Base

    name = factory.Sequence(lambda n: f"示例基地{n}")
    level = Base.Level.COUNTY
    organization = factory.SubFactory(OrganizationFactory)


class SpeakerFactory(DjangoModelFactory):
    class Meta:
        model = Speaker

    name = factory.Sequence(lambda n: f"主讲{n}")
    organization = factory.SubFactory(OrganizationFactory)


class ProductionFactory(DjangoModelFactory):
    class Meta:
        model = Production

    title = factory.Sequence(lambda n: f"示例作品{n}")
    organization = factory.SubFactory(OrganizationFactory)


class _Ordered(DjangoModelFactory):
    """`lectures=` in their order, or `titles=` of new ones of the same unit."""

    class Meta:
        abstract = True
        skip_postgeneration_save = True

    organization = factory.SubFactory(OrganizationFactory)

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        titles, lectures = kwargs.pop("titles", ()), list(kwargs.pop("lectures", ()))
        made = super()._create(model_class, *args, **kwargs)
        unit = made.organization
        lectures += [LecturePageFactory(title=title, organization=unit) for title in titles]
        item, field = cls.items_of()
        for position, lecture in enumerate(lectures):
            item.objects.create(lecture=lecture, position=position, **{field: made})
        return made

    @classmethod
    def items_of(cls) -> tuple[Any, str]:
        raise NotImplementedError


class CollectionFactory(_Ordered):
    class Meta:
        model = LectureCollection

    title = factory.Sequence(lambda n: f"示例专题{n}")

    @classmethod
    def items_of(cls) -> tuple[Any, str]:
        return CollectionItem, "collection"


class MenuFactory(_Ordered):
    class Meta:
        model = Menu

    title = factory.Sequence(lambda n: f"示例菜单{n}")
    audience = factory.SubFactory(AudienceFactory)

    @classmethod
    def items_of(cls) -> tuple[Any, str]:
        return MenuItem, "menu"


class ProgrammeFactory(_Ordered):
    class Meta:
        model = Programme

    title = factory.Sequence(lambda n: f"示例安排{n}")
    on = factory.LazyFunction(timezone.localdate)

    @classmethod
    def items_of(cls) -> tuple[Any, str]:
        return ProgrammeItem, "programme"


class GatheringFactory(_Ordered):
    """A gathering that is planned for today; `running=True` has begun."""

    class Meta:
        model = Gathering

    class Params:
        running = factory.Trait(
            state=Gathering.State.OPEN, opened_at=factory.LazyFunction(timezone.now)
        )

    title = factory.Sequence(lambda n: f"示例集中收看{n}")
    place = "村部"
    on = factory.LazyFunction(timezone.localdate)

    @classmethod
    def items_of(cls) -> tuple[Any, str]:
        return GatheringItem, "gathering"


class ActivityFactory(DjangoModelFactory):
    class Meta:
        model = LectureActivity

    organization = factory.SubFactory(OrganizationFactory)
    held_on = dt.date(2026, 5, 20)
    title = factory.Sequence(lambda n: f"示例党课{n}")
    speaker = "李四"
    place = "村部"
    headcount = 20
