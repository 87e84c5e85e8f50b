"""What gatherings keep about a person, and what of it stays."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from lms.gatherings.models import Attendance, Gathering
from lms.ledger.evidence_files import file_remove
from organizations.privacy.holdings import QueryRows, Section, register
from organizations.privacy.retention import Kind, cleaner
from organizations.privacy.rules import Fate, declare

FIGURES = "Sessions, attendances and hours are counted from it."


def contribute() -> None:
    register("gatherings", attendances)
    cleaner(Kind.VOIDED_LISTS, clean_voided_lists)
    declare(
        "gatherings.Gathering",
        {
            "made_by": Fate.DETACH,
            "closed_by": Fate.KEEP,
            "decided_by": Fate.KEEP,
        },
        rest=(
            *("organization", "on", "title", "place", "programme", "lecture", "state", "guests"),
            *("guests_at", "made_at", "opened_at", "closed_at", "decided_at", "reason"),
            *("paper_from", "paper_to", "wish", "photo", "photo_name", "activity"),
            *("budget", "settled_at", "open_until"),
        ),
        why="The session is the branch's, its list the evidence of everybody on it.",
    )
    declare("gatherings.Screen", {"paired_by": Fate.DETACH}, rest=(
        *("id", "code", "gathering", "asked_at", "paired_at", "ended_at"),
    ))  # fmt: skip
    declare(
        "gatherings.Attendance",
        {"user": Fate.CLEAR, "marked_by": Fate.DETACH, "voided_by": Fate.KEEP},
        clear={"void_reason": ""},
        rest=(
            *("gathering", "way", "is_present", "came_at", "left_at", "scanned_at", "marked_at"),
            "voided_at",
        ),
        why=FIGURES,
    )


def clean_voided_lists(before: dt.datetime, *, dry_run: bool) -> int:
    """The session stays, with its roll and the reason; the photo of the list goes."""
    found = Gathering.objects.filter(state=Gathering.State.VOIDED, decided_at__lt=before)
    lists = found.exclude(photo="").order_by("pk")
    if dry_run:
        return lists.count()
    cleaned = 0
    for one in lists:
        # File first: what is named is found again by the next round.
        file_remove(one.photo)
        cleaned += Gathering.objects.filter(pk=one.pk).update(photo="", photo_name="")
    return cleaned


def attendances(person: Any) -> Section:
    found = Attendance.objects.filter(user=person).select_related("gathering__organization")
    return Section(
        title=_("Sessions you attended"),
        why=_("So that what you watched together with your branch counts."),
        kept=_(
            "For good, because figures rest on it; without your name once you have deleted "
            "your data."
        ),
        labels={
            "title": _("Session"),
            "unit": _("Held by"),
            "on": _("Date"),
            "way": _("How you were put on the roll"),
            "scanned": _("Signed in at"),
            "came": _("Came at"),
            "left": _("Left at"),
            "present": _("Present"),
            "reason": _("Reason"),
        },
        rows=QueryRows(
            found.order_by("-gathering__on", "pk"),
            lambda one: {
                "title": one.gathering.title,
                "unit": one.gathering.organization.name,
                "on": one.gathering.on,
                "way": str(one.get_way_display()),
                "scanned": _moment(one.scanned_at),
                "came": _moment(one.came_at),
                "left": _moment(one.left_at),
                "present": _("yes") if one.is_present else _("no, taken back"),
                "reason": one.void_reason,
            },
        ),
        icon="class",
    )


def _moment(at: dt.datetime | None) -> Any:
    return at if at is not None else ""
