"""Evenings in the room of the demo's branch: one approved, one that waits for the township, one that is
planned; by the product's own acts, with a room's clock of then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils import timezone

from cms.models import LecturePage
from lms.demo.people import HOME_TOWNSHIP
from lms.demo.units import branch_code
from lms.gatherings.deciding import gathering_approve, roll_seal
from lms.gatherings.models import Gathering
from lms.gatherings.opening import gathering_hand_in, gathering_plan, gathering_start
from lms.gatherings.rolls import Mark, roll_mark
from lms.gatherings.room import room_beat, room_open
from lms.gatherings.shares import shares_work
from lms.watching.evidence import Bitmap
from organizations.models import Organization, User

KEEPER, DECIDER = "secretary", "officer"
PLACE = "党员活动室（演示）"
PRESENT, GUESTS = 4, 3
BEAT = 30
APPROVED, WAITING, PLANNED = -6, -1, 4


def gatherings_seed(lectures: Sequence[LecturePage]) -> None:
    """Idempotent: a branch that has a session is left alone."""
    branch = Organization.objects.get(code=branch_code(HOME_TOWNSHIP, 1))
    if not lectures or Gathering.objects.filter(organization=branch).exists():
        return
    last = lectures[-1]
    approved = evening(branch, last, days=APPROVED)
    gathering_approve(
        gathering=approved,
        actor=User.objects.get(username=DECIDER),
        seen=roll_seal(approved),
        now=timezone.now(),
    )
    shares_work()
    evening(branch, last, days=WAITING)
    _planned(branch, lectures[0], days=PLANNED)


def _planned(
    branch: Organization, lecture: LecturePage, *, days: int
) -> tuple[Gathering, dt.datetime]:
    """A session at half past seven of that day, as it was planned then or is planned now."""
    evening = timezone.localtime().replace(hour=19, minute=30, second=0, microsecond=0)
    at = evening + dt.timedelta(days=days)
    made = gathering_plan(
        organization=branch,
        on=at.date(),
        place=PLACE,
        user=User.objects.get(username=KEEPER),
        now=min(at, timezone.now()),
        lecture=lecture,
    )
    return made, at


def evening(branch: Organization, lecture: LecturePage, *, days: int) -> Gathering:
    """Opened, played from beginning to end, ticked and handed in."""
    made, now = _planned(branch, lecture, days=days)
    keeper = User.objects.get(username=KEEPER)
    gathering_start(gathering=made, user=keeper, now=now)
    play = room_open(gathering=made, lecture_id=lecture.pk, now=now).play
    for start in range(0, play.seconds, BEAT):
        end = min(start + BEAT, play.seconds)
        now += dt.timedelta(seconds=end - start)
        seen = Bitmap.span(0, end).to_bytes()
        room_beat(play_id=play.pk, position=float(end), seen=seen, now=now)
    learners = User.objects.filter(
        username__startswith=f"learner-{HOME_TOWNSHIP}-1-", is_demo=True
    ).order_by("username")[:PRESENT]
    marks = [Mark(one.pk, present=True) for one in learners]
    roll_mark(gathering=made, user=keeper, marks=marks, guests=(GUESTS, 0.0), now=now)
    return gathering_hand_in(gathering=made, user=keeper, now=now)
