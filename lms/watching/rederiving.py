"""Every completion derived once more from the play sessions, and compared with the log of actions.

Evidence says whether a lecture was completed and by which sittings at the latest; the chained log
says what was written at that instant (`completion.reach`). People are walked in the order of their
ids, a batch at a time, so memory does not grow with them.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from audit.models import AuditEntry
from lms.watching.clocks import clock_locked, people_locked
from lms.watching.completions import (
    completion_complete,
    completions_withdraw,
    seen_together,
)
from lms.watching.evidence import RULES, Bitmap, is_complete
from lms.watching.models import Completion, PlaySession
from organizations.models import User

BATCH = 200
# Sums of seconds below this share of the length are far from every rule.
WORTH_READING = 0.5


@dataclass(frozen=True, slots=True)
class Doubt:
    """One row that is not what it should be. `problem` is altered, missing or unfounded."""

    problem: str
    table: str
    row: int | None
    user: int
    lecture: int
    asset: str
    fields: tuple[str, ...] = ()

    def text(self) -> str:
        row = f"{self.table} {self.row}" if self.row else self.table
        about = f"person {self.user}, lecture {self.lecture}, recording {self.asset}"
        named = f" ({', '.join(self.fields)})" if self.fields else ""
        return f"{self.problem}{named}: {row}, {about}"


@dataclass
class _Person:
    """What one person's completions are derived from."""

    sessions: list[PlaySession] = field(default_factory=list)
    completions: list[Completion] = field(default_factory=list)
    logged: dict[int, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))


def completions_doubts() -> Iterator[Doubt]:
    """Whatever is altered, missing or without evidence; nothing is changed."""
    for users in people_in_batches():
        for user, person in _people(users).items():
            if next(_doubts(user, person), None) is not None:
                yield from _looked_at_again(user)


@transaction.atomic
def _looked_at_again(user: int) -> list[Doubt]:
    """Under the person's lock: what was only being written while it was read is no doubt."""
    people_locked([user])
    return list(_doubts(user, _people([user])[user]))


def people_in_batches(size: int = BATCH) -> Iterator[list[int]]:
    last = 0
    rows = User.objects.order_by("pk").values_list("pk", flat=True)
    while found := list(rows.filter(pk__gt=last)[:size]):
        yield found
        last = found[-1]


def _people(users: list[int]) -> dict[int, _Person]:
    found: dict[int, _Person] = defaultdict(_Person)
    for completion in Completion.objects.filter(user__in=users).order_by("pk"):
        found[completion.user_id].completions.append(completion)
    known = {(one.user_id, one.asset_id) for p in found.values() for one in p.completions}
    # The bitmaps of what is far from complete stay where they are.
    sums = (
        PlaySession.objects.filter(user__in=users)
        .order_by()
        .values_list("user_id", "asset_id", "seconds")
        .annotate(watched=Sum("accepted"))
    )
    near = {
        (user, asset)
        for user, asset, seconds, watched in sums
        if watched >= seconds * WORTH_READING
    } | known
    sessions = PlaySession.objects.filter(user__in=users, asset__in={asset for _, asset in near})
    for session in sessions.order_by("started_at", "pk"):
        if (session.user_id, session.asset_id) in near:
            found[session.user_id].sessions.append(session)
    entries = AuditEntry.objects.filter(
        action="completion.reach",
        target_type=User._meta.label,
        target_id__in=[str(user) for user in users],
    )
    for target, detail in entries.values_list("target_id", "detail"):
        if int(target) in found:
            found[int(target)].logged[detail["completion"]].append(detail)
    return found


def _doubts(user: int, person: _Person) -> Iterator[Doubt]:
    by_asset: dict[uuid.UUID, list[PlaySession]] = defaultdict(list)
    for session in person.sessions:
        by_asset[session.asset_id].append(session)
    written = {(one.asset_id, one.lecture_id) for one in person.completions}
    for asset, sessions in by_asset.items():
        counted = [one for one in sessions if one.voided_at is None]
        seen = seen_together(counted)
        for session in counted:
            if Bitmap.from_bytes(bytes(session.seen)).bits.bit_count() != session.accepted:
                yield Doubt(
                    "altered", "watching.PlaySession", None, user, session.lecture_id, str(asset),
                    (str(session.pk), "seen"),
                )  # fmt: skip
        for lecture in dict.fromkeys(one.lecture_id for one in counted):
            key = (asset, lecture)
            own = next(one for one in counted if one.lecture_id == lecture)
            if key not in written and is_complete(seen, own.seconds):
                yield Doubt("missing", "watching.Completion", None, user, lecture, str(asset))
    for one in person.completions:
        yield from _completion_doubts(one, by_asset[one.asset_id], person.logged[one.pk])


