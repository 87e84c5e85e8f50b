"""The tree, accounts, ties and posts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from organizations.models import Membership, Organization, Placement, Post, Tag, User, dimension_of


class OrganizationFactory(DjangoModelFactory):
    """A unit below `parent`; a tree of its own without one. A branch unless a trait says."""

    class Meta:
        model = Organization

    class Params:
        city = factory.Trait(kind=Organization.Kind.CITY, name="朝阳市")
        county = factory.Trait(
            kind=Organization.Kind.COUNTY, name=factory.Sequence(lambda n: f"示例县{n}")
        )
        township = factory.Trait(
            kind=Organization.Kind.TOWNSHIP, name=factory.Sequence(lambda n: f"示例镇{n}")
        )
        line = factory.Trait(
            kind=Organization.Kind.LINE, name=factory.Sequence(lambda n: f"示例工委{n}")
        )

    kind = Organization.Kind.BRANCH
    code = factory.Sequence(lambda n: f"T{n:09d}")
    name = factory.Sequence(lambda n: f"示例村党支部{n}")

    @classmethod
    def _create(cls, model_class: Any, *args: Any, parent: Any = None, **kwargs: Any) -> Any:
        # treebeard counts children on the instance; read it again so that siblings do not clash.
        unit = (
            Organization.objects.get(pk=parent.pk).add_child(**kwargs)
            if parent
            else Organization.add_root(**kwargs)
        )
        if unit.closed_on is None:
            PlacementFactory(organization=unit, parent=parent)
        return unit


class PlacementFactory(DjangoModelFactory):
    """Where the unit stands since it was opened."""

    class Meta:
        model = Placement

    name = factory.SelfAttribute("organization.name")
    kind = factory.SelfAttribute("organization.kind")
    path = factory.SelfAttribute("organization.path")
    valid_from = factory.SelfAttribute("organization.opened_on")


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    organization = factory.SubFactory(OrganizationFactory)
    kind = Membership.Kind.HOME
    valid_from = dt.date(2024, 1, 1)


class PostFactory(DjangoModelFactory):
    class Meta:
        model = Post

    organization = factory.SubFactory(OrganizationFactory)
    role = Post.Role.SECRETARY
    valid_from = dt.date(2024, 1, 1)


class TagFactory(DjangoModelFactory):
    """`value` says of what dimension it is."""

    class Meta:
        model = Tag

    dimension = factory.LazyAttribute(lambda tag: dimension_of(tag.value))
    valid_from = dt.date(2024, 1, 1)


class UserFactory(DjangoModelFactory):
    """An account; `home=` gives a home branch, a role trait gives a post in `unit=`.

    Without `password=` it has no usable one: sign in with `client.force_login`.
    """

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        secretary = factory.Trait(post__role=Post.Role.SECRETARY)
        reviewer = factory.Trait(post__role=Post.Role.REVIEWER)
        curator = factory.Trait(post__role=Post.Role.CURATOR)
        administrator = factory.Trait(post__role=Post.Role.ADMINISTRATOR)
        officer = factory.Trait(post__role=Post.Role.AFFAIRS_OFFICER)
        operator = factory.Trait(post__role=Post.Role.SITE_OPERATOR)
        security = factory.Trait(post__role=Post.Role.SECURITY)
        auditor = factory.Trait(post__role=Post.Role.AUDITOR)

    username = factory.Sequence(lambda n: f"user{n}")
    name = factory.Sequence(lambda n: f"张三{n}")
    password = "!"
    activated_at = factory.LazyFunction(timezone.now)

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        password = kwargs.pop("password")
        user = model_class(**kwargs)
        if password == "!":
            user.set_unusable_password()
        else:
            user.set_password(password)
        user.save()
        return user

    @factory.post_generation
    def home(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        if extracted is True:
            extracted = OrganizationFactory()
        if extracted:
            MembershipFactory(user=self, organization=extracted)

    @factory.post_generation
    def unit(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        """The unit of the post that a role trait makes; a new branch without it."""
        if extracted:
            self._unit = extracted

    @factory.post_generation
    def post(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        if "role" in kwargs:
            unit = getattr(self, "_unit", None) or OrganizationFactory()
            PostFactory(user=self, organization=unit, role=kwargs["role"])
