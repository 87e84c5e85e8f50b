"""A list on paper, entered afterwards: who was there, from when until when, and a photo of it.

It is a gathering that nothing was played in as far as this site knows, marked as such; what it is
worth is the township's word. The photo is looked at and drawn anew as the ledger's evidence is, and
lies in the same private storage.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import log
from cms.models import LecturePage
from cms.programme.permissions import check_can_hold
from lms.gatherings.errors import GatheringError
from lms.gatherings.models import MOST_GUESTS, Attendance, Gathering
from lms.gatherings.opening import gathering_make, items_set, standing
from lms.gatherings.rolls import roll_people
from lms.ledger.claims import day_problem
from lms.ledger.evidence_files import Checked, file_put, file_remove
from organizations.models import Organization

State = Gathering.State
LONGEST = dt.timedelta(hours=12)


@transaction.atomic
def paper_enter(
    *,
    organization: Organization,
    user: Any,
    wish: uuid.UUID,
    title: str,
    place: str,
    begins: dt.datetime,
    ends: dt.datetime,
    people: Collection[int],
    guests: int,
    photo: Checked,
    photo_name: str,
    now: dt.datetime,
    lecture: LecturePage | None = None,
) -> tuple[Gathering, bool]:
    """Handed in at once; and whether it is new: the same wish, or the same lecture of that day,
    gives what is there.

    Raises PermissionDenied, GatheringError.
    """
    check_can_hold(user, organization)
    on = timezone.localdate(begins)
    if problem := times_problem(begins, ends, now=now):
        raise GatheringError(problem)
    if not 0 <= guests <= MOST_GUESTS:
        raise GatheringError(_("The number of guests is a whole number from 0 to 10,000."))
    found = _same(organization, on, wish, lecture)
    if found is not None:
        return found, False
    known = roll_people(Gathering(organization=organization, on=on))
    there = list(dict.fromkeys(people))
    if any(pk not in known for pk in there):
        raise GatheringError(
            _("Somebody on the list did not belong to the unit that day. Please look through it.")
        )
    if not there and not guests:
        raise GatheringError(_("Please tick who is on the list, or give the number of people."))
    name = file_put(photo)
    made = gathering_make(
        organization=organization,
        on=on,
        title=title,
        place=place,
        lecture=lecture,
        state=State.HANDED_IN,
        guests=guests,
        made_by=user,
        made_at=now,
        closed_at=now,
        closed_by=user,
        paper_from=begins,
        paper_to=ends,
        wish=wish,
        photo=name,
        photo_name=photo_name,
    )
    if made is None:
        file_remove(name)
        again = _same(organization, on, wish, lecture)
        if again is None:  # the wish is another unit's
            raise GatheringError(_("This form was used already. Please open the page anew."))
        return again, False
    if lecture is not None:
        items_set(made, [lecture])
    Attendance.objects.bulk_create(
        Attendance(
            gathering=made, user_id=pk, way=Attendance.Way.PAPER, marked_by=user, marked_at=now
        )
        for pk in there
    )
    log.record(
        "gathering.paper", actor=user, target=made, unit=organization.code, present=len(there)
    )
    return made, True


def times_problem(begins: dt.datetime, ends: dt.datetime, *, now: dt.datetime) -> str:
    """Why a list cannot be of these times; "" when it can."""
    if ends <= begins:
        return _("The end is before the beginning. Please check the times.")
    if ends - begins > LONGEST:
        return _("A session is at most 12 hours long. Please check the times.")
    if ends > now:
        return _("This time has not come yet. A list is entered after the session.")
    return day_problem(timezone.localdate(begins), today=timezone.localdate(now))


def _same(
    organization: Organization, on: dt.date, wish: uuid.UUID, lecture: LecturePage | None
) -> Gathering | None:
    own = Gathering.objects.filter(organization=organization, wish=wish).first()
    if own is None and lecture is not None:
        return standing(organization, on, lecture, None)
    return own
