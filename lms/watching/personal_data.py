"""What watching keeps about a person, what of it stays, and what is cleaned away in time."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from cms.durations import duration_text
from lms.watching.models import Completion, PlaySession, ViewingCheck
from organizations.privacy.holdings import QueryRows, Section, register
from organizations.privacy.retention import Kind, cleaned
from organizations.privacy.rules import Fate, declare

EVIDENCE = "Completions, credit and class figures are derived from it."


def contribute() -> None:
    register("watching", watching)
    register("completions", completions)
    cleaned(Kind.UNFINISHED_WATCHING, unfinished_sessions)
    cleaned(Kind.VIEWING_CHECKS, old_checks)
    declare(
        "watching.PlaySession",
        {"user": Fate.CLEAR, "voided_by": Fate.KEEP},
        clear={"void_reason": "", "device": ""},
        rest=(
            *("lecture", "asset", "seconds", "seen", "last_seq", "position", "started_at"),
            *("last_beat_at", "accepted", "cut", "voided_at", "gathering"),
            *("beats", "gap_least", "gap_most"),
        ),
        why=EVIDENCE,
    )
    declare(
        "watching.Completion",
        {"user": Fate.KEEP},
        rest=("lecture", "asset", "completed_at", "rule_version", "covered", "is_logged"),
        why=EVIDENCE,
    )
    # What came of it stands in the session that was voided, and in the log.
    declare(
        "watching.ViewingCheck",
        {"user": Fate.DELETE, "decided_by": Fate.KEEP},
        rest=("what", "day", "sessions", "facts", "state", "found_at", "decided_at", "words"),
    )
    declare(
        "watching.PersonClock",
        {"user": Fate.DELETE},
        rest=("budget", "settled_at", "open_until"),
    )


def watching(person: Any) -> Section:
    sessions = PlaySession.objects.filter(user=person).select_related("lecture").defer("seen")
    return Section(
        title=_("What you watched"),
        why=_("So that you can go on where you stopped, and that what you have learnt counts."),
        kept=_(
            "As long as completed lectures and hours rest on it; the rest for the time in the "
            "privacy notice."
        ),
        labels={
            "lecture": _("Lecture"),
            "started": _("From"),
            "last": _("Until"),
            "watched": _("Newly watched"),
            "stopped": _("Stopped at"),
            "void": _("Why it no longer counts"),
        },
        rows=QueryRows(
            sessions.order_by("-started_at", "pk"),
            lambda session: {
                "lecture": session.lecture.title,
                "started": session.started_at,
                "last": session.last_beat_at,
                "watched": duration_text(session.accepted),
                "stopped": duration_text(session.position),
                "void": session.void_reason,
            },
        ),
        icon="play",
    )


def completions(person: Any) -> Section:
    found = Completion.objects.filter(user=person).select_related("lecture")
    return Section(
        title=_("Lectures you completed"),
        why=_("They are what classes and learning hours are counted from."),
        kept=_(
            "For good, because figures rest on it; without your name once you have deleted "
            "your data."
        ),
        labels={
            "lecture": _("Lecture"),
            "completed": _("Completed"),
            "covered": _("Watched by then"),
        },
        rows=QueryRows(
            found.order_by("-completed_at", "pk"),
            lambda completion: {
                "lecture": completion.lecture.title,
                "completed": completion.completed_at,
                "covered": duration_text(completion.covered),
            },
        ),
        icon="check",
    )


def unfinished_sessions(before: dt.datetime) -> Any:
    """Play sessions last heard of before then, of recordings that the person never completed."""
    done = Completion.objects.filter(user=OuterRef("user"), asset=OuterRef("asset"))
    return PlaySession.objects.filter(last_beat_at__lt=before, started_at__lt=before).exclude(
        Exists(done)
    )


def old_checks(before: dt.datetime) -> Any:
    """Viewings to check that were noticed before then, decided or not."""
    return ViewingCheck.objects.filter(found_at__lt=before)
