"""Acts on programmes: order a menu for a date, change it, call it off."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit import log
from cms.models import LecturePage
from cms.programme.models import Menu, Programme, ProgrammeItem
from cms.programme.permissions import check_can_hold
from organizations.models import Organization

# Nobody plans further ahead; a year typed wrong is noticed.
DAYS_AHEAD = 366
MOST_LECTURES = 30


class OrderError(Exception):
    """An order or change is not possible; the message says why and what to do."""


@transaction.atomic
def menu_order(
    *, menu: Menu, organization: Organization, on: dt.date, user: Any, today: dt.date
) -> Programme:
    """Make the menu the branch's programme on a date. Ordering it again gives what is there.
    Of a menu from before the limit the first lectures are taken (`left_out`).

    Raises PermissionDenied, OrderError.
    """
    check_can_hold(user, organization)
    check_day(on, today=today)
    found = Programme.objects.filter(organization=organization, on=on, menu=menu).first()
    if found is not None:
        return found
    lectures = list(menu_lectures(menu)[:MOST_LECTURES])
    if not lectures:
        raise OrderError(_("There is no lecture on this menu at present. Please choose another."))
    try:
        with transaction.atomic():
            programme = Programme.objects.create(
                organization=organization, on=on, title=menu.title, menu=menu, ordered_by=user
            )
    except IntegrityError:
        return Programme.objects.get(organization=organization, on=on, menu=menu)
    ProgrammeItem.objects.bulk_create(
        ProgrammeItem(programme=programme, lecture_id=pk, position=position)
        for position, pk in enumerate(lectures)
    )
    log.record("programme.order", actor=user, target=programme, unit=organization.code)
    return programme


@transaction.atomic
def programme_move_day(*, programme: Programme, on: dt.date, user: Any, today: dt.date) -> None:
    programme = _held(programme, user)
    check_day(on, today=today)
    if programme.on == on:
        return
    programme.on = on
    try:
        with transaction.atomic():
            programme.save(update_fields=["on"])
    except IntegrityError:
        text = _("This menu is already ordered for %(day)s. Please choose another day.")
        raise OrderError(text % {"day": date_format(on, "DATE_FORMAT")}) from None
    log.record("programme.change", actor=user, target=programme, on=on.isoformat())


@transaction.atomic
def lecture_add(*, programme: Programme, lecture: LecturePage, user: Any) -> None:
    """At the end; what stands there already stays where it is."""
    programme = _held(programme, user)
    if not lecture.live:
        raise OrderError(_("This lecture is no longer published. Please choose another."))
    if programme.items.count() >= MOST_LECTURES:
        raise OrderError(_("The programme is long enough. Please take a lecture out first."))
    last = programme.items.aggregate(last=Max("position"))["last"]
    position = 0 if last is None else last + 1
    _item, made = ProgrammeItem.objects.get_or_create(
        programme=programme, lecture=lecture, defaults={"position": position}
    )
    if made:
        log.record("programme.change", actor=user, target=programme, lecture=lecture.pk)


@transaction.atomic
def lecture_remove(*, programme: Programme, item: int, user: Any) -> None:
    """A second tap finds nothing and is no error; the last lecture stays."""
    programme = _held(programme, user)
    found = programme.items.filter(pk=item)
    if found.exists() and programme.items.count() == 1:
        raise OrderError(
            _("A programme has at least one lecture. You can call the whole programme off.")
        )
    if found.delete()[0]:
        log.record("programme.change", actor=user, target=programme)


@transaction.atomic
def lecture_shift(*, programme: Programme, item: int, place: int, by: int, user: Any) -> None:
    """From `place` one earlier (-1) or later (1). At the end of the row nothing happens, nor when
    it stands elsewhere by now: a second tap moves nothing a second time.
    """
    programme = _held(programme, user)
    items = list(programme.items.order_by("position", "pk"))
    at = next((place for place, one in enumerate(items) if one.pk == item), None)
    if at is None or at != place or not 0 <= at + by < len(items):
        return
    items[at], items[at + by] = items[at + by], items[at]
    for position, one in enumerate(items):
        one.position = position
    ProgrammeItem.objects.bulk_update(items, ["position"])
    log.record("programme.change", actor=user, target=programme)


@transaction.atomic
def programme_cancel(*, programme: Programme, user: Any) -> None:
    """What was held stays logged, without its programme."""
    programme = _held(programme, user)
    log_target = Programme(pk=programme.pk)
    programme.delete()
    log.record("programme.cancel", actor=user, target=log_target)


def check_day(on: dt.date, *, today: dt.date) -> None:
    """A programme is for today or a later day. Raises OrderError."""
    if on < today:
        raise OrderError(
            _(
                "%(day)s is over, so no menu can be ordered for it. Please choose today or a later "
                "day. What was held already can be logged as a lecture activity."
            )
            % {"day": date_format(on, "DATE_FORMAT")}
        )
    if on > today + dt.timedelta(days=DAYS_AHEAD):
        raise OrderError(_("This day is more than a year away. Please choose an earlier one."))


def menu_lectures(menu: Menu) -> Any:
    """Keys of its published lectures, in order."""
    items = menu.items.order_by("position", "pk").filter(lecture__live=True)
    return items.values_list("lecture_id", flat=True)


def left_out(menu: Menu, programme: Programme) -> int:
    """How many of the lectures for which a programme has no room are not in it."""
    late = menu_lectures(menu)[MOST_LECTURES:]
    return len(set(late) - set(programme.items.values_list("lecture_id", flat=True)))


def _held(programme: Programme, user: Any) -> Programme:
    """The programme, nobody else changing it meanwhile."""
    locked = Programme.objects.select_for_update(of=("self",)).select_related("organization")
    programme = locked.get(pk=programme.pk)
    check_can_hold(user, programme.organization)
    return programme
