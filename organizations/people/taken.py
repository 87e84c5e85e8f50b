"""Phones and codes that somebody has already: said to whoever enters them, and counted.

Such an answer tells that somebody is known here. Keepers may know that of their own people; of
others everybody is told a few times an hour and a day, by forms and files together
(`organizations.signin.limits`). Beyond that nothing is looked up.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from organizations.models import User
from organizations.people.details import PeopleError
from organizations.permissions import can_keep_person, can_take_back
from organizations.signin import limits
from organizations.signin.limits import Held, wait_words


class TakenElsewhere(PeopleError):
    """By somebody whom the actor does not keep, told for the first time today; whoever catches it
    logs the `field`.
    """

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


def check_may_ask(actor: Any) -> None:
    """Before a phone or code is looked up."""
    try:
        limits.elsewhere_check(actor)
    except Held as held:
        raise _held(held) from held


def check_free(actor: Any, *, phone: str | None, code: str | None, but: int | None = None) -> None:
    """Raises PeopleError for what somebody else has. The code comes first: with a code that is in
    use anyway nobody asks for phones.
    """
    others = User.objects.exclude(pk=but)
    if code and (holder := others.filter(code__iexact=code).first()):
        message = _("The code %(code)s is in use already.") % {"code": code}
        raise _taken(actor, holder, message, "code")
    if phone and (holder := others.filter(phone=phone).first()):
        message = _("This phone number belongs to another account already.")
        raise _taken(actor, holder, message, "phone")


def _taken(actor: Any, holder: User, message: str, field: str) -> PeopleError:
    keeps = can_keep_person if holder.is_active else can_take_back
    if holder.pk == actor.pk or keeps(actor, holder):
        return PeopleError(message)
    try:
        told = limits.elsewhere_take(actor, [holder.pk])
    except Held as held:
        return _held(held)
    return TakenElsewhere(message, field) if told else PeopleError(message)


def _held(held: Held) -> PeopleError:
    return PeopleError(
        _(
            "You have entered many phones or codes of people whom you do not keep. Please try "
            "again in %(wait)s, or ask the unit above."
        )
        % {"wait": wait_words(held.seconds)}
    )
