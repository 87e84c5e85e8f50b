"""Uploads, recordings and their packages: rows only, nothing on disk."""

from __future__ import annotations

import datetime as dt
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from media_pipeline.models import Package, Rendition, TranscodeJob, Upload, VideoAsset
from tests.factories.people import UserFactory


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
