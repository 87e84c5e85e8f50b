"""Rows for tests, one factory a model, traits for what a test is about.

`OrganizationFactory(township=True, parent=county)`, `UserFactory(secretary=True, unit=branch)`,
`VideoAssetFactory(ready=True)`, `LecturePageFactory(draft=True)`. Nothing here touches files:
a ready recording has rows only. What a single test needs stays in that test.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import factory
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from factory.django import DjangoModelFactory
from wagtail.models import Page

from cms.library import library_root
from cms.models import LecturePage, LibraryPage, ShelfPage, Subject
from cms.shelves import shelf_for
from lms.classes.models import ClassItem, Enrolment, TrainingClass
from lms.watching.models import Completion, PersonClock, PlaySession
from media_pipeline.models import Package, Rendition, TranscodeJob, Upload, VideoAsset
from organizations.models import Membership, Organization, Placement, Post, User

# -- people ----------------------------------------------------------------------------------------


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


# -- recordings ------------------------------------------------------------------------------------


class UploadFactory(DjangoModelFactory):
    class Meta:
        model = Upload

    owner = factory.SubFactory(UserFactory)
    length = 1000
    original_name = "党课.mp4"
    expires_at = factory.LazyFunction(lambda: timezone.now() + dt.timedelta(hours=48))


class VideoAssetFactory(DjangoModelFactory):
    """A recording being prepared; `ready=True` with package and renditions, or `refused=True`."""

    class Meta:
        model = VideoAsset
        skip_postgeneration_save = True

    class Params:
        ready = factory.Trait(
            state=VideoAsset.State.READY,
            duration=60.0,
            width=1280,
            height=720,
            ready_at=factory.LazyFunction(timezone.now),
            first_play_at=factory.LazyFunction(timezone.now),
            packaged__now=True,
        )
        portrait = factory.Trait(width=720, height=1280)
        refused = factory.Trait(state=VideoAsset.State.REFUSED, reason="not_media")
        failed = factory.Trait(state=VideoAsset.State.FAILED, reason="failed")

    owner = factory.SubFactory(UserFactory)
    original_name = factory.Sequence(lambda n: f"党课{n}.mp4")
    size = 1_000_000

    @factory.post_generation
    def packaged(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        if not kwargs.get("now"):
            return
        self.package = PackageFactory(asset=self)
        self.save(update_fields=["package"])


class PackageFactory(DjangoModelFactory):
    class Meta:
        model = Package
        skip_postgeneration_save = True

    asset = factory.SubFactory(VideoAssetFactory)
    attempt = 1
    bytes = 900_000

    @factory.post_generation
    def renditions(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        for name, width, height, rate in extracted or (
            ("720p", 1280, 720, 1_400_000),
            ("360p", 640, 360, 400_000),
        ):
            RenditionFactory(package=self, name=name, width=width, height=height, bandwidth=rate)


class RenditionFactory(DjangoModelFactory):
    class Meta:
        model = Rendition

    package = factory.SubFactory(PackageFactory)
    name = "720p"
    width = 1280
    height = 720
    bandwidth = 1_400_000
    average_bandwidth = factory.LazyAttribute(lambda rendition: rendition.bandwidth // 2)
    codecs = "avc1.64001f,mp4a.40.2"
    bytes = 400_000


class TranscodeJobFactory(DjangoModelFactory):
    class Meta:
        model = TranscodeJob

    asset = factory.SubFactory(VideoAssetFactory)


# -- library ---------------------------------------------------------------------------------------


def library() -> LibraryPage:
    """The library as root page of the default site, made once."""
    return library_root()


def shelf_of(organization: Organization) -> ShelfPage:
    """The shelf on which lectures of the unit stand."""
    return shelf_for(organization)


class LecturePageFactory(DjangoModelFactory):
    """A published lecture with a ready recording of a minute; `draft=True` is not published.

    `unprepared=True` is a draft whose recording is still being prepared.

    `organization=` is the submitting unit, on whose shelf it stands.
    """

    class Meta:
        model = LecturePage

    class Params:
        draft = factory.Trait(live=False)
        # Never live: only a ready recording can be published.
        unprepared = factory.Trait(live=False, asset=factory.SubFactory(VideoAssetFactory))

    title = factory.Sequence(lambda n: f"微党课第{n}讲")
    slug = factory.Sequence(lambda n: f"lecture-{n}")
    live = True
    summary = "示例课程简介。"
    speaker = "李四"
    subject = Subject.SKILLS
    recorded_on = dt.date(2026, 5, 20)
    organization = factory.SubFactory(OrganizationFactory)
    asset = factory.SubFactory(VideoAssetFactory, ready=True)

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        page = model_class(**kwargs)
        if page.live:
            page.first_published_at = page.first_published_at or timezone.now()
            page.last_published_at = page.last_published_at or page.first_published_at
        shelf = shelf_of(page.organization)
        return ShelfPage.objects.get(pk=shelf.pk).add_child(instance=page)


def many_lectures(count: int, *, organization: Organization, asset: VideoAsset) -> None:
    """Published lectures by the thousand, in a few inserts: for query counts and benchmarks."""
    shelf = ShelfPage.objects.get(pk=shelf_of(organization).pk)
    kind = ContentType.objects.get_for_model(LecturePage)
    now = timezone.now()
    first = shelf.numchild + 1
    pages = [
        LecturePage(
            title=f"批量微党课{number}",
            draft_title=f"批量微党课{number}",
            slug=f"bulk-{number}",
            url_path=f"{shelf.url_path}bulk-{number}/",
            path=LecturePage._get_path(shelf.path, shelf.depth + 1, number),
            depth=shelf.depth + 1,
            content_type=kind,
            locale_id=shelf.locale_id,
            live=True,
            first_published_at=now - dt.timedelta(minutes=number),
            last_published_at=now,
            asset=asset,
            organization=organization,
        )
        for number in range(first, first + count)
    ]
    base_fields = [field.attname for field in Page._meta.concrete_fields if field.attname != "id"]
    bases = Page.objects.bulk_create(
        [Page(**{name: getattr(page, name) for name in base_fields}) for page in pages],
        batch_size=500,
    )
    # bulk_create refuses models with a parent table, so their own columns are inserted here.
    for page, base in zip(pages, bases, strict=True):
        page.page_ptr_id = page.pk = base.pk
    for start in range(0, count, 500):
        LecturePage._base_manager.all()._insert(
            pages[start : start + 500],
            fields=LecturePage._meta.local_concrete_fields,
            using=LecturePage._base_manager.db,
        )
    Page.objects.filter(pk=shelf.pk).update(numchild=shelf.numchild + count)


# -- watching --------------------------------------------------------------------------------------


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


class CompletionFactory(DjangoModelFactory):
    class Meta:
        model = Completion

    user = factory.SubFactory(UserFactory)
    lecture = factory.SubFactory(LecturePageFactory)
    asset = factory.LazyAttribute(lambda completion: completion.lecture.asset)
    completed_at = factory.LazyFunction(timezone.now)
    rule_version = 1
    covered = 60


# -- classes ---------------------------------------------------------------------------------------


class TrainingClassFactory(DjangoModelFactory):
    """A class that is open now; `required=` and `electives=` take lectures in their order."""

    class Meta:
        model = TrainingClass
        skip_postgeneration_save = True

    title = factory.Sequence(lambda n: f"示例培训班{n}")
    organization = factory.SubFactory(OrganizationFactory)
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


class EnrolmentFactory(DjangoModelFactory):
    class Meta:
        model = Enrolment

    training_class = factory.SubFactory(TrainingClassFactory)
    user = factory.SubFactory(UserFactory)
