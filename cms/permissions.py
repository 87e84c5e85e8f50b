"""Who may do what in the library. When (in which state) is decided beside the act.

Every right rests on a post that is in force today. Access to Wagtail's admin is derived from
these rules by `cms.access`, never granted by hand.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from cms.models import LecturePage
from cms.shelves import SHELF_KINDS
from cms.standing import Standing
from organizations import scope
from organizations.models import Organization, Post
from organizations.permissions import passes, units_path_covers

Role = Post.Role
UPLOADERS = (Role.SECRETARY, Role.REVIEWER, Role.CURATOR, Role.ADMINISTRATOR)
PUBLISHERS = (Role.REVIEWER, Role.CURATOR, Role.ADMINISTRATOR)
CURATORS = (Role.CURATOR, Role.ADMINISTRATOR)
# Whose curators select premium lectures and open lectures to the public; a township takes into the
# library only.
SELECTING_KINDS = (Organization.Kind.CITY, Organization.Kind.COUNTY, Organization.Kind.LINE)


def why_not(check: Callable[..., None], *about: Any) -> str:
    """The sentence of the refusal; "" when there is none."""
    try:
        check(*about)
    except PermissionDenied as refusal:
        return str(refusal)
    return ""


def check_can_upload(user: Any, organization: Organization | None = None) -> None:
    """Secretaries, reviewers and curators upload; for an organisation, only within their posts."""
    units = scope.managed_units(user, roles=UPLOADERS)
    if not units:
        raise PermissionDenied(
            _("Uploading is for branch secretaries, reviewers and curators. Ask your branch.")
        )
    if organization is not None and not units_path_covers(units, organization):
        raise PermissionDenied(_("You can upload only for units that you are responsible for."))


def can_upload(user: Any, organization: Organization | None = None) -> bool:
    return passes(check_can_upload, user, organization)


def check_can_publish(user: Any, lecture: LecturePage) -> None:
    """Reviewers, curators and administrators publish what was submitted within their units."""
    unit = lecture_unit(lecture)
    if unit is None or not units_path_covers(scope.managed_units(user, roles=PUBLISHERS), unit):
        raise PermissionDenied(_("Only the reviewers and curators responsible can publish this."))


def can_publish(user: Any, lecture: LecturePage) -> bool:
    return passes(check_can_publish, user, lecture)


def check_can_decide(user: Any, lecture: LecturePage, kind: str) -> None:
    """Curators take lectures of their units into the library; those of counties, line units and
    the prefecture also select premium ones, and open lectures to the public.
    """
    units = scope.managed_units(user, roles=CURATORS)
    if kind in (Standing.Kind.PREMIUM, Standing.Kind.OPEN):
        units = [unit for unit in units if unit.kind in SELECTING_KINDS]
    unit = lecture_unit(lecture)
    if unit is None or not units_path_covers(units, unit):
        raise PermissionDenied(_("Only the curators responsible decide this."))


def can_decide(user: Any, lecture: LecturePage, kind: str) -> bool:
    return passes(check_can_decide, user, lecture, kind)


def check_can_share(user: Any, lecture: LecturePage) -> None:
    """Curators of the lecture's unit look after what other sites may show of it."""
    unit = lecture_unit(lecture)
    if unit is None or not units_path_covers(scope.managed_units(user, roles=CURATORS), unit):
        raise PermissionDenied(_("This page is for the curators responsible."))


def curates(units: list[Organization], organization: Organization | None = None) -> bool:
    """Whether curators of these units keep lists, collections and menus, and those of a unit."""
    shelved = any(unit.kind in SHELF_KINDS for unit in units)
    return shelved and (organization is None or units_path_covers(units, organization))


def keeps_words(units: list[Organization]) -> bool:
    """Topics and audiences are one list for everybody, kept by the prefecture's curators."""
    return any(unit.is_root() for unit in units)


def check_can_watch(user: Any, lecture: LecturePage) -> None:
    """Members watch published lectures."""
    if not user.is_authenticated or not user.is_active:
        raise PermissionDenied(_("Please sign in to watch."))
    if not lecture.live:
        raise PermissionDenied(_("This lecture is not published."))


def check_can_play(user: Any, lecture: LecturePage) -> None:
    """Playing is watching, or looking through a draft that one may publish."""
    if not lecture.live and can_publish(user, lecture):
        return
    check_can_watch(user, lecture)


def can_play(user: Any, lecture: LecturePage) -> bool:
    return passes(check_can_play, user, lecture)


def check_can_manage(user: Any) -> None:
    """Reviewers, curators and administrators of units with a shelf work in the admin."""
    units = scope.managed_units(user, roles=PUBLISHERS)
    if not any(unit.kind in SHELF_KINDS for unit in units):
        raise PermissionDenied(_("This page is for reviewers and curators."))


def can_manage(user: Any) -> bool:
    return passes(check_can_manage, user)


def lecture_unit(lecture: LecturePage) -> Organization | None:
    """The unit that a lecture belongs to: who submitted it, else whose shelf it stands on."""
    if lecture.organization is not None:
        return lecture.organization
    parent = lecture.get_parent() if lecture.path else None
    shelf = parent.specific if parent is not None else None
    return getattr(shelf, "organization", None)
