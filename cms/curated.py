"""The curated lists of the library, and what groups its lectures.

Topics and audiences are one list for the whole prefecture; bases, speakers, productions and
collections belong to the unit that keeps them. The seven education tasks are `cms.models.Subject`.
"""

from __future__ import annotations

from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from cms.plain import LineField, ProseField
from cms.visibility import lectures_seen_by
from organizations.models import Organization


class Listed(models.Model):
    """One word of a list that the whole prefecture shares."""

    name = LineField(pgettext_lazy("list", "name"), max_length=30, unique=True)
    position = models.PositiveSmallIntegerField(
        _("order"), default=100, help_text=_("Small numbers come first.")
    )

    class Meta:
        abstract = True
        ordering = ("position", "name")

    def __str__(self) -> str:
        return self.name


class Topic(Listed):
    """What lectures are about, beside the education task that each serves."""

    class Meta(Listed.Meta):
        verbose_name = _("topic")
        verbose_name_plural = _("topics")


class Audience(Listed):
    """For whom a lecture or a menu is meant: farmers, community workers, secretaries."""

    # Values of `organizations.models.Tag`; without any it is for everybody.
    tags = models.JSONField(_("members with the tag"), default=list, blank=True)

    class Meta(Listed.Meta):
        verbose_name = _("audience")
        verbose_name_plural = _("audiences")


class KeptByUnit(models.Model):
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", verbose_name=_("kept by")
    )

    class Meta:
        abstract = True


class Base(KeptByUnit):
    """A training base (教育基地): a place where lectures are recorded and classes taught."""

    class Level(models.TextChoices):
        CITY = "city", _("city level")
        COUNTY = "county", _("county level")
        TOWNSHIP = "township", _("township level")
        VILLAGE = "village", _("village level")

    name = LineField(pgettext_lazy("list", "name"), max_length=60)
    level = models.CharField(_("level"), max_length=10, choices=Level.choices)
    place = LineField(_("address"), max_length=100, blank=True)
    introduction = ProseField(_("introduction"), max_length=600, blank=True)

    class Meta:
        verbose_name = _("training base")
        verbose_name_plural = _("training bases")
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(fields=["organization", "name"], name="one_base_of_a_name"),
        )

    def __str__(self) -> str:
        return self.name


class Speaker(KeptByUnit):
    """A speaker with a page of the own lectures; shown as the unit wrote it, no account."""

    name = LineField(pgettext_lazy("person", "name"), max_length=60)
    office = LineField(
        _("office or work"),
        max_length=80,
        blank=True,
        help_text=_("As it stands under the name, for instance “lecturer of the party school”."),
    )
    introduction = ProseField(_("introduction"), max_length=600, blank=True)

    class Meta:
        verbose_name = _("speaker")
        verbose_name_plural = _("speakers")
        ordering = ("name", "pk")
        constraints = (
            # Two people of one name in one unit are told apart by their office.
            models.UniqueConstraint(
                fields=["organization", "name", "office"], name="one_speaker_of_a_name_and_office"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} · {self.office}" if self.office else self.name


class Production(KeptByUnit):
    """A production (部): lecture items (节) that were made as one."""

    title = LineField(_("title"), max_length=80)
    introduction = ProseField(_("introduction"), max_length=600, blank=True)

    class Meta:
        verbose_name = _("production")
        verbose_name_plural = _("productions")
        ordering = ("title", "pk")

    def __str__(self) -> str:
        return self.title


class CollectionQuerySet(models.QuerySet["LectureCollection"]):
    def visible_to(self, user: Any) -> Self:
        """Those on show; for whoever is not signed in, if they hold anything open to the public."""
        shown = self.filter(is_shown=True)
        if user.is_authenticated and user.is_active:
            return shown
        seen = CollectionItem.objects.filter(lectures_seen_by(user, at="lecture__"))
        return shown.filter(models.Exists(seen.filter(collection=models.OuterRef("pk"))))


class LectureCollection(KeptByUnit, ClusterableModel):
    """A collection (专题): lectures in an order, with an introduction."""

    title = LineField(_("title"), max_length=60)
    introduction = ProseField(_("introduction"), max_length=600, blank=True)
    is_shown = models.BooleanField(_("on show in the library"), default=True)
    position = models.PositiveSmallIntegerField(
        _("order"), default=100, help_text=_("Small numbers come first.")
    )

    objects = CollectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        ordering = ("position", "-pk")

    def __str__(self) -> str:
        return self.title


class OrderedLecture(models.Model):
    """A lecture at a place in an order. A subclass adds what it stands in."""

    lecture = models.ForeignKey(
        "cms.LecturePage", on_delete=models.CASCADE, related_name="+", verbose_name=_("lecture")
    )
    position = models.PositiveIntegerField(_("order"), default=0, blank=True, editable=False)
    # Where Wagtail's forms keep the order.
    sort_order_field = "position"

    class Meta:
        abstract = True
        ordering = ("position", "pk")

    def clean(self) -> None:
        """What is taken down later may stay where it stands; members do not see it there."""
        super().clean()
        stands = type(self)._default_manager.filter(pk=self.pk, lecture=self.lecture_id)
        if self.lecture_id and not self.lecture.live and not (self.pk and stands.exists()):
            raise ValidationError({"lecture": _("Only published lectures can be chosen.")})


class CollectionItem(OrderedLecture):
    collection = ParentalKey(LectureCollection, on_delete=models.CASCADE, related_name="items")

    class Meta(OrderedLecture.Meta):
        verbose_name = _("lecture of a collection")
        verbose_name_plural = _("lectures of collections")
        constraints = (
            models.UniqueConstraint(
                fields=["collection", "lecture"], name="one_item_per_lecture_and_collection"
            ),
        )

    def __str__(self) -> str:
        return f"{self.collection} – {self.lecture}"
