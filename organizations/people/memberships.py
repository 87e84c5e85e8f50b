"""Acts on memberships: from branch to branch, guests and learners, the end of a tie."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from audit import log
from organizations.models import Membership, Organization, Post, User, today
from organizations.people.details import PeopleError
from organizations.people.rules import (
    check_can_belong,
    check_can_tie,
    check_day,
    check_home_follows,
    check_is_here,
    check_not_own,
    person_locked,
)
from organizations.permissions import (
    can_appoint,
    can_keep_people,
    check_can_keep_people,
    check_can_keep_person,
)

Kind, EndReason = Membership.Kind, Membership.EndReason
# Why one tie ends while the person stays.
REASONS = {
    Kind.HOME: (),
    Kind.HOST: (EndReason.RETURNED, EndReason.MISTAKE),
    Kind.LEARNER: (EndReason.FINISHED, EndReason.MISTAKE),
}


@transaction.atomic
def membership_transfer(
    *,
    actor: Any,
    person: User,
    to: Organization,
    on: dt.date | None = None,
    end_posts: bool = False,
    request: HttpRequest | None = None,
) -> Membership:
    """Move the home membership to another branch; the record hangs on the person and stays.

    Whoever does it keeps both branches: two branches of one township are moved between by the
    township. Of several on one day the last one counts. Posts in the old branch go on unless
    `end_posts` is set. Raises PeopleError and PermissionDenied.
    """
    check_not_own(actor, person)
    check_can_keep_person(actor, person)
    check_can_keep_people(actor, to)
    check_can_belong(to, Kind.HOME)
    person = person_locked(person)
    check_is_here(person)
    home = _open_home(person)
    if home is None:
        raise PeopleError(_("This person has no home branch to leave. Enter one instead."))
    if home.organization_id == to.pk:
        raise PeopleError(_("%(name)s is this person's home branch already.") % {"name": to.name})
    left = home.organization
    day = check_day(on or today(), not_before=home.valid_from)
    posts = _posts_at(actor, person, left) if end_posts else []
    moved = _home_moved(home, to, day)
    # Where one floated to is the own branch now.
    for host in Membership.objects.current().filter(user=person, organization=to, kind=Kind.HOST):
        host.valid_to, host.end_reason = max(day, host.valid_from), EndReason.TRANSFERRED
        host.save(update_fields=["valid_to", "end_reason"])
    for post in posts:
        post.valid_to = max(day, post.valid_from)
        post.save(update_fields=["valid_to"])
    log.record(
        "person.transfer",
        actor=actor,
        target=person,
        request=request,
        left=left.code,
        to=to.code,
        on=day.isoformat(),
        posts=[post.pk for post in posts],
    )
    return moved


def _home_moved(home: Membership, to: Organization, day: dt.date) -> Membership:
    """Close the home membership and open another, without leaving rows of no days behind."""
    before = Membership.objects.filter(user_id=home.user_id, kind=Kind.HOME, valid_to=day)
    if home.valid_from < day:
        home.valid_to, home.end_reason = day, EndReason.TRANSFERRED
        home.save(update_fields=["valid_to", "end_reason"])
        return Membership.objects.create(
            user_id=home.user_id, organization=to, kind=Kind.HOME, valid_from=day
        )
    back = before.filter(organization=to).exclude(pk=home.pk).order_by("-valid_from").first()
    if back is None:
        home.organization = to
        home.save(update_fields=["organization"])
        return home
    home.delete()
    back.valid_to, back.end_reason = None, ""
    back.save(update_fields=["valid_to", "end_reason"])
    return back


@transaction.atomic
def membership_open(
    *,
    actor: Any,
    person: User,
    unit: Organization,
    kind: str,
    on: dt.date | None = None,
    request: HttpRequest | None = None,
) -> Membership:
    """Another tie of somebody who is here: a host branch, a unit where they learn, a home branch
    for a learner who became a member. Raises PeopleError and PermissionDenied.
    """
    if kind not in Kind.values:
        raise PeopleError(_("Choose a kind."))
    check_not_own(actor, person)
    check_can_tie(actor, person, unit, kind)
    check_can_belong(unit, kind)
    day = check_day(on or today())
    person = person_locked(person)
    check_is_here(person)
    open_ties = Membership.objects.filter(user=person, valid_to=None)
    home = _open_home(person)
    if kind == Kind.HOME and home is not None:
        raise PeopleError(
            _("This person belongs to %(name)s. Transfer them instead.")
            % {"name": home.organization.name}
        )
    if kind == Kind.HOME:
        check_home_follows(person, day)
    if kind == Kind.HOST and home is not None and home.organization_id == unit.pk:
        raise PeopleError(_("%(name)s is this person's home branch already.") % {"name": unit.name})
    if open_ties.filter(organization=unit, kind=kind).exists():
        raise PeopleError(_("This person is entered there already."))
    try:
        with transaction.atomic():
            tie = Membership.objects.create(
                user=person, organization=unit, kind=kind, valid_from=day
            )
    except IntegrityError as clash:
        raise PeopleError(_("This person belongs to another branch already.")) from clash
    log.record(
        "membership.open", actor=actor, target=person, request=request, unit=unit.code, kind=kind
    )
    return tie


@transaction.atomic
def membership_close(
    *,
    actor: Any,
    membership: Membership,
    reason: str,
    on: dt.date | None = None,
    request: HttpRequest | None = None,
) -> None:
    """End one tie while others go on. The last one ends by `person_leave`, a home branch by a
    transfer or by leaving. Raises PeopleError and PermissionDenied.
    """
    person = membership.user
    check_not_own(actor, person)
    if not can_keep_people(actor, membership.organization):
        # The home branch ends what it registered elsewhere.
        check_can_keep_person(actor, person)
    person = person_locked(person)
    tie = Membership.objects.select_related("organization").get(pk=membership.pk)
    if tie.valid_to is not None:
        raise PeopleError(_("This has ended already."))
    if tie.kind == Kind.HOME:
        raise PeopleError(_("A home membership ends by a transfer or when the person leaves."))
    if reason not in REASONS[tie.kind]:
        raise PeopleError(_("Choose a reason."))
    if not Membership.objects.current().filter(user=person).exclude(pk=tie.pk).exists():
        raise PeopleError(_("This is the last tie of this person. Enter that they leave instead."))
    tie.valid_to = check_day(on or today(), not_before=tie.valid_from)
    tie.end_reason = reason
    tie.save(update_fields=["valid_to", "end_reason"])
    log.record(
        "membership.close",
        actor=actor,
        target=person,
        request=request,
        memberships=[tie.pk],
        unit=tie.organization.code,
        reason=str(reason),
    )


def _open_home(person: User) -> Membership | None:
    homes = Membership.objects.filter(user=person, kind=Kind.HOME, valid_to=None)
    return homes.select_related("organization").first()


def _posts_at(actor: Any, person: User, unit: Organization) -> list[Post]:
    posts = list(
        Post.objects.current().filter(user=person, organization=unit).select_related("organization")
    )
    if not all(can_appoint(actor, unit, post.role) for post in posts):
        raise PermissionDenied(_("You do not end the posts of this person in the old branch."))
    return posts
