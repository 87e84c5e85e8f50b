"""Taking away somebody's factors when a phone was lost: by a security administrator within scope,
or from the shell of the machine. The page is in `removal_views`.
"""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from audit import log
from organizations import scope
from organizations.models import Membership, Post, User
from organizations.permissions import ADMINISTRATIONS, KINDS_THAT_COUNT
from organizations.signin import sessions


def people_in_hand(user: Any) -> Any:
    """Accounts whose factors this security administrator looks after: own unit and below.

    Administrators of a unit are in the hand of a unit above only: see `check_can_keep_account`.
    """
    paths = scope.outermost(
        {unit.path for unit in scope.managed_units(user, roles=(Post.Role.SECURITY,))}
    )
    inside = scope.NOTHING
    for path in paths:
        inside |= scope.subtree(path, "organization")
    posts = Post.objects.current()
    ties = Membership.objects.current()
    # As `permissions.places_that_count` has it: the home, else where one learns, else the host,
    # else a post. A guest from elsewhere is looked after at home.
    tied = User.objects.none()
    without = User.objects.all()
    for rows in (*(ties.filter(kind=kind) for kind in KINDS_THAT_COUNT), posts):
        tied = tied | without.filter(pk__in=rows.filter(inside).values("user"))
        without = without.exclude(pk__in=rows.values("user"))
    # A post above the unit is out of reach, also of who looks after the branch at home.
    beyond = posts.exclude(inside).values("user")
    beside = posts.filter(role__in=ADMINISTRATIONS, organization__path__in=paths).values("user")
    return tied.exclude(pk__in=beyond).exclude(pk__in=beside).exclude(pk=user.pk)


def factors_remove(*, actor: Any, person: User, request: HttpRequest | None = None) -> int:
    """Remove every factor of a person and end their sessions; returns how many factors."""
    if not people_in_hand(actor).filter(pk=person.pk).exists():
        raise PermissionDenied(_("This is for the security administrator of the person's unit."))
    return _remove(person, actor=actor, request=request)


def factors_remove_by_operator(*, person: User) -> int:
    """The same from the shell of the machine: for administrators who have nobody above."""
    return _remove(person, operator=True)


@transaction.atomic
def _remove(
    person: User, *, actor: Any = None, request: HttpRequest | None = None, **detail: Any
) -> int:
    factors = Authenticator.objects.filter(user=person)
    kinds = sorted(factors.values_list("type", flat=True))
    factors.delete()
    sessions.sessions_end_all(user=person, actor=actor, why="factors removed", request=request)
    log.record(
        "second_factor.remove", actor=actor, target=person, request=request, kinds=kinds, **detail
    )
    return len(kinds)
