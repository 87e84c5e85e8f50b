"""When an act on a person's ties is possible: sentences for people, raised as `PeopleError`.

Who may act is in `organizations.permissions`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from organizations import scope
from organizations.models import Membership, Organization, Post, User, today
from organizations.people.details import PeopleError
from organizations.permissions import can_keep_people, can_keep_person

Kind = Membership.Kind


def person_locked(person: User) -> User:
    """The person's row, held until the transaction ends: acts on one person do not overlap.

    Rows may refer to it meanwhile: whoever holds the end of the log names people.
    """
    return User.objects.select_for_update(no_key=True).get(pk=person.pk)


def check_not_own(actor: Any, person: User) -> None:
    """Ties and tags decide what somebody owes and sees, so another one enters them."""
    if actor.pk == person.pk:
        raise PermissionDenied(
            _("Nobody changes their own record. Please ask those who keep the unit above.")
        )


def check_is_here(person: User) -> None:
    """Not for people who left or whose data were erased."""
    if person.erased_at is not None or not person.is_active:
        raise PeopleError(_("This person has left. Enter them again to take them back."))


def check_day(day: dt.date, *, not_before: dt.date | None = None) -> dt.date:
    if day > today():
        raise PeopleError(_("This day has not come yet. Choose today or a day before."))
    if not_before is not None and day < not_before:
        raise PeopleError(_("The end lies before the beginning. Choose a later day."))
    return day


def check_home_follows(person: User, day: dt.date) -> None:
    """Homes follow one another: on no day does anybody belong to two branches."""
    last = Membership.objects.filter(user=person, kind=Kind.HOME).aggregate(day=Max("valid_to"))
    if last["day"] is not None and day < last["day"]:
        raise PeopleError(
            _("This person belonged to a branch until %(day)s. Choose that day or a later one.")
            % {"day": date_format(last["day"])}
        )


def check_can_belong(unit: Organization, kind: str) -> None:
    """Members belong to open branches, other learners to any open unit."""
    check_is_open(unit)
    if kind != Kind.LEARNER and unit.kind != Organization.Kind.BRANCH:
        raise PeopleError(
            _("Members belong to a branch, and %(name)s is none. Choose a branch below it.")
            % {"name": unit.name}
        )


def check_is_open(unit: Organization) -> None:
    """Also holds the unit's row until the transaction ends: it is not closed meanwhile."""
    held = Organization.objects.select_for_update(no_key=True).get(pk=unit.pk)
    if held.closed_on is not None:
        raise PeopleError(_("%(name)s is closed.") % {"name": unit.name})


def check_can_tie(actor: Any, person: User, unit: Organization, kind: str) -> None:
    """Whoever keeps the person registers where they float to; anything else needs the roster of
    the unit, and a person who has a tie or a post in the own units. Sight by a grant is not
    enough: who learns in a unit and has no home is kept there.
    """
    if kind == Kind.HOST and can_keep_person(actor, person):
        return
    own = scope.units_filter(scope.managed_units(actor), field="organization")
    rows = (model.objects.current().filter(own, user=person) for model in (Membership, Post))
    if not (can_keep_people(actor, unit) and any(one.exists() for one in rows)):
        raise PermissionDenied(_("You do not keep the roster of this unit."))


def check_phone_free(phone: str | None, *, but: int | None = None) -> None:
    if phone and User.objects.filter(phone=phone).exclude(pk=but).exists():
        raise PeopleError(_("This phone number belongs to another account already."))
