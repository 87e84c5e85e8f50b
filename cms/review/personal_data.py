"""What reviews keep about people: who handed in, proofread, decided, commented; drafts."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from cms.review.models import ReviewStep
from organizations.privacy.holdings import QueryRows, Section, register
from organizations.privacy.rules import Fate, declare

ANSWERS = "Who reviews answers for it (谁审核谁负责); the file is kept with the lecture."


def contribute() -> None:
    register("reviews", reviews)
    declare(
        "review.ReviewLine",
        {},
        rest=("organization", "township", "county", "city", "above", "separate"),
    )
    declare(
        "review.Review",
        {"uploader": Fate.KEEP, "secrecy_by": Fate.KEEP},
        rest=(
            *("lecture", "state", "asset", "version", "round", "organization", "opened_at"),
            *("held_since", "script", "declared_at", "secrecy_at"),
        ),
        why=ANSWERS,
    )
    declare(
        "review.ReviewVersion",
        {"secrecy_by": Fate.KEEP},
        rest=(
            *("review", "number", "asset", "added_at", "passed_round", "script"),
            *("declared_at", "secrecy_at"),
        ),
        why=ANSWERS,
    )
    declare(
        "review.ReviewStep",
        {"proofread_by": Fate.KEEP, "decided_by": Fate.KEEP},
        rest=(
            *("review", "round", "version", "position", "kind", "state", "planned_unit", "unit"),
            *("separate", "is_carried", "opened_at", "proofread_at", "changed_at", "decided_at"),
            "note",
        ),
        why=ANSWERS,
    )
    declare(
        "review.ReviewComment",
        {"author": Fate.KEEP},
        rest=("review", "version", "round", "second", "text", "created_at"),
        why="Remarks on a lecture belong to its review.",
    )
    declare(
        "review.TakeDown",
        {"by": Fate.KEEP, "lifted_by": Fate.KEEP},
        rest=("lecture", "reason", "at", "lifted_at"),
        why=ANSWERS,
    )
    declare("review.SubmissionDraft", {"user": Fate.DELETE}, rest=("lecture", "fields", "saved_at"))


def reviews(person: Any) -> Section:
    steps = ReviewStep.objects.filter(Q(decided_by=person) | Q(proofread_by=person))
    return Section(
        title=_("Reviews you held"),
        why=_("Who reviews and proofreads a lecture answers for it."),
        kept=_("As long as the lecture is in the library."),
        labels={
            "title": _("Lecture"),
            "kind": _("Review"),
            "part": _("Your part"),
            "at": _("When"),
        },
        rows=QueryRows(
            steps.select_related("review__lecture").order_by("-pk"),
            lambda step: {
                "title": step.review.lecture.title,
                "kind": step.get_kind_display(),
                "part": (
                    step.get_state_display() if step.decided_by_id == person.pk else _("proofread")
                ),
                "at": step.decided_at if step.decided_by_id == person.pk else step.proofread_at,
            },
        ),
        icon="check",
    )
