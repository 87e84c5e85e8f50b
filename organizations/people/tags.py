"""Giving and ending dated tags."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from audit import log
from organizations.models import DIMENSIONS, Tag, User, dimension_of, today
from organizations.people.details import PeopleError
from organizations.people.rules import check_day, check_is_here, check_not_own, person_locked
from organizations.permissions import check_can_keep_person


@transaction.atomic
def tag_open(
    *,
    actor: Any,
    person: User,
    value: str,
    dimension: str = "",
    on: dt.date | None = None,
    request: HttpRequest | None = None,
) -> Tag:
    """Give a tag. A person stands at one stage at a time: a new one ends the one before.

    Raises PeopleError and PermissionDenied.
    """
    check_not_own(actor, person)
    check_can_keep_person(actor, person)
    if value not in Tag.Value.values:
        raise PeopleError(_("Choose a tag."))
    if dimension and value not in DIMENSIONS.get(dimension, ()):
        raise PeopleError(_("This tag is not one of this kind."))
    dimension = dimension_of(value)
    day = check_day(on or today())
    person = person_locked(person)
    check_is_here(person)
    tags = Tag.objects.filter(user=person, valid_to=None)
    if tags.filter(value=value).exists():
        raise PeopleError(_("This person has this tag already."))
    if dimension == Tag.Dimension.STAGE:
        for stage in tags.filter(dimension=dimension):
            stage.valid_to = check_day(day, not_before=stage.valid_from)
            stage.save(update_fields=["valid_to"])
    try:
        with transaction.atomic():
            tag = Tag.objects.create(user=person, dimension=dimension, value=value, valid_from=day)
    except IntegrityError as clash:
        raise PeopleError(_("This person has this tag already.")) from clash
    log.record("tag.open", actor=actor, target=person, request=request, value=value)
    return tag


@transaction.atomic
def tag_close(
    *, actor: Any, tag: Tag, on: dt.date | None = None, request: HttpRequest | None = None
) -> None:
    """End a tag. Raises PeopleError and PermissionDenied."""
    check_not_own(actor, tag.user)
    check_can_keep_person(actor, tag.user)
    person = person_locked(tag.user)
    tag = Tag.objects.get(pk=tag.pk)
    if tag.valid_to is not None:
        raise PeopleError(_("This has ended already."))
    tag.valid_to = check_day(on or today(), not_before=tag.valid_from)
    tag.save(update_fields=["valid_to"])
    log.record("tag.close", actor=actor, target=person, request=request, value=tag.value)
