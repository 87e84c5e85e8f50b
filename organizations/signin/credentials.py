"""One-time credentials: a manager issues them, a person uses one once to set a password.

The only way into an account that was never used, and one way back into an account whose password
was forgotten. The code is shown once, to whoever issued it; what is kept is a keyed digest.
Printing is in `credential_views`, the pages of the person in `first_views`.
"""

from __future__ import annotations

import datetime as dt
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from audit import log
from organizations import scope
from organizations.models import Credential, Membership, Post, User
from organizations.permissions import ROSTER_KEEPERS, can_keep_account, check_can_keep_account

# Crockford's 32 signs: none is taken for another one, in print or read aloud. 12 are 60 bits.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, GROUP = 12, 4
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
MOST = 500


class CredentialError(Exception):
    """A credential cannot be issued or used; the message is for people."""


@dataclass(frozen=True)
class Issued:
    """What is on a slip. `code` exists nowhere else."""

    person: User
    code: str
    expires_at: dt.datetime


def code_new() -> str:
    signs = "".join(secrets.choice(ALPHABET) for _n in range(LENGTH))
    return "-".join(signs[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def code_normalise(text: str) -> str:
    """The signs of a code however it was typed: case, spaces, dashes, O for 0, I and L for 1."""
    plain = unicodedata.normalize("NFKC", text).upper().translate(_MISREAD)
    return "".join(sign for sign in plain if sign.isascii() and sign.isalnum())


def digest(code: str) -> str:
    """Keyed, so that a copy of the database alone is of no use to guess by."""
    text = code_normalise(code)
    return salted_hmac("organizations.credential", text, algorithm="sha256").hexdigest()


def check_can_issue(actor: User, people: Sequence[User]) -> None:
    """Raise PermissionDenied unless the actor may open every one of these accounts.

    Whoever holds no post and has the home in the actor's units is settled in one query; the
    others are looked at one by one.
    """
    paths = scope.outermost(
        {unit.path for unit in scope.managed_units(actor, roles=ROSTER_KEEPERS)}
    )
    kept = Q(pk__in=())
    for path in paths:
        kept |= scope.subtree(path, "organization")
    ids = {person.pk for person in people} - {actor.pk}
    homes = Membership.objects.current().filter(kept, kind=Membership.Kind.HOME, user__in=ids)
    holders = Post.objects.current().filter(user__in=ids).values_list("user", flat=True)
    settled = set(homes.values_list("user", flat=True)) - set(holders)
    for person in people:
        if person.pk not in settled:
            check_can_keep_account(actor, person)


@transaction.atomic
def credential_issue(
    *,
    actor: User,
    people: Sequence[User],
    request: HttpRequest | None = None,
    now: dt.datetime | None = None,
) -> list[Issued]:
    """New codes for these people; earlier ones that were not used end.

    Nothing else changes: a password and open sessions last until the code is used. Raises
    PermissionDenied or CredentialError, and then issues none.
    """
    now = now or timezone.now()
    if len(people) > MOST:
        raise CredentialError(
            _("At most %(count)d people at a time. Please choose fewer.") % {"count": MOST}
        )
    check_can_issue(actor, people)
    issued = _write(people, actor, now)
    log.record_many(
        [log.Entry("credential.issue", target=one.person) for one in issued],
        actor=actor,
        request=request,
    )
    return issued


@transaction.atomic
def credential_issue_by_operator(*, person: User, now: dt.datetime | None = None) -> Issued:
    """A code from the shell of the machine: for the first administrator, who has nobody above."""
    (issued,) = _write([person], person, now or timezone.now())
    log.record("credential.issue", target=person, operator=True)
    return issued


def _write(people: Sequence[User], issuer: User, now: dt.datetime) -> list[Issued]:
    ids = sorted({person.pk for person in people})
    # In one order, so that two managers who issue to the same people wait for each other.
    locked = {user.pk: user for user in User.objects.select_for_update().filter(pk__in=ids)}
    if any(user.erased_at or not user.is_active for user in locked.values()):
        raise CredentialError(_("An account among them was closed."))
    if settings.PRODUCTION and any(user.is_demo for user in locked.values()):
        raise PermissionDenied(_("Demo accounts are not used here."))
    open_ones = Credential.objects.filter(
        user__in=ids, used_at__isnull=True, revoked_at__isnull=True
    )
    open_ones.update(revoked_at=now)
    expires_at = now + dt.timedelta(days=settings.CREDENTIAL_DAYS)
    issued = [Issued(locked[person.pk], code_new(), expires_at) for person in people]
    Credential.objects.bulk_create(
        Credential(
            user=one.person,
            digest=digest(one.code),
            issued_by=issuer,
            issued_at=now,
            expires_at=expires_at,
        )
        for one in issued
    )
    return issued


def credential_find(*, accounts: Sequence[int], code: str, now: dt.datetime) -> Credential | None:
    """The open credential of one of the accounts that this code belongs to."""
    credential = (
        Credential.objects.filter(digest=digest(code), user__in=accounts)
        .select_related("user", "issued_by")
        .first()
    )
    return credential if credential and usable(credential, now) else None


def usable(credential: Credential, now: dt.datetime) -> bool:
    """Also asks whether its issuer could issue it today: a slip in a drawer opens no account that
    has come to a post or to another branch since. The operator's own codes name their person.
    """
    user, issuer = credential.user, credential.issued_by
    return (
        credential.used_at is None
        and credential.revoked_at is None
        and credential.expires_at > now
        and user.is_active
        and user.erased_at is None
        and not (settings.PRODUCTION and user.is_demo)
        and (issuer.pk == user.pk or can_keep_account(issuer, user))
    )


@transaction.atomic
def credential_use(
    *, credential: Credential, password: str, request: HttpRequest | None, now: dt.datetime
) -> User:
    """Set the password, note that the account is in use, end every session it has.

    Raises CredentialError when another request was faster or the time ran out.
    """
    user = User.objects.select_for_update().get(pk=credential.user_id)
    locked = (
        Credential.objects.select_for_update(of=("self",))
        .select_related("user", "issued_by")
        .get(pk=credential.pk)
    )
    if not usable(locked, now):
        raise CredentialError(
            _("This code was used already or has run out. Please ask your branch for a new one.")
        )
    first = user.activated_at is None
    user.set_password(password)
    user.activated_at = user.activated_at or now
    user.save(update_fields=["password", "activated_at"])
    locked.used_at = now
    locked.save(update_fields=["used_at"])
    log.record(
        "credential.use", actor=user, target=user, request=request, first=first, agreed=first
    )
    return user
