"""The roll as pages and phones read it: who is expected, who came, by which way."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import pgettext

from lms.gatherings.models import Attendance, Gathering, RoomPlay
from lms.gatherings.rolls import roll_people
from lms.watching.evidence import Bitmap, coverage
from organizations.models import Membership, User
from organizations.people.viewer import Viewer

SILENT = dt.timedelta(minutes=10)
# A film whose last seconds nobody waited for.
WHOLE = 90


def roll_rows(gathering: Gathering, request: HttpRequest) -> list[dict[str, Any]]:
    """Home members, floating members, then whoever signed in from elsewhere; by name."""
    viewer = Viewer.of(request)
    kinds = roll_people(gathering)
    # Of a list on paper that is being entered nothing is written yet.
    marked = Attendance.objects.filter(gathering=gathering.pk).select_related("user")
    there = {one.user_id: one for one in marked}
    people = {one.pk: one for one in User.objects.filter(pk__in=kinds)}
    people |= {pk: one.user for pk, one in there.items()}
    rows = [
        _row(person, kinds.get(pk, ""), there.get(pk), viewer, gathering.organization_id)
        for pk, person in people.items()
    ]
    order = {Membership.Kind.HOME: 0, Membership.Kind.HOST: 1, "": 2}
    return sorted(rows, key=lambda row: (order[row["kind"]], row["name"], row["user"]))


def _row(
    person: User, kind: str, one: Attendance | None, viewer: Viewer, unit_id: int
) -> dict[str, Any]:
    notes = {
        Membership.Kind.HOST: pgettext("on the roll", "floating"),
        "": pgettext("on the roll", "from elsewhere"),
    }
    return {
        "user": person.pk,
        "name": viewer.name(person, unit_id),
        "kind": kind,
        "note": notes.get(kind, ""),
        "present": bool(one and one.is_present),
        "way": way_text(one) if one else "",
        "came": clock_text(one.came_at) if one else "",
        "left": clock_text(one.left_at) if one else "",
        "voided": one.void_reason if one else "",
    }


def way_text(one: Attendance) -> str:
    if one.scanned_at is not None:
        scanned = clock_text(one.scanned_at)
        if not one.is_present:
            return pgettext("attendance", "signed in at %(time)s, taken back") % {"time": scanned}
        return pgettext("attendance", "signed in at %(time)s") % {"time": scanned}
    return str(one.get_way_display()) if one.is_present else ""


def clock_text(at: dt.datetime | None) -> str:
    return f"{timezone.localtime(at):%H:%M}" if at is not None else ""


def plays_shown(gathering: Gathering) -> list[dict[str, Any]]:
    """The lectures of the session in order, with how much of each the room has played."""
    plays: dict[int, RoomPlay] = {}
    for play in RoomPlay.objects.filter(gathering=gathering).order_by("pk"):
        plays[play.lecture_id] = play
    items = gathering.items.select_related("lecture__asset").order_by("position", "pk")
    return [
        {
            "lecture": item.lecture,
            "percent": _percent(plays.get(item.lecture_id)),
            "minutes": (plays[item.lecture_id].accepted // 60 if item.lecture_id in plays else 0),
        }
        for item in items
    ]


def last_heard(gathering: Gathering) -> dt.datetime | None:
    """When the screen told last what it played, where that is long before the session was over and
    something of it is missing: it may still come.
    """
    plays = RoomPlay.objects.filter(gathering=gathering)
    last = max((one.last_beat_at for one in plays), default=None)
    if last is None or gathering.closed_at is None or gathering.closed_at - last < SILENT:
        return None
    return last if any(_percent(one) < WHOLE for one in plays) else None


def played_between(gathering: Gathering) -> tuple[dt.datetime, dt.datetime] | None:
    """When the room began to play anything, and ended."""
    windows = RoomPlay.objects.filter(gathering=gathering).values_list("windows", flat=True)
    instants = [second for spans in windows for span in spans for second in span]
    if not instants:
        return None
    first, last = (dt.datetime.fromtimestamp(one, dt.UTC) for one in (min(instants), max(instants)))
    return first, last


def _percent(play: RoomPlay | None) -> int:
    if play is None:
        return 0
    return int(coverage(Bitmap.from_bytes(bytes(play.seen)), play.seconds) * 100)
