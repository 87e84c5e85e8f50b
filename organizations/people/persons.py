"""Entering a person, changing name, phone and code, and a person's leaving."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from audit import log
from notices.channels import SMS
from notices.choosing import ways_end
from organizations.models import Membership, Organization, Post, User, today
from organizations.people.details import PeopleError, clean_code, clean_name, clean_phone
from organizations.people.rules import (
    check_can_belong,
    check_day,
    check_home_follows,
    check_is_here,
    person_locked,
)
from organizations.people.taken import check_free, check_may_ask
from organizations.permissions import (
    can_appoint,
    can_take_back,
    check_can_keep_account,
    check_can_keep_people,
    check_can_keep_person,
)
from organizations.signin.closing import accounts_put_to_sleep
from organizations.signin.phones import phone_normalise

EndReason = Membership.EndReason
# Reasons for which a person leaves altogether.
LEAVING = (EndReason.DIED, EndReason.LEFT_PARTY, EndReason.MOVED_OUT, EndReason.MISTAKE)


@transaction.atomic
def person_create(
    *,
    actor: Any,
    name: str,
    unit: Organization,
    kind: str = Membership.Kind.HOME,
    phone: str = "",
    code: str = "",
    on: dt.date | None = None,
    request: HttpRequest | None = None,
) -> User:
    """An account that cannot sign in yet, with its first tie.

    Somebody who left and comes back, with the same name and the same phone or code, gets the old
    account back, asleep and with its old phone, from who kept the person at the end; for anybody
    else that phone and code are taken. Raises PeopleError and PermissionDenied.
    """
    check_can_keep_people(actor, unit)
    check_can_belong(unit, kind)
    day = check_day(on or today())
    name, number, person_code = clean_name(name), clean_phone(phone), clean_code(code)
    if number or person_code:
        check_may_ask(actor)
    person = _returning(actor, name, number, person_code)
    returned = person is not None
    if person is None:
        check_free(actor, phone=number, code=person_code)
        person = User(username=account_name(person_code), name=name, phone=number, code=person_code)
        person.set_unusable_password()
        try:
            with transaction.atomic():
                person.save()
        except IntegrityError as clash:
            raise PeopleError(
                _("This phone number or code belongs to another account already.")
            ) from clash
    else:
        if kind == Membership.Kind.HOME:
            check_home_follows(person, day)
        check_free(actor, phone=number, code=None, but=person.pk)
        accounts_put_to_sleep(people=[person.pk])
        person.refresh_from_db()
        person.is_active = True
        person.save(update_fields=["is_active"])
    Membership.objects.create(user=person, organization=unit, kind=kind, valid_from=day)
    log.record(
        "person.create",
        actor=actor,
        target=person,
        request=request,
        unit=unit.code,
        kind=str(kind),
        returned=returned,
    )
    return person


@transaction.atomic
def person_change(
    *,
    actor: Any,
    person: User,
    name: str,
    phone: str,
    code: str,
    request: HttpRequest | None = None,
) -> User:
    """Name, phone and code as they are from now on; empty phone and code mean none.

    A phone opens the way into an account, and by the code other systems may find it: changing
    them asks for `can_keep_account` too.
    """
    check_can_keep_person(actor, person)
    person = person_locked(person)
    check_is_here(person)
    wanted = {"name": clean_name(name), "phone": clean_phone(phone), "code": clean_code(code)}
    changed = sorted(field for field, value in wanted.items() if getattr(person, field) != value)
    if not changed:
        return person
    if "phone" in changed or "code" in changed:
        check_can_keep_account(actor, person)
        check_may_ask(actor)
        check_free(actor, phone=wanted["phone"], code=wanted["code"], but=person.pk)
    for field in changed:
        setattr(person, field, wanted[field])
    try:
        with transaction.atomic():
            person.save(update_fields=changed)
    except IntegrityError as clash:
        raise PeopleError(
            _("This phone number or code belongs to another account already.")
        ) from clash
    if "phone" in changed:
        # The choice was made for the old number, by its owner.
        ways_end(people=[person.pk], channel=SMS)
    log.record("person.change", actor=actor, target=person, request=request, fields=changed)
    return person


@transaction.atomic
def person_leave(
    *,
    actor: Any,
    person: User,
    reason: str,
    on: dt.date | None = None,
    request: HttpRequest | None = None,
) -> None:
    """End all ties and posts and close the account: sessions end, nobody signs in with it, and
    whatever opened it is gone for good.

    What the person watched and attended stays. Raises PeopleError and PermissionDenied.
    """
    if actor.pk == person.pk:
        raise PermissionDenied(_("Nobody does this for their own account."))
    check_can_keep_person(actor, person)
    if reason not in LEAVING:
        raise PeopleError(_("Choose a reason."))
    person = person_locked(person)
    check_is_here(person)
    ties = list(Membership.objects.current().filter(user=person))
    day = check_day(on or today(), not_before=max(tie.valid_from for tie in ties))
    posts = list(Post.objects.current().filter(user=person).select_related("organization"))
    if not all(can_appoint(actor, post.organization, post.role) for post in posts):
        raise PeopleError(
            _("This person holds a post that you do not end. Have it ended first."),
        )
    for tie in ties:
        tie.valid_to, tie.end_reason = day, reason
        tie.save(update_fields=["valid_to", "end_reason"])
    for post in posts:
        post.valid_to = max(day, post.valid_from)
        post.save(update_fields=["valid_to"])
    accounts_put_to_sleep(people=[person.pk])
    person.is_active = False
    person.save(update_fields=["is_active"])
    log.record(
        "membership.close",
        actor=actor,
        target=person,
        request=request,
        memberships=[tie.pk for tie in ties],
        posts=[post.pk for post in posts],
        reason=str(reason),
    )


def account_name(code: str | None) -> str:
    """The code in small letters if it is free, else letters at random; never a phone number."""
    wished = (code or "").lower()
    try:
        UnicodeUsernameValidator()(wished)
        usable = phone_normalise(wished) is None
    except ValidationError:
        usable = False
    if usable and not User.objects.filter(username__iexact=wished).exists():
        return wished
    return f"u{secrets.token_hex(6)}"


def _returning(actor: Any, name: str, phone: str | None, code: str | None) -> User | None:
    """Somebody who left and whom the actor may take back, by name and by phone or code."""
    gone = User.objects.select_for_update().filter(is_active=False, erased_at=None, name=name)
    gone = gone.exclude(pk__in=Membership.objects.current().values("user"))
    for known in ({"code": code}, {"phone": phone}):
        person = gone.filter(**known).first() if all(known.values()) else None
        if person is not None and can_take_back(actor, person):
            return person
    return None
