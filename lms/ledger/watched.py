"""Completed lectures as a source of credit.

A lecture counts once for a person, whatever version of the recording it was completed with: by
the first completion. Its windows are the play sessions of that recording up to the instant of
completion, and of them it needs as many seconds as were covered, or all when it was played faster.

What was watched together alone is credited as a gathering, by its own source; of a lecture that was
learnt partly in a room the time there is held by that, so the own part is what counts here.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from cms.models import LecturePage
from lms.ledger.crediting import Fact
from lms.ledger.models import CreditEntry
from lms.ledger.occupancy import Span, length, merged, span_between
from lms.ledger.rules import Kind
from lms.ledger.sources import learnt_for_class, room_windows
from lms.watching.evidence import whole_seconds
from lms.watching.models import Completion, PlaySession

CODE = "completion"
# The sweep looks at so many of the newest completions; signals brought nearly all of them.
NEWEST = 50_000


class Watched:
    code = CODE
    label = _("lecture completed")

    def facts(
        self, user_ids: Collection[int], *, keys: Collection[int] | None = None
    ) -> Iterable[Fact]:
        rows = Completion.objects.filter(user__in=user_ids).select_related("asset")
        if keys is not None:
            rows = rows.filter(pk__in=keys)
        rows = rows.filter(~Exists(_earlier()), Exists(_own_sittings()))
        found = list(rows.order_by("user_id", "pk"))
        pairs = {(one.user_id, one.lecture_id, one.completed_at) for one in found}
        classes = learnt_for_class(pairs)
        windows = _windows(found)
        for one in found:
            for_class = (one.user_id, one.lecture_id, one.completed_at) in classes
            own = tuple(windows[one.pk])
            yield Fact(
                source=CODE,
                key=one.pk,
                user_id=one.user_id,
                kind=Kind.CLASS if for_class else Kind.SELF_STUDY,
                at=one.completed_at,
                subject=one.lecture_id,
                windows=own,
                needed=min(one.covered, length(own)),
                seconds=whole_seconds(one.asset.duration or 0),
            )

    def waiting(self) -> Iterable[int]:
        newest = Completion.objects.order_by("-pk").values_list("pk", flat=True)
        least = newest[NEWEST - 1 : NEWEST].first() or 0
        booked = CreditEntry.objects.filter(
            source=CODE, source_key=OuterRef("pk"), user=OuterRef("user")
        )
        due = (~Exists(booked), ~Exists(_earlier()), Exists(_own_sittings()))
        rows = Completion.objects.filter(*due, pk__gte=least)
        return rows.order_by().values_list("user_id", flat=True).distinct()

    def titles(self, subjects: Collection[int]) -> Mapping[int, str]:
        return dict(LecturePage.objects.filter(pk__in=subjects).values_list("pk", "title"))

    def reasons(self, user_id: int, subjects: Collection[int]) -> Mapping[int, str]:
        """Of the viewing of each lecture that was voided last."""
        found = PlaySession.objects.filter(
            user=user_id, lecture__in=subjects, voided_at__isnull=False
        )
        return dict(found.order_by("voided_at").values_list("lecture_id", "void_reason"))


def _earlier() -> QuerySet[Completion]:
    return Completion.objects.filter(
        user=OuterRef("user"), lecture=OuterRef("lecture"), pk__lt=OuterRef("pk")
    )


def _own_sittings() -> QuerySet[PlaySession]:
    """Sittings of the completed recording that were not together in a room."""
    return PlaySession.objects.counted().filter(
        user=OuterRef("user"), asset=OuterRef("asset"), gathering__isnull=True, accepted__gt=0
    )


def _windows(completions: Collection[Completion]) -> dict[int, list[Span]]:
    """Wall-clock time of the play sessions of each completion's recording, up to its instant. Of a
    sitting in a room only when the room played: a pause there is nobody's study.
    """
    sessions = PlaySession.objects.counted().filter(
        user__in={one.user_id for one in completions},
        asset__in={one.asset_id for one in completions},
        accepted__gt=0,
        last_beat_at__gt=F("started_at"),
    )
    rows = list(
        sessions.values_list("pk", "user_id", "asset_id", "gathering", "started_at", "last_beat_at")
    )
    rooms = room_windows([pk for pk, _user, _asset, gathering, *_when in rows if gathering])
    by_recording = defaultdict[tuple[int, uuid.UUID], list[Span]](list)
    for pk, user_id, asset_id, gathering, started, last in rows:
        own = rooms.get(pk, []) if gathering else [span_between(started, last)]
        by_recording[user_id, asset_id] += own
    return {
        one.pk: merged(
            (start, min(end, int(one.completed_at.timestamp())))
            for start, end in by_recording[one.user_id, one.asset_id]
        )
        for one in completions
    }
