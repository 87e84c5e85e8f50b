"""Who may keep people, units, posts and accounts. When an act is possible is for the services.

`check_can_x` raises PermissionDenied with a sentence, `can_x` derives from it. Acting follows
from posts held today in a unit at or above the place of the act; read scope that was granted
across the tree never counts here. Who may see is in `organizations.scope`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from organizations import scope
from organizations.models import Membership, Organization, Post, User
from organizations.scope import NOTHING, subtree

T = TypeVar("T")
Role, Kind = Post.Role, Membership.Kind
# Keep people, memberships, tags, credentials, import and export: own unit and below.
ROSTER_KEEPERS = (Role.SECRETARY, Role.AFFAIRS_OFFICER, Role.ADMINISTRATOR)
# Change units strictly below their own.
TREE_KEEPERS = (Role.AFFAIRS_OFFICER, Role.ADMINISTRATOR)
# Never two of them in one hand; such an account is opened from a unit above only.
ADMINISTRATIONS = (Role.ADMINISTRATOR, Role.SECURITY, Role.AUDITOR)
# Posts that roster keepers give; every other one is given by the security administrator.
BRANCH_ROLES = (Role.SECRETARY, Role.SITE_OPERATOR)
# Of somebody's ties the first kind that they have says who keeps them.
KINDS_THAT_COUNT = (Kind.HOME, Kind.LEARNER, Kind.HOST)


def units_path_covers(
    units: Iterable[Organization], unit: Organization, *, strictly: bool = False
) -> bool:
    """Whether the unit is one of the units or below one; `strictly` means below."""
    return any(
        unit.path.startswith(one.path) and not (strictly and unit.path == one.path) for one in units
    )


# -- people ----------------------------------------------------------------------------------------


def check_can_keep_people(user: Any, unit: Organization) -> None:
    if not units_path_covers(scope.managed_units(user, roles=ROSTER_KEEPERS), unit):
        raise PermissionDenied(_("You do not keep the roster of this unit."))


def can_keep_people(user: Any, unit: Organization) -> bool:
    return passes(check_can_keep_people, user, unit)


def check_can_keep_person(user: Any, person: User) -> None:
    """Keepers of the home branch alone; of somebody without one those of a unit where they learn,
    and of somebody who does not learn here either those of a host branch.
    """
    kept = scope.managed_units(user, roles=ROSTER_KEEPERS)
    ties = Membership.objects.current().filter(user=person).select_related("organization")
    own = ties_that_count([(tie.kind, tie) for tie in ties])
    if not any(units_path_covers(kept, tie.organization) for tie in own):
        raise PermissionDenied(_("You do not keep this person's data."))


def places_that_count(person: User) -> list[Organization]:
    """Where somebody belongs for those who keep people: the units of the ties that count, or of
    the posts of somebody who has no tie.
    """
    ties = Membership.objects.current().filter(user=person).select_related("organization")
    own = ties_that_count([(tie.kind, tie.organization) for tie in ties])
    if own:
        return own
    posts = Post.objects.current().filter(user=person).select_related("organization")
    return [post.organization for post in posts]


def people_below(units: Iterable[Organization], *, field: str) -> Q:
    """A filter for rows of people who belong strictly below one of the units, as
    `places_that_count` has it; `field` leads to the account.
    """
    inside = NOTHING
    for unit in units:
        inside |= subtree(unit.path, "organization") & ~Q(organization__path=unit.path)
    ties = Membership.objects.current().filter(user=OuterRef(field))
    posts = Post.objects.current().filter(user=OuterRef(field))
    condition = ~Exists(ties) & Exists(posts.filter(inside))
    for number, kind in enumerate(KINDS_THAT_COUNT):
        nearer = ties.filter(kind__in=KINDS_THAT_COUNT[:number])
        condition |= Exists(ties.filter(inside, kind=kind)) & ~Exists(nearer)
    return Q(condition)


def check_is_own_person(user: Any, person: User, *roles: str) -> None:
    """Somebody who belongs to the own units: not by a grant, not as a guest from elsewhere."""
    kept = scope.managed_units(user, roles=roles)
    if not any(units_path_covers(kept, unit) for unit in places_that_count(person)):
        raise PermissionDenied(_("This person does not belong to one of your units."))


def ties_that_count(ties: Iterable[tuple[str, T]]) -> list[T]:
    """Of the ties that somebody has, each with its kind, those whose keepers keep the person."""
    held = list(ties)
    for meant in KINDS_THAT_COUNT:
        if found := [tie for kind, tie in held if kind == meant]:
            return found
    return []


def last_ties(ties: Iterable[tuple[str, dt.date | None, T]]) -> list[T]:
    """Of somebody who left, each tie with its kind and last day: those whose keepers may take the
    person back. A host branch counts only for who was never anything else here.
    """
    own = [(kind, end or dt.date.max, tie) for kind, end, tie in ties]
    own = [one for one in own if one[0] != Kind.HOST] or own
    last = max((end for _kind, end, _tie in own), default=None)
    return ties_that_count([(kind, tie) for kind, end, tie in own if end == last])


def can_keep_person(user: Any, person: User) -> bool:
    return passes(check_can_keep_person, user, person)


def check_can_take_back(user: Any, person: User) -> None:
    """Somebody who left comes back through those who kept the person at the end."""
    kept = scope.managed_units(user, roles=ROSTER_KEEPERS)
    ties = Membership.objects.filter(user=person).select_related("organization")
    own = last_ties([(tie.kind, tie.valid_to, tie) for tie in ties])
    if not any(units_path_covers(kept, tie.organization) for tie in own):
        raise PermissionDenied(_("You did not keep this person's data."))


def can_take_back(user: Any, person: User) -> bool:
    return passes(check_can_take_back, user, person)


def check_can_see_person(user: Any, person: User) -> None:
    if not User.objects.visible_to(user).filter(pk=person.pk).exists():
        raise PermissionDenied(_("This person is not in one of your units."))


def can_see_person(user: Any, person: User) -> bool:
    return passes(check_can_see_person, user, person)


def check_can_keep_account(user: Any, person: User) -> None:
    """Whatever opens the way into an account: its phone, its code, a one-time credential.

    An account with posts is opened only by who could give those posts, or by the security
    administrator over them: otherwise a branch could take over the accounts of those above it.
    The three administrations watch each other, so none of one unit opens the account of another:
    that is for the security administrator of a unit above, or for the shell of the machine.
    """
    if user.pk == person.pk:
        raise PermissionDenied(_("Nobody does this for their own account."))
    posts = list(Post.objects.current().filter(user=person).select_related("organization"))
    security = scope.managed_units(user, roles=(Role.SECURITY,))
    if not all(
        units_path_covers(security, post.organization, strictly=True)
        for post in posts
        if post.role in ADMINISTRATIONS
    ):
        raise PermissionDenied(
            _(
                "This account belongs to a system, security or audit administrator. The security "
                "administrator of a unit above opens it, or whoever runs the machine."
            )
        )
    if posts and all(units_path_covers(security, post.organization) for post in posts):
        check_is_own_person(user, person, Role.SECURITY)
        return
    check_can_keep_person(user, person)
    if not all(can_appoint(user, post.organization, post.role) for post in posts):
        raise PermissionDenied(
            _("This person holds a post that you do not give, so you cannot open the account.")
        )


def can_keep_account(user: Any, person: User) -> bool:
    return passes(check_can_keep_account, user, person)


# -- units -----------------------------------------------------------------------------------------


def check_can_keep_unit(user: Any, unit: Organization) -> None:
    """Rename, move, merge, close: units strictly below one's own."""
    kept = scope.managed_units(user, roles=TREE_KEEPERS)
    if not units_path_covers(kept, unit, strictly=True):
        raise PermissionDenied(_("You do not keep this unit."))


