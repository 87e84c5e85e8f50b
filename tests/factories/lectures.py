"""Shelves and lectures."""

from __future__ import annotations

import datetime as dt
from typing import Any

import factory
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from factory.django import DjangoModelFactory
from wagtail.models import Page
from wagtail.signal_handlers import disable_reference_index_auto_update

from cms.library import library_root
from cms.models import LecturePage, LibraryPage, ShelfPage, Subject
from cms.shelves import shelf_for
from media_pipeline.models import VideoAsset
from organizations.models import Organization
from tests.factories.people import OrganizationFactory
from tests.factories.recordings import VideoAssetFactory


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
        # Wagtail's index of references is a third of the work, and nothing of ours reads it.
        with disable_reference_index_auto_update():
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
