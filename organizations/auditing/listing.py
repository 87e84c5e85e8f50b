"""Entries as they are read: a page at a time, with the names that their ids have today.

Names are looked up at display and masked, the reader's own apart. Paged by key, newest first:
the thousandth page costs what the first does.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from audit.models import AuditEntry, AuditQuerySet
from organizations.auditing.labels import (
    PROBLEMS,
    action_label,
    detail_text,
    target_label,
)
from organizations.models import Organization, User
from organizations.people.masking import masked_name

PER_PAGE = 50


@dataclass(frozen=True)
class LogRow:
    position: int
    at: dt.datetime
    action: str
    actor: str
    actor_id: int | None
    target: str
    target_type: str
    target_id: str
    result: str
    result_label: str
    address: str
    detail: str


@dataclass(frozen=True)
class LogPage:
    rows: list[LogRow]
    # The position that the next page begins after; 0 when there is none.
    older: int


@dataclass(frozen=True)
class ChainState:
    """What a verification said, itself an entry of the log; `newest` is 0 for the whole log."""

    at: dt.datetime
    is_whole: bool
    entries: int
    newest: int
    problem: str
    position: int | None


def log_page(entries: AuditQuerySet, *, before: int = 0, reader: Any) -> LogPage:
    """A page of these entries, after the one at position `before`."""
    if before:
        last = AuditEntry.objects.filter(position=before).values_list("at", flat=True).first()
        if last is not None:
            # The bound on the time lets the index begin there; the rest breaks ties.
            entries = entries.filter(at__lte=last).exclude(Q(at=last) & Q(position__gte=before))
    found = list(entries.order_by("-at", "-position")[: PER_PAGE + 1])
    more = len(found) > PER_PAGE
    found = found[:PER_PAGE]
    return LogPage(rows=log_rows(found, reader=reader), older=found[-1].position if more else 0)


def log_rows(entries: list[AuditEntry], *, reader: Any) -> list[LogRow]:
    """At most two queries for all of them."""
    people = _people(entries, reader)
    units = _units(entries)
    return [_row(entry, people, units) for entry in entries]


def chain_states() -> tuple[ChainState | None, ChainState | None]:
    """What the last check of the whole log said, and the last one of its newest entries since.

    The second says nothing of older entries, so it never takes the place of the first.
    """
    checks = AuditEntry.objects.filter(action="audit.verify").order_by("-position")
    whole = checks.exclude(detail__has_key="newest").first()
    since = checks.filter(position__gt=whole.position) if whole else checks
    newest = since.filter(detail__has_key="newest").first()
    return _state(whole), _state(newest)


def _state(entry: AuditEntry | None) -> ChainState | None:
    if entry is None:
        return None
    code = str(entry.detail.get("problem", ""))
    return ChainState(
        at=entry.at,
        is_whole=entry.result == AuditEntry.Result.DONE,
        entries=int(entry.detail.get("entries") or 0),
        newest=int(entry.detail.get("newest") or 0),
        problem=str(PROBLEMS.get(code, code)),
        position=entry.detail.get("position"),
    )


def _row(entry: AuditEntry, people: dict[str, str], units: dict[str, str]) -> LogRow:
    actor = str(entry.actor_id or "")
    return LogRow(
        position=entry.position,
        at=entry.at,
        action=action_label(entry.action),
        actor=people.get(actor, "") if actor else _("the system, or nobody signed in"),
        actor_id=entry.actor_id,
        target=_target(entry, people, units),
        target_type=entry.target_type,
        target_id=entry.target_id,
        result=entry.result,
        result_label=entry.get_result_display(),
        address=entry.address or "",
        detail=detail_text(entry.detail),
    )


def _target(entry: AuditEntry, people: dict[str, str], units: dict[str, str]) -> str:
    if not entry.target_type:
        return ""
    names = {User._meta.label: people, Organization._meta.label: units}
    name = names.get(entry.target_type, {}).get(entry.target_id, "")
    return f"{target_label(entry.target_type)} {name}".rstrip()


def _people(entries: list[AuditEntry], reader: Any) -> dict[str, str]:
    keys = {str(entry.actor_id) for entry in entries if entry.actor_id}
    keys |= _targets(entries, User._meta.label)
    found = User.objects.filter(pk__in=_numbers(keys)).values_list("pk", "name", "username")
    return {
        str(pk): (name or username) if pk == reader.pk else masked_name(name or username)
        for pk, name, username in found
    }


def _units(entries: list[AuditEntry]) -> dict[str, str]:
    keys = _targets(entries, Organization._meta.label)
    if not keys:
        return {}
    found = Organization.objects.filter(pk__in=_numbers(keys)).values_list("pk", "name")
    return {str(pk): name for pk, name in found}


def _targets(entries: list[AuditEntry], label: str) -> set[str]:
    return {entry.target_id for entry in entries if entry.target_type == label}


def _numbers(keys: set[str]) -> list[int]:
    return [int(key) for key in keys if key.isascii() and key.isdigit() and len(key) < 19]
