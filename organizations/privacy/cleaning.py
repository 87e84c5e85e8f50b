"""What accounts and sign-in leave behind that is cleaned away in time."""

from __future__ import annotations

import datetime as dt
import logging
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from organizations.models import (
    Correction,
    Credential,
    Membership,
    Post,
    RosterImport,
    RosterRow,
    User,
)
from organizations.privacy.erasing import EraseError, person_erase
from organizations.privacy.retention import Kind, cleaned, cleaner, rows_delete
from organizations.roster.files import file_remove
from organizations.roster.imports import import_cancel

logger = logging.getLogger(__name__)


def contribute() -> None:
    cleaned(Kind.CREDENTIALS, spent_credentials)
    cleaned(Kind.CORRECTIONS, answered_corrections)
    cleaner(Kind.SESSIONS, clean_sessions)
    cleaner(Kind.ROSTER_IMPORTS, clean_roster_imports)
    cleaner(Kind.LEFT_PEOPLE, erase_left_people)


def spent_credentials(before: dt.datetime) -> Any:
    """Used, revoked or run out before then."""
    return Credential.objects.filter(
        Q(used_at__lt=before) | Q(revoked_at__lt=before) | Q(expires_at__lt=before)
    )


def answered_corrections(before: dt.datetime) -> Any:
    return Correction.objects.exclude(state=Correction.State.OPEN).filter(answered_at__lt=before)


def clean_sessions(before: dt.datetime, *, dry_run: bool) -> int:
    """Sessions whose end lies before then."""
    found = Session.objects.filter(expire_date__lt=before)
    count = found.count()
    if not dry_run:
        found.delete()
        import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return count


def roster_imports(before: dt.datetime) -> Any:
    """Imports that ended, or were left alone, before then and still hold people's data."""
    over = Q(finished_at__lt=before) | Q(finished_at__isnull=True, created_at__lt=before)
    rows = RosterRow.objects.filter(roster_import=OuterRef("pk"))
    return RosterImport.objects.filter(over).filter(Exists(rows) | ~Q(source="") | ~Q(outcome=""))


def clean_roster_imports(before: dt.datetime, *, dry_run: bool) -> int:
    """The import stays as a record with its counts; its rows and workbooks go."""
    found = roster_imports(before)
    if dry_run:
        return int(found.count())
    cleaned_imports = 0
    for one in found.order_by("pk"):
        if one.finished_at is None:
            import_cancel(actor=None, roster_import=one)
        rows_delete(RosterRow.objects.filter(roster_import=one))
        # Files first: what is named is found again by the next round.
        file_remove(one.source)
        file_remove(one.outcome)
        RosterImport.objects.filter(pk=one.pk).update(source="", outcome="")
        cleaned_imports += 1
    return cleaned_imports


def left_people(before: dt.datetime) -> Any:
    """People whose last tie ended before then, and who neither joined nor signed in since.

    Somebody who never had a tie counts from the day the account was made.
    """
    day = timezone.localdate(before)
    still = Q(valid_to__isnull=True) | Q(valid_to__gte=day)
    ties = Membership.objects.filter(still, user=OuterRef("pk"))
    posts = Post.objects.filter(still, user=OuterRef("pk"))
    return (
        User.objects.filter(erased_at__isnull=True, date_joined__lt=before)
        .filter(Q(last_login__isnull=True) | Q(last_login__lt=before))
        .filter(is_superuser=False)
        .exclude(Exists(ties))
        .exclude(Exists(posts))
    )


def erase_left_people(before: dt.datetime, *, dry_run: bool) -> int:
    people = left_people(before)
    if dry_run:
        return int(people.count())
    erased = 0
    for person in people.order_by("pk").iterator(chunk_size=200):
        try:
            person_erase(actor=None, person=person, reason="retention")
        except EraseError:
            logger.warning("Account %d stays: it holds the last post of its kind", person.pk)
            continue
        erased += 1
    return erased
