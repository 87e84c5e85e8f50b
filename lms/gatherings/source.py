"""Approved gatherings as a source of credit (集中收看).

A recording of which enough was played, for somebody who was there throughout, is worth its lesson.
Else the time counts that was really played while the person was there, by the rule for sessions. A
list on paper has its own times, as the township approved them. That no time counts twice is for the
ledger to see to.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.gatherings.models import Gathering, Share
from lms.gatherings.played import attended, was_there_throughout
from lms.gatherings.presence import presence_of
from lms.ledger.crediting import Fact
from lms.ledger.entries import spans_of
from lms.ledger.models import CreditEntry
from lms.ledger.occupancy import Span, length, span_between
from lms.ledger.rules import Kind
from lms.watching.evidence import Bitmap, is_complete

CODE = "gathering"
# The sweep looks at shares of so many of the newest days; the approval itself brought them all.
SWEPT = dt.timedelta(days=60)


class Gatherings:
    code = CODE
    label = gettext_lazy("watched together")

    def facts(
        self, user_ids: Collection[int], *, keys: Collection[int] | None = None
    ) -> Iterable[Fact]:
        rows = _counted().filter(attendance__user__in=user_ids)
        if keys is not None:
            rows = rows.filter(pk__in=keys)
        rows = rows.select_related("attendance__gathering", "play")
        for share in rows.order_by("attendance__user_id", "pk"):
            if (fact := _fact(share)) is not None:
                yield fact

    def waiting(self) -> Iterable[int]:
        newest = Gathering.objects.order_by("-decided_at").values_list("decided_at", flat=True)
        last = newest.filter(state=Gathering.State.APPROVED).first()
        if last is None:
            return []
        booked = CreditEntry.objects.filter(
            source=CODE, source_key=OuterRef("pk"), user=OuterRef("attendance__user")
        )
        recent = Q(attendance__gathering__decided_at__gte=last - SWEPT)
        rows = _counted().filter(~Exists(booked), recent)
        return rows.order_by().values_list("attendance__user_id", flat=True).distinct()

    def titles(self, subjects: Collection[int]) -> Mapping[int, str]:
        """By share: what was watched, and at which session where that is called otherwise."""
        rows = Share.objects.filter(pk__in=subjects).values_list(
            "pk", "attendance__gathering__title", "play__lecture__title"
        )
        return {pk: _title(session, lecture or "") for pk, session, lecture in rows}

    def reasons(self, user_id: int, subjects: Collection[int]) -> Mapping[int, str]:
        """Of this person's place, of their evidence, or of the whole session."""
        rows = Share.objects.filter(pk__in=subjects, attendance__user=user_id)
        said = rows.values_list(
            "pk",
            "attendance__void_reason",
            "session__void_reason",
            "attendance__gathering__reason",
        )
        return {pk: own or evidence or whole for pk, own, evidence, whole in said}


def windows_played(session_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Span]]:
    """By a person's play session in a room: when the room played what it holds."""
    rows = Share.objects.filter(session__in=session_ids, play__isnull=False)
    return {pk: spans_of(windows) for pk, windows in rows.values_list("session", "play__windows")}


def _title(session: str, lecture: str) -> str:
    if not lecture or lecture.startswith(session):
        return lecture or session
    return _("%(lecture)s (%(session)s)") % {"lecture": lecture, "session": session}


def _counted() -> QuerySet[Share]:
    """Shares that were given, and not taken back or voided: of a decision that is being carried
    out just now those for which that is done (`shares`).
    """
    return Share.objects.filter(is_counted=True, is_voided=False)


def _fact(share: Share) -> Fact | None:
    attendance, play = share.attendance, share.play
    presence = presence_of(attendance)
    whole = _windows(share)
    own = tuple(attended(whole, **presence))
    if not own:
        return None
    is_lesson = (
        play is not None
        and was_there_throughout(whole, **presence)
        and is_complete(Bitmap.from_bytes(bytes(play.seen)), play.seconds)
    )
    return Fact(
        source=CODE,
        key=share.pk,
        user_id=attendance.user_id,
        kind=Kind.COLLECTIVE,
        at=dt.datetime.fromtimestamp(own[-1][1], dt.UTC),
        subject=share.pk,
        windows=own,
        needed=min(play.accepted, length(own)) if play is not None else length(own),
        seconds=play.seconds if play is not None and is_lesson else None,
    )


def _windows(share: Share) -> list[Span]:
    if share.play is not None:
        return spans_of(share.play.windows)
    gathering = share.attendance.gathering
    if gathering.paper_from is None or gathering.paper_to is None:
        return []
    return [span_between(gathering.paper_from, gathering.paper_to)]
