"""What the ledger keeps about a person, and what of it stays."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from lms.ledger.evidence_files import file_remove
from lms.ledger.models import KINDS, CreditEntry, ExternalClaim
from notices.commits import after_commit
from organizations.privacy.holdings import QueryRows, Section, register
from organizations.privacy.rules import Fate, declare, declare_act

FIGURES = "Yearly hours of units rest on it; the database refuses to change an entry."


def contribute() -> None:
    register("credit", credit)
    register("external-claims", claims)
    declare(
        "ledger.CreditEntry",
        {"user": Fate.KEEP},
        rest=(
            *("source", "source_key", "subject", "rule_version", "turn", "kind", "at", "year"),
            *("hours", "full_hours", "seconds", "cut", "length", "windows", "spans"),
            *("organization", "reverses", "reason", "booked_at", "seal"),
        ),
        why=FIGURES,
    )
    declare(
        "ledger.CreditRule",
        {"made_by": Fate.KEEP},
        rest=("version", "valid_from", "terms", "made_at"),
        why="The rule is an act of the department.",
    )
    declare("ledger.PersonLedger", {"user": Fate.KEEP}, why="Holds nothing but the lock.")
    declare("ledger.DayOccupancy", {"user": Fate.KEEP}, rest=("day", "spans"), why=FIGURES)
    declare(
        "ledger.YearClosing",
        {"closed_by": Fate.KEEP, "reopened_by": Fate.KEEP},
        rest=(
            *("year", "closed_at", "last_user", "done", "total", "finished_at"),
            *("reopened_at", "reason"),
        ),
        why="Who closed a year answers for it.",
    )
    declare(
        "ledger.YearStatement",
        {"user": Fate.KEEP},
        rest=("closing", "organization", "target", "counted", "by_kind", "months"),
        why=FIGURES,
    )
    declare(
        "ledger.ExternalClaim",
        {"user": Fate.CLEAR, "checked_by": Fate.KEEP, "decided_by": Fate.KEEP},
        clear={"title": "", "host": "", "file": "", "file_name": "", "reason": ""},
        rest=(
            *("organization", "learnt_on", "hours", "wish", "state", "claimed_at"),
            *("checked_at", "decided_at"),
        ),
        why="Approved hours stay; what was learnt where, and the evidence, go.",
    )
    declare_act("evidence of hours learnt elsewhere", _delete_files)


def _delete_files(person: Any) -> int:
    rows = ExternalClaim.objects.filter(user=person).exclude(file="")
    names = list(rows.values_list("file", flat=True))
    for name in names:
        # What is not erased after all keeps its evidence.
        after_commit(file_remove, name)
    return len(names)


def credit(person: Any) -> Section:
    kinds = dict(KINDS)
    found = CreditEntry.objects.filter(user=person).select_related("organization")
    return Section(
        title=_("Your learning hours"),
        why=_("To show what you have learnt in a year, and what is still missing."),
        kept=_(
            "For good, because figures rest on it; without your name once you have deleted "
            "your data."
        ),
        labels={
            "at": _("When"),
            "kind": _("Kind"),
            "hours": _("Hours"),
            "year": _("Year"),
            "unit": _("Your branch at the time"),
            "reversed": _("Taken back, because"),
        },
        rows=QueryRows(
            found.order_by("-at", "-pk"),
            lambda entry: {
                "at": entry.at,
                "kind": str(kinds[entry.kind]),
                "hours": str(entry.hours),
                "year": str(entry.year),
                "unit": entry.organization.name if entry.organization else "",
                "reversed": str(entry.get_reason_display()) if entry.reason else "",
            },
        ),
        icon="check-circle",
    )


def claims(person: Any) -> Section:
    found = ExternalClaim.objects.filter(user=person)
    return Section(
        title=_("Hours you learnt elsewhere"),
        why=_("So that what you learnt outside this site counts, too."),
        kept=_("For good, because hours rest on it; what was learnt where goes with your data."),
        labels={
            "title": _("What was learnt"),
            "host": _("Where, held by whom"),
            "on": _("Last day"),
            "hours": _("Hours"),
            "state": _("State"),
            "reason": _("Reason"),
            "file": _("Evidence"),
        },
        rows=QueryRows(
            found.order_by("-claimed_at", "pk"),
            lambda claim: {
                "title": claim.title,
                "host": claim.host,
                "on": claim.learnt_on,
                "hours": str(claim.hours),
                "state": str(claim.get_state_display()),
                "reason": claim.reason,
                "file": claim.file_name,
            },
        ),
        icon="upload",
    )
