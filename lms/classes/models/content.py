"""What plans and runs have in common: when they were made by a form, and what an item may be."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.plain import LineField, ProseField

# Nobody prescribes more for one item; a number typed wrong is noticed.
MOST_HOURS = 80


class MadeOnce(models.Model):
    """`key` is that of the form, so that a form that is sent twice makes one row."""

    key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    class Meta:
        abstract = True


class Item(models.Model):
    """One thing to be learnt: a lecture, a collection of them, a session that one attends, a text.

    A session's time and place are those of one run. `hours` is what the item is announced with;
    what is credited follows the rules of the ledger.
    """

    class Kind(models.TextChoices):
        REQUIRED = "required", _("required")
        ELECTIVE = "elective", _("elective")

    class Content(models.TextChoices):
        LECTURE = "lecture", _("lecture")
        COLLECTION = "collection", _("collection")
        SESSION = "session", _("offline session")
        READING = "reading", _("reading")

    content = models.CharField(
        _("what"), max_length=10, choices=Content.choices, default=Content.LECTURE
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.REQUIRED)
    position = models.PositiveIntegerField(_("order"), default=0, editable=False)
    lecture = models.ForeignKey(
        "cms.LecturePage",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lecture"),
    )
    collection = models.ForeignKey(
        "cms.LectureCollection",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("collection"),
    )
    title = LineField(_("title"), max_length=100, blank=True)
    text = ProseField(_("text"), max_length=20_000, blank=True)
    link = models.URLField(_("web page"), max_length=500, blank=True)
    starts_at = models.DateTimeField(_("begins at"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    place = LineField(_("place"), max_length=80, blank=True)
    hours = models.DecimalField(
        _("hours"),
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(MOST_HOURS)],
    )

    class Meta:
        abstract = True
        ordering = ("position", "pk")

    @property
    def name(self) -> str:
        """What it is called; a lecture and a collection by their own titles of today."""
        if self.lecture is not None:
            return str(self.lecture.title)
        if self.collection is not None:
            return self.collection.title
        if self.content == self.Content.COLLECTION:
            return gettext("a collection that was deleted")
        return self.title

    @property
    def is_required(self) -> bool:
        return self.kind == self.Kind.REQUIRED

    @property
    def is_session(self) -> bool:
        return self.content == self.Content.SESSION

    @property
    def is_reading(self) -> bool:
        return self.content == self.Content.READING


def hours_announced(items: Iterable[Item]) -> Decimal:
    """What all of them are announced with; 0 where nobody said anything."""
    return sum((one.hours for one in items if one.hours is not None), Decimal(0))


# A lecture is there exactly where the item is one; times stand in their order.
LECTURE_IF_LECTURE = Q(content="lecture", lecture__isnull=False) | (
    ~Q(content="lecture") & Q(lecture__isnull=True)
)
TIMES_IN_ORDER = Q(starts_at__isnull=True, ends_at__isnull=True) | Q(
    starts_at__isnull=False, ends_at__gt=models.F("starts_at")
)
