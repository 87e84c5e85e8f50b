"""What the log of actions holds about a person, and who looked at the person's record.

Whoever else acted appears by office at that time, never by name; addresses are shown of own acts
only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.models import AuditEntry
from organizations.auditing.entries import entries_about
from organizations.auditing.labels import action_label
from organizations.models import Post, User
from organizations.privacy.holdings import QueryRows, Row, Section, register

LOOKS = ("person.view", "data.view")


def contribute() -> None:
    register("looks", looks)
    register("log", entries)


def looks(person: Any) -> Section:
    found = (
        entries_about(person)
        .filter(target_type=User._meta.label, target_id=str(person.pk), action__in=LOOKS)
        .exclude(actor=person)
    )
    return Section(
        title=_("Who looked at your record"),
        why=_("Whoever manages people here answers for each look. Others appear by their post."),
        kept=_("At least six months; nobody can change or delete an entry."),
        labels={"at": _("Time"), "by": _("By")},
        rows=QueryRows(
            found.order_by("-at", "-pk"), _row_of(person, lambda entry: {"at": entry.at})
        ),
        icon="eye",
    )


def entries(person: Any) -> Section:
    """Own acts and acts on the person, without looks, which have a section of their own."""
    found = entries_about(person).exclude(~Q(actor=person), action__in=LOOKS)
    return Section(
        title=_("Log of actions"),
        why=_("The law on network security demands it; it shows who did what, and when."),
        kept=_("At least six months; nobody can change or delete an entry."),
        labels={
            "at": _("Time"),
            "action": _("Act"),
            "by": _("By"),
            "result": _("Result"),
            "address": _("Network address"),
        },
        rows=QueryRows(found.order_by("-at", "-pk"), _row_of(person, _entry)),
        icon="info",
    )


def _entry(entry: AuditEntry) -> Row:
    return {
        "at": entry.at,
        "action": action_label(entry.action),
        "result": entry.get_result_display(),
        "address": entry.address,
    }


def _row_of(person: Any, facts: Callable[[AuditEntry], Row]) -> Callable[[AuditEntry], Row]:
    offices: dict[tuple[int, dt.date], str] = {}

    def row(entry: AuditEntry) -> Row:
        found: dict[str, Any] = dict(facts(entry))
        if entry.actor_id == person.pk:
            found["by"] = _("yourself")
            return found
        found.pop("address", None)
        if entry.actor_id is None:
            found["by"] = _("the system")
            return found
        key = (entry.actor_id, timezone.localdate(entry.at))
        if key not in offices:
            offices[key] = _office(*key)
        found["by"] = offices[key]
        return found

    return row


def _office(user_id: int, day: dt.date) -> str:
    """The posts that somebody held that day, with their units."""
    held = Post.objects.current(day).filter(user=user_id).select_related("organization")
    texts = [f"{post.organization.name} {post.get_role_display()}" for post in held.order_by("pk")]
    return "、".join(texts) or _("somebody without a post")