def can_keep_unit(user: Any, unit: Organization) -> bool:
    return passes(check_can_keep_unit, user, unit)


def check_can_create_below(user: Any, parent: Organization) -> None:
    """Make a unit below `parent`, which is one's own unit or below it."""
    if not units_path_covers(scope.managed_units(user, roles=TREE_KEEPERS), parent):
        raise PermissionDenied(_("You do not keep the units below this one."))


def can_create_below(user: Any, parent: Organization) -> bool:
    return passes(check_can_create_below, user, parent)


# -- posts and granted scope -----------------------------------------------------------------------


def check_can_appoint(user: Any, unit: Organization, role: str) -> None:
    """Give and end a post of a role in a unit. That nobody does it for themselves is checked
    where the person is known, in the service.

    The three administrations of one unit do not appoint each other: whoever ends the post of the
    auditor beside them could open that account, or give the post to one of their own making.
    """
    if role in ADMINISTRATIONS:
        above = scope.managed_units(user, roles=(Role.SECURITY,))
        if role == Role.AUDITOR or not units_path_covers(above, unit, strictly=True):
            raise PermissionDenied(
                _(
                    "System and security administrators are appointed by the security "
                    "administrator of a unit above, those of the topmost unit and audit "
                    "administrators by whoever runs the machine."
                )
            )
    elif role in BRANCH_ROLES and not unit.is_root():
        kept = scope.managed_units(user, roles=ROSTER_KEEPERS)
        if not units_path_covers(kept, unit, strictly=role == Role.SECRETARY):
            raise PermissionDenied(_("This post is given by those who keep the unit above."))
    elif not units_path_covers(scope.managed_units(user, roles=(Role.SECURITY,)), unit):
        raise PermissionDenied(_("This post is given by the security administrator."))


def can_appoint(user: Any, unit: Organization, role: str) -> bool:
    return passes(check_can_appoint, user, unit, role)


def check_can_grant(user: Any, unit: Organization) -> None:
    """Grant read scope over the unit across the tree, or withdraw it."""
    if not units_path_covers(scope.managed_units(user, roles=(Role.SECURITY,)), unit):
        raise PermissionDenied(_("Read scope is granted by the security administrator."))


def can_grant(user: Any, unit: Organization) -> bool:
    return passes(check_can_grant, user, unit)


def passes(check: Callable[..., None], *args: Any) -> bool:
    """What a check raises as an answer: every `can_x` derives from its `check_can_x`."""
    try:
        check(*args)
    except PermissionDenied:
        return False
    return True
