"""The resource library as Wagtail pages: the library, its shelves by organisation, its lectures.

Video bytes belong to `media_pipeline`; who watched what belongs to `lms`.
"""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, PageManager
from wagtail.query import PageQuerySet


class Subject(models.TextChoices):
    """The seven education tasks of 党员教育管理工作条例, articles 9 to 15."""

    THEORY = "theory", _("Political theory")
    POLITICS = "politics", _("Political education and training")
    RULES = "rules", _("Party constitution, rules and discipline")
    PURPOSE = "purpose", _("The party's purpose")
    TRADITION = "tradition", _("Revolutionary tradition")
    SITUATION = "situation", _("Situation and policy")
    SKILLS = "skills", _("Knowledge and skills")


class LibraryPage(Page):
    """The root of the library; its children are shelves."""

    template = "cms/library_page.html"
    max_count = 1

    class Meta:
        verbose_name = _("resource library")
        verbose_name_plural = _("resource libraries")


class ShelfPage(Page):
    """The shelf of one organisational unit, made on demand, nested as the units are."""

    organization = models.OneToOneField(
        "organizations.Organization",
        on_delete=models.PROTECT,
        related_name="shelf",
        verbose_name=_("organisation"),
    )

    template = "cms/shelf_page.html"

    class Meta:
        verbose_name = _("shelf")
        verbose_name_plural = _("shelves")


class LecturePageQuerySet(PageQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Published lectures, for people who are signed in."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.live()

    def newest(self) -> Self:
        return self.order_by("-first_published_at", "-pk")


class LecturePage(Page):
    summary = models.CharField(_("summary"), max_length=200, blank=True)
    speaker = models.CharField(_("speaker"), max_length=60, blank=True)
    subject = models.CharField(
        _("subject"), max_length=12, choices=Subject.choices, default=Subject.SKILLS
    )
    recorded_on = models.DateField(_("recorded on"), null=True, blank=True)
    asset = models.ForeignKey(
        "media_pipeline.VideoAsset",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="lectures",
        verbose_name=_("recording"),
    )
    # The unit that submitted it, kept beside the shelf for lists without a join through the tree.
    organization = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="lectures",
        verbose_name=_("submitting unit"),
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="submitted_lectures",
        verbose_name=_("submitted by"),
    )
    submitted_at = models.DateTimeField(_("submitted at"), default=timezone.now)

    objects = PageManager.from_queryset(LecturePageQuerySet)()

    template = "cms/lecture_page.html"

    class Meta:
        verbose_name = _("lecture")
        verbose_name_plural = _("lectures")
