"""Rosters as workbooks: asked for with a reason, made in the background, kept for hours."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
import uuid
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from audit import log
from organizations.models import Membership, Organization, RosterExport, Tag, dimension_of
from organizations.people.masking import masked_phone
from organizations.permissions import check_can_keep_people
from organizations.roster import files, vocabulary
from organizations.roster.columns import PEOPLE
from organizations.roster.imports import RosterError
from organizations.roster.transitions import (
    ATTEMPTS,
    NO_LEASE,
    Claim,
    export_move,
    work_claim,
    work_free,
    work_held,
)
from organizations.roster.wakeups import EXPORT, work_wake_on_commit
from organizations.roster.work import owner
from organizations.roster.writing import SheetWriter

State = RosterExport.State
CHUNK = 2000
# Small enough to be made while the person waits.
AT_ONCE = 300
COLUMNS = (
    "code", "name", "phone", "unit", "unit_name", "kind", "stage", "field", "position", "state",
    "since",
)  # fmt: skip
WIDTHS = (6, 16, 12, 15, 18, 30, 12, 14, 14, 18, 18, 13)

logger = logging.getLogger(__name__)


class ExportLost(Exception):
    """Somebody else makes this export."""


def export_create(
    *,
    actor: Any,
    unit: Organization,
    reason: str,
    reason_text: str = "",
    full_phones: bool = False,
    filters: dict[str, str] | None = None,
    key: uuid.UUID | None = None,
    wake: bool = True,
    request: HttpRequest | None = None,
) -> RosterExport:
    """Ask for a workbook of the people of a unit and below; `actor` is None for the shell only.

    A small one is made at once. Raises RosterError and PermissionDenied.
    """
    if actor is not None:
        check_can_keep_people(actor, unit)
    if reason not in RosterExport.Reason.values:
        raise RosterError(_("Please say what the list is needed for."))
    reason_text = " ".join(reason_text.split())[:200]
    if reason == RosterExport.Reason.OTHER and not reason_text:
        raise RosterError(_("Please say what the list is needed for."))
    key = key or uuid.uuid4()
    if (found := RosterExport.objects.filter(pk=key, who=actor).first()) is not None:
        return found
    now = timezone.now()
    wanted = {name: value for name, value in (filters or {}).items() if value}
    rows = _ties(unit, wanted).count()
    with transaction.atomic():
        made = RosterExport.objects.create(
            uuid=key,
            number=f"{timezone.localtime(now):%Y%m%d}-{secrets.token_hex(4).upper()}",
            who=actor,
            unit=unit,
            filters=wanted,
            reason=reason,
            reason_text=reason_text,
            full_phones=full_phones,
            rows=rows,
            created_at=now,
        )
        if wake and rows > AT_ONCE:
            work_wake_on_commit(EXPORT, made.pk)
        log.record(
            "roster.export",
            actor=actor,
            target=made,
            request=request,
            unit=unit.code,
            reason=reason,
            rows=rows,
            full_phones=full_phones,
        )
    if rows <= AT_ONCE:
        export_work(key=made.pk)
        made.refresh_from_db()
    return made


def export_work(*, key: uuid.UUID, now: dt.datetime | None = None) -> bool:
    """Make the workbook. False when there was nothing to do, or somebody else does it."""
    states = {str(State.WAITING): str(State.MAKING), str(State.MAKING): str(State.MAKING)}
    at = now or timezone.now()
    claimed = work_claim(RosterExport, key, states=states, owner=owner(), now=at)
    if claimed is None:
        worn = RosterExport.objects.filter(work_free(at), pk=key, attempts__gte=ATTEMPTS)
        if worn.exists():
            export_move("fail", key, failure=["gave_up", {}], finished_at=at, **NO_LEASE)
        return False
    claim, _state = claimed
    export = RosterExport.objects.select_related("who", "unit").get(pk=key)
    try:
        _make(export, claim)
    except ExportLost:
        logger.info("Export %s: made by another worker", key)
    except (DatabaseError, OSError):
        logger.exception("Export %s: attempt %s failed", key, claim.attempt)
        RosterExport.objects.filter(pk=key, fence=claim.fence).update(**NO_LEASE)
    return True


def _make(export: RosterExport, claim: Claim) -> None:
    with files.file_draft() as draft, override("zh-hans"):
        rows = _write(export, draft, partial(_held, claim))
        name = files.file_put(f"exports/{claim.uuid}.xlsx", draft)
    now = timezone.now()
    done = export_move(
        "finish",
        claim.uuid,
        claim=claim,
        file=name,
        rows=rows,
        rows_done=rows,
        finished_at=now,
        expires_at=now + dt.timedelta(hours=settings.ROSTER_EXPORT_HOURS),
        **NO_LEASE,
    )
    if not done:
        raise ExportLost


def _held(claim: Claim, rows: int) -> None:
    if not work_held(RosterExport, claim, now=timezone.now(), rows_done=rows):
        raise ExportLost


def _write(export: RosterExport, path: Any, progress: Any) -> int:
    when = timezone.localtime(export.created_at)
    who = export.who.name if export.who is not None else _("the command line")
    writer = SheetWriter(title=_("Roster"), widths=WIDTHS)
    mark = _("No. %(number)s, exported by %(who)s on %(when)s") % {
        "number": export.number,
        "who": who,
        "when": date_format(when, "Y-m-d H:i"),
    }
    writer.watermark(mark)
    writer.title(_("Roster of %(unit)s") % {"unit": export.unit.name})
    writer.line(
        _("Reporting unit: %(unit)s    Filled in by: %(who)s    Date: %(day)s")
        % {"unit": export.unit.name, "who": who, "day": date_format(when, "Y-m-d")}
    )
    writer.head(["序号", *(PEOPLE[name][0] for name in COLUMNS)])
    count = 0

    def numbered() -> Iterator[list[str]]:
        nonlocal count
        for row in _rows(export):
            count += 1
            if count % CHUNK == 0:
                progress(count)
            yield [str(count), *row]

    writer.rows(numbered())
    writer.rows([["合计", _("%(count)s people") % {"count": count}, *[""] * (len(WIDTHS) - 2)]])
    # The mark in front tells an import that this is no person.
    writer.line("※ " + _("%(mark)s. Do not pass this roster on.") % {"mark": mark})
    writer.save(path)
    return count


def _ties(unit: Organization, filters: dict[str, str]) -> Any:
    ties = Membership.objects.current().filter(
        organization__in=Organization.objects.within(unit).order_by().values("pk"),
        user__erased_at=None,
    )
    if kind := filters.get("kind"):
        ties = ties.filter(kind=kind)
    if tag := filters.get("tag"):
        ties = ties.filter(user__in=Tag.objects.current().filter(value=tag).values("user"))
    return ties


def _rows(export: RosterExport) -> Iterator[list[str]]:
    """In the order of the tree, then by name; by key, so that memory stays the same."""
    fields = (
        "organization__path", "user__name", "pk", "user", "user__code", "user__phone",
        "organization__code", "organization__name", "kind", "valid_from",
    )  # fmt: skip
    ties = _ties(export.unit, export.filters).order_by("organization__path", "user__name", "pk")
    last: tuple[Any, ...] | None = None
    while True:
        page = ties
        if last is not None:
            path, name, pk = last[:3]
            page = ties.filter(
                Q(organization__path__gt=path)
                | Q(organization__path=path, user__name__gt=name)
                | Q(organization__path=path, user__name=name, pk__gt=pk)
            )
        found = list(page.values_list(*fields)[:CHUNK])
        if not found:
            return
        last = found[-1]
        tags = _tags([row[3] for row in found])
        for _path, name, _pk, user, code, phone, unit, unit_name, kind, since in found:
            words = tags.get(user, {})
            yield [
                code or "",
                name,
                (phone or "") if export.full_phones else masked_phone(phone),
                unit,
                unit_name,
                vocabulary.written(vocabulary.TIES, kind),
                *(words.get(dimension, "") for dimension in vocabulary.TAGS),
                since.isoformat(),
            ]


def _tags(people: list[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    rows = Tag.objects.current().filter(user__in=people).order_by("pk")
    for user, value in rows.values_list("user", "value"):
        dimension = str(dimension_of(value))
        found[user][dimension].append(vocabulary.written(vocabulary.TAGS[dimension], value))
    return {
        user: {dimension: "、".join(words) for dimension, words in kinds.items()}
        for user, kinds in found.items()
    }


def exports_expire(*, now: dt.datetime) -> int:
    """Remove workbooks whose time is over; the row stays as a record without people in it."""
    over = RosterExport.objects.filter(state=State.DONE, expires_at__lt=now)
    count = 0
    for key, name in list(over.values_list("pk", "file")):
        if export_move("expire", key, file=""):
            files.file_remove(name)
            count += 1
    return count
