"""The resource library as Wagtail pages: the library, its shelves by organisation, its lectures.

Video bytes belong to `media_pipeline`; who watched what belongs to `lms`. What members see of the
pages is composed in `cms.browsing` and `cms.listing`, what keepers edit in `cms.editing`.
"""

from __future__ import annotations

import secrets
from typing import Any, Self

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, PublishingPanel
from wagtail.models import Page, PageManager, PagePermissionTester
from wagtail.query import PageQuerySet
from wagtail.url_routing import RouteResult

from cms import members_only
from cms.curated import Audience, Base, Production, Speaker, Topic
from cms.decided_panel import DecidedPanel
from cms.editing import LecturePageForm, LecturePermissions, ShelfPermissions
from cms.recordings import recording_problem
from cms.standing import FLAGS, Standing
from cms.visibility import lectures_seen_by
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.chapters.models import Chapter


class Subject(models.TextChoices):
    """The seven education tasks of 党员教育管理工作条例, articles 9 to 15."""

    THEORY = "theory", _("Political theory")
    POLITICS = "politics", _("Political education and training")
    RULES = "rules", _("Party constitution, rules and discipline")
    PURPOSE = "purpose", _("The party's purpose")
    TRADITION = "tradition", _("Revolutionary tradition")
    SITUATION = "situation", _("Situation and policy")
    SKILLS = "skills", _("Knowledge and skills")


class LibraryPage(members_only.ForMembers, Page):
    """The root of the library; its children are shelves."""

    template = "cms/library_page.html"
    max_count = 1
    is_creatable = False
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["cms.ShelfPage"]
    settings_panels: list[Any] = []
    promote_panels: list[Any] = []

    class Meta:
        verbose_name = _("resource library")
        verbose_name_plural = _("resource libraries")

    def permissions_for_user(self, user: Any) -> PagePermissionTester:
        return ShelfPermissions(user, self)

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Find the page by the last part of its address, which is unique in the library.

        So a lecture deep in the tree costs no query for each level, and an address from before
        its unit moved still leads to it.
        """
        if path_components:
            slug = path_components[-1]
            page = (
                LecturePage.objects.live().for_playing().below(self).filter(slug=slug).first()
                or ShelfPage.objects.live().descendant_of(self).filter(slug=slug).first()
            )
            if page is not None:
                asked = f"{self.url_path}{'/'.join(path_components)}/"
                return RouteResult(page, kwargs={"moved": page.url_path != asked})
        return super().route(request, path_components)

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return members_only.serve(self, super().serve, request)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from cms.listing import library_context

        return super().get_context(request) | library_context(self, request)


class ShelfPage(members_only.ForMembers, Page):
    """The shelf of one organisational unit, made on demand, nested as the units are."""

    organization = models.OneToOneField(
        "organizations.Organization",
        on_delete=models.PROTECT,
        related_name="shelf",
        verbose_name=_("organisation"),
    )

    template = "cms/shelf_page.html"
    is_creatable = False
    parent_page_types = ["cms.LibraryPage", "cms.ShelfPage"]
    subpage_types = ["cms.ShelfPage", "cms.LecturePage"]
    settings_panels: list[Any] = []
    promote_panels: list[Any] = []

    class Meta:
        verbose_name = _("shelf")
        verbose_name_plural = _("shelves")

    def permissions_for_user(self, user: Any) -> PagePermissionTester:
        return ShelfPermissions(user, self)

    def serve(
        self, request: HttpRequest, *args: Any, moved: bool = False, **kwargs: Any
    ) -> HttpResponseBase:
        return members_only.serve(self, super().serve, request, moved=moved)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from cms.listing import shelf_context

        return super().get_context(request) | shelf_context(self, request)


class LecturePageQuerySet(PageQuerySet):
    def visible_to(self, user: Any) -> Self:
        return self.filter(lectures_seen_by(user))

    def newest(self) -> Self:
        # Both in Wagtail's table, where one index answers (migration 0008).
        return self.order_by("-first_published_at", "-path")

    def below(self, page: Page) -> Self:
        return self.filter(path__startswith=page.path)

    def mentioning(self, words: str) -> Self:
        """Lectures that the library's search finds for these words (docs/search.md)."""
        from cms.finding.searching import mentions

        found: Self = mentions(self, words).pages
        return found

    def with_what_is_left_behind(self) -> Self:
        """With `captions_left`, `chapters_left` and `picture_left`: whether the former recording
        has captions, chapters, or a chosen picture, and the present one has none.
        """

        def left(rows: Any) -> Any:
            former = rows.filter(asset=models.OuterRef("former_asset"))
            present = rows.filter(asset=models.OuterRef("asset"))
            return models.Exists(former) & ~models.Exists(present)

        return self.annotate(
            captions_left=left(CaptionTrack.objects),
            chapters_left=left(Chapter.objects),
            picture_left=models.Case(
                models.When(asset__poster="", former_asset__poster__gt="", then=True),
                default=False,
                output_field=models.BooleanField(),
            ),
        )

    def for_cards(self) -> Self:
        """With what a card shows."""
        return self.select_related("asset", "organization")

    def standing(self, kind: str) -> Self:
        """Those for which the decision is in force."""
        return self.filter(**{FLAGS[Standing.Kind(kind)]: True})

    def for_playing(self) -> Self:
        """With what a player needs."""
        # Not the captions' text, which may be long: player and transcript fetch it by themselves.
        # Nor the base and the production, which few lectures have.
        playing = self.select_related("asset__package", "asset__captions", "organization")
        return playing.defer("asset__captions__text")


