"""What members write to those responsible, and the answer: questions to the speaker of a lecture
(参与式互动), problems with a lecture, suggestions (投诉建议).

All three are one sentence or two, of one person, to the keepers of one unit, answered once. They
differ in who reads the answer: a question and its answer are published under the lecture, without
the asker's name; the answer to the others is the sender's alone. Acts are in `sending` and
`answering`. Nothing here counts, likes or ranks.
"""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from organizations import scope
from organizations.models import Post

# Who answers, within the unit of the post and below.
ANSWERERS = (Post.Role.REVIEWER, Post.Role.CURATOR, Post.Role.ADMINISTRATOR)
LENGTH = 300
ANSWER_LENGTH = 600


class EnquiryQuerySet(models.QuerySet["Enquiry"]):
    def to_answer_by(self, user: Any) -> Self:
        """Of others: within the own units, and questions on lectures that one handed in."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(_responsible(user)).exclude(sender=user)

    def published(self) -> Self:
        """Questions that stand under their lecture with the answer."""
        return self.filter(kind=Enquiry.Kind.QUESTION, state=Enquiry.State.ANSWERED)


def _responsible(user: Any) -> Q:
    units = scope.managed_units(user, roles=ANSWERERS)
    own = Q(kind=Enquiry.Kind.QUESTION, lecture__submitted_by=user)
    return scope.units_filter(units, field="organization") | own


class Enquiry(models.Model):
    class Kind(models.TextChoices):
        QUESTION = "question", _("question to the speaker")
        PROBLEM = "problem", _("problem with a lecture")
        SUGGESTION = "suggestion", _("complaint or suggestion")

    class About(models.TextChoices):
        PLAYING = "playing", _("It cannot be played")
        SOUND = "sound", _("The sound is missing or bad")
        CAPTIONS = "captions", _("The captions are wrong")
        CONTENT = "content", _("Something in it is wrong")
        OTHER = "other", _("Something else")

    class State(models.TextChoices):
        OPEN = "open", _("waiting for an answer")
        ANSWERED = "answered", _("answered")
        CLOSED = "closed", _("closed")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    about = models.CharField(_("what is wrong"), max_length=10, choices=About.choices, blank=True)
    lecture = models.ForeignKey(
        "cms.LecturePage",
        on_delete=models.CASCADE,
        null=True,
        related_name="enquiries",
        verbose_name=_("lecture"),
    )
    # Whose keepers answer: the lecture's unit, else where the sender belongs.
    organization = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("unit"),
    )
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="enquiries",
        verbose_name=_("sender"),
    )
    text = models.CharField(_("text"), max_length=LENGTH)
    sent_at = models.DateTimeField(_("sent at"), default=timezone.now)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    # What whoever handed the lecture in would answer; those responsible decide.
    proposal = models.CharField(_("proposed answer"), max_length=ANSWER_LENGTH, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    answer = models.CharField(pgettext_lazy("enquiry", "answer"), max_length=ANSWER_LENGTH)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered at"), null=True)

    objects = EnquiryQuerySet.as_manager()

    class Meta:
        verbose_name = _("question or suggestion")
        verbose_name_plural = _("questions and suggestions")
        ordering = ("-sent_at", "-pk")
        indexes = (
            models.Index(fields=["state", "sent_at"], name="enquiry_state"),
            models.Index(fields=["organization", "state"], name="enquiry_unit"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(kind="suggestion", lecture=None)
                | ~Q(kind="suggestion") & Q(lecture__isnull=False),
                name="enquiry_lecture_by_kind",
            ),
            models.CheckConstraint(
                condition=Q(state="open", answered_at=None, answer="")
                | ~Q(state="open") & Q(answered_at__isnull=False) & ~Q(answer=""),
                name="enquiry_answer_by_state",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} {self.state}"

    @property
    def is_question(self) -> bool:
        return self.kind == self.Kind.QUESTION

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def state_text(self) -> str:
        """As its sender reads it."""
        if self.is_question and self.state == self.State.ANSWERED:
            return str(_("answered and published"))
        if self.is_question and self.state == self.State.CLOSED:
            return str(_("not published"))
        return str(self.get_state_display())
