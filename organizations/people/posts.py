"""Giving and ending posts. Access to the admin site follows a post by signal, rights at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from audit import log
from organizations.models import Organization, Post, User, today
from organizations.people.details import PeopleError
from organizations.people.rules import check_day, check_is_here, check_is_open, person_locked
from organizations.permissions import (
    ADMINISTRATIONS,
    ROSTER_KEEPERS,
    check_can_appoint,
    check_is_own_person,
)


@transaction.atomic
def post_open(
    *,
    actor: Any,
    person: User,
    unit: Organization,
    role: str,
    on: dt.date | None = None,
    request: HttpRequest | None = None,
) -> Post:
    """Give a post. Nobody gives one to themselves, and of system, security and audit
    administration nobody holds two. Raises PeopleError and PermissionDenied.
    """
    if role not in Post.Role.values:
        raise PeopleError(_("Choose a post."))
    if actor.pk == person.pk:
        raise PermissionDenied(_("Nobody gives a post to themselves."))
    check_can_appoint(actor, unit, role)
    # Whoever gives posts opens the accounts with these posts, so only to one's own people.
    check_is_own_person(actor, person, *ROSTER_KEEPERS, Post.Role.SECURITY)
    return _open(person, unit, role, on, actor=actor, request=request)


@transaction.atomic
def post_open_by_operator(*, person: User, unit: Organization, role: str) -> Post:
    """An administration from the shell of the machine: for those who have nobody above."""
    if role == Post.Role.AUDITOR and not unit.is_root():
        raise PeopleError(_("Audit administrators are appointed at the topmost unit only."))
    return _open(person, unit, role, None, operator=True)


def _open(
    person: User,
    unit: Organization,
    role: str,
    on: dt.date | None,
    *,
    actor: Any = None,
    request: HttpRequest | None = None,
    **detail: Any,
) -> Post:
    check_is_open(unit)
    day = check_day(on or today())
    person = person_locked(person)
    check_is_here(person)
    posts = Post.objects.filter(user=person, valid_to=None)
    if posts.filter(organization=unit, role=role).exists():
        raise PeopleError(_("This person holds this post already."))
    if role in ADMINISTRATIONS and posts.filter(role__in=ADMINISTRATIONS).exists():
        raise PeopleError(
            _(
                "This person is a system, security or audit administrator already. These posts "
                "are never in one hand."
            )
        )
    try:
        with transaction.atomic():
            post = Post.objects.create(user=person, organization=unit, role=role, valid_from=day)
    except IntegrityError as clash:
        raise PeopleError(_("This person holds such a post already.")) from clash
    log.record(
        "post.open",
        actor=actor,
        target=person,
        request=request,
        unit=unit.code,
        role=role,
        **detail,
    )
    return post


@transaction.atomic
def post_close(
    *, actor: Any, post: Post, on: dt.date | None = None, request: HttpRequest | None = None
) -> None:
    """End a post: its rights end with it. Raises PeopleError and PermissionDenied."""
    if actor.pk == post.user_id:
        raise PermissionDenied(_("Nobody ends their own post. Ask whoever gives it."))
    check_can_appoint(actor, post.organization, post.role)
    _close(post, on, actor=actor, request=request)


@transaction.atomic
def post_close_by_operator(*, post: Post) -> None:
    """The end of an administration from the shell of the machine."""
    _close(post, None, operator=True)


def _close(
    post: Post,
    on: dt.date | None,
    *,
    actor: Any = None,
    request: HttpRequest | None = None,
    **detail: Any,
) -> None:
    person = person_locked(post.user)
    post = Post.objects.select_related("organization").get(pk=post.pk)
    if post.valid_to is not None:
        raise PeopleError(_("This has ended already."))
    post.valid_to = check_day(on or today(), not_before=post.valid_from)
    post.save(update_fields=["valid_to"])
    log.record(
        "post.close",
        actor=actor,
        target=person,
        request=request,
        unit=post.organization.code,
        role=post.role,
        **detail,
    )