class LecturePage(members_only.ForMembers, Page):
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
    # The recording before this one, which keeps what belongs to it (`cms.left_behind`).
    former_asset = models.ForeignKey(
        "media_pipeline.VideoAsset",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="lectures_before",
        verbose_name=_("former recording"),
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
    # Off by default: a copy that has been carried away cannot be withdrawn.
    may_download = models.BooleanField(
        _("may be downloaded"),
        default=False,
        help_text=_(
            "Members can take a pack with the film to a computer without a network, for instance "
            "for a village screening. What has been taken cannot be called back."
        ),
    )

    topics = ParentalManyToManyField(
        Topic, blank=True, related_name="lectures", verbose_name=_("topics")
    )
    audiences = ParentalManyToManyField(
        Audience, blank=True, related_name="lectures", verbose_name=_("audiences")
    )
    # Beside the free text, which stays what is shown.
    speakers = ParentalManyToManyField(
        Speaker,
        blank=True,
        related_name="lectures",
        verbose_name=_("speakers in the list"),
        help_text=_("The lecture then stands on the page of each."),
    )
    base = models.ForeignKey(
        Base,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="lectures",
        verbose_name=_("training base"),
    )
    production = models.ForeignKey(
        Production,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="lectures",
        verbose_name=_("production"),
        help_text=_("Lectures that were made as one work; it counts as one production."),
    )
    part = models.PositiveSmallIntegerField(_("part of the production"), null=True, blank=True)
    # What `Standing` says, beside the lecture for its lists; written by `cms.decisions` only.
    is_in_library = models.BooleanField(_("in the library"), default=False, editable=False)
    is_premium = models.BooleanField(_("premium"), default=False, editable=False)
    is_open = models.BooleanField(_("open to the public"), default=False, editable=False)

    objects = PageManager.from_queryset(LecturePageQuerySet)()

    template = "cms/lecture_page.html"
    parent_page_types = ["cms.ShelfPage"]
    subpage_types: list[str] = []
    base_form_class = LecturePageForm
    content_panels = [
        FieldPanel("title", help_text=_("What members read on the card and above the recording.")),
        FieldPanel("asset"),
        FieldPanel("summary"),
        FieldRowPanel([FieldPanel("speaker"), FieldPanel("recorded_on")]),
        FieldPanel("subject"),
        FieldRowPanel(
            [
                FieldPanel("topics", widget=forms.CheckboxSelectMultiple),
                FieldPanel("audiences", widget=forms.CheckboxSelectMultiple),
            ]
        ),
        FieldRowPanel([FieldPanel("speakers"), FieldPanel("base")]),
        FieldRowPanel([FieldPanel("production"), FieldPanel("part")]),
        FieldPanel("may_download"),
        MultiFieldPanel(
            [
                FieldPanel("organization", read_only=True),
                FieldPanel("submitted_by", read_only=True),
                FieldPanel("submitted_at", read_only=True),
            ],
            heading=_("Submission"),
        ),
        DecidedPanel(heading=_("Decided")),
    ]
    # When it is to be published by itself, and taken down again.
    settings_panels = [PublishingPanel()]
    promote_panels: list[Any] = []
    # Facts about the page, not about a draft: an old draft never brings an old unit back.
    FACTS = (
        *("organization_id", "submitted_by_id", "submitted_at", "former_asset_id"),
        *("is_in_library", "is_premium", "is_open"),
    )

    class Meta:
        verbose_name = _("lecture")
        verbose_name_plural = _("lectures")

    def permissions_for_user(self, user: Any) -> PagePermissionTester:
        return LecturePermissions(user, self)

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        self.slug = getattr(self, "slug", "") or new_slug()
        super().full_clean(*args, **kwargs)

    def minimal_clean(self) -> None:
        self.slug = self.slug or new_slug()
        super().minimal_clean()

    def clean(self) -> None:
        super().clean()
        if self.live and (problem := recording_problem(self.asset)):
            raise ValidationError({"asset": problem})

    def with_content_json(self, content: dict[str, Any]) -> LecturePage:
        draft: LecturePage = super().with_content_json(content)
        for fact in self.FACTS:
            setattr(draft, fact, getattr(self, fact))
        return draft

    def save(self, *args: Any, **kwargs: Any) -> None:
        """However the recording is replaced, the lecture remembers the one before."""
        before = LecturePage.objects.filter(pk=self.pk).exclude(asset=self.asset_id)
        if former := before.values_list("asset", flat=True).first():
            self.former_asset_id = former
        super().save(*args, **kwargs)

    def serve(
        self, request: HttpRequest, *args: Any, moved: bool = False, **kwargs: Any
    ) -> HttpResponseBase:
        return members_only.serve(self, super().serve, request, moved=moved)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from cms.browsing import lecture_context

        return super().get_context(request) | lecture_context(self, request)


def new_slug() -> str:
    """The last part of a lecture's address: unique in the library, says nothing, never changes."""
    return f"l-{secrets.token_hex(6)}"


# The index of what can be found is of this app.
from cms.finding.models import LectureCell, SearchText  # noqa: E402, F401