def _completion_doubts(
    one: Completion, sessions: list[PlaySession], logged: list[dict[str, Any]]
) -> Iterator[Doubt]:
    """Against the sessions, voided ones too where an instant is asked for, and the log."""
    counted = [session for session in sessions if session.voided_at is None]
    where = (one.pk, one.user_id, one.lecture_id, str(one.asset_id))
    rule = RULES.get(one.rule_version)
    if rule is None:
        yield _altered(where, ("rule_version",))
        return
    own = [session for session in counted if session.lecture_id == one.lecture_id]
    if not own or not is_complete(seen_together(counted), own[0].seconds, rule):
        yield Doubt("unfounded", "watching.Completion", *where)
        return
    wrong = set()
    if not sessions[0].started_at <= one.completed_at <= max(s.last_beat_at for s in sessions):
        wrong.add("completed_at")
    needed = (own[0].seconds - rule.tail(own[0].seconds)) * rule.percent / 100
    if not needed <= one.covered <= len(seen_together(sessions)):
        wrong.add("covered")
    wrong.update(*(_unlike(one, said) for said in logged))
    if one.is_logged and not logged:
        wrong.add("is_logged")
    if wrong:
        yield _altered(where, tuple(sorted(wrong)))


def _unlike(one: Completion, said: dict[str, Any]) -> set[str]:
    now = {
        "lecture": one.lecture_id,
        "asset": str(one.asset_id),
        "rule_version": one.rule_version,
        "covered": one.covered,
        "completed_at": one.completed_at.replace(microsecond=0),
    }
    then = {
        "lecture": said["lecture"],
        "asset": said["asset"],
        "rule_version": said["rule"],
        "covered": said["seconds"],
        "completed_at": dt.datetime.fromisoformat(said["at"]).replace(microsecond=0),
    }
    return {name for name in now if now[name] != then[name]}


def _altered(where: tuple[int, int, int, str], fields: tuple[str, ...]) -> Doubt:
    return Doubt("altered", "watching.Completion", *where, fields)


# -- mending ---------------------------------------------------------------------------------------


def doubts_mend(doubts: Iterable[Doubt]) -> int:
    """Take back what is altered or unfounded, and write what the evidence asks for; how many were
    mended. A play session whose bitmap was altered is for a person to look at.
    """
    return sum(_mend(one) for one in doubts if one.table == "watching.Completion")


@transaction.atomic
def _mend(doubt: Doubt) -> bool:
    clock_locked(doubt.user, timezone.now())
    asset = uuid.UUID(doubt.asset)
    known: dict[int, dt.datetime] = {}
    if doubt.problem != "missing":
        rows = Completion.objects.filter(user=doubt.user, asset=asset)
        known = dict(rows.values_list("lecture_id", "completed_at"))
        known.pop(doubt.lecture, None)
        if (at := _logged_at(doubt)) is not None:
            known[doubt.lecture] = at
        completions_withdraw(user_id=doubt.user, asset_id=asset)
    sessions = PlaySession.objects.counted().filter(user=doubt.user, asset=asset)
    for lecture in sessions.order_by().values_list("lecture_id", flat=True).distinct():
        completion_complete(
            user_id=doubt.user, asset_id=asset, lecture_id=lecture, at=known.get(lecture)
        )
    return True


def _logged_at(doubt: Doubt) -> dt.datetime | None:
    """When the log says that the row was reached."""
    entries = AuditEntry.objects.filter(
        action="completion.reach", target_type=User._meta.label, target_id=str(doubt.user)
    )
    said = entries.filter(detail__completion=doubt.row).order_by("position").first()
    return dt.datetime.fromisoformat(said.detail["at"]) if said else None
