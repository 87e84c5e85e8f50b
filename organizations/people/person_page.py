"""The page of one person: ties over time, tags, posts, the account, and what may be done.

Who keeps the person reads name, phone and code in clear, and looking is logged. Whoever else has
the person in scope (a reviewer, a curator, a line unit by grant) reads the same page masked and
changes nothing; the reveal opens it, logged as everywhere. Nobody's looking at themselves is
logged. People outside the scope do not exist.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest
from django.utils import timezone

from audit import log
from audit.models import AuditEntry
from organizations import permissions
from organizations.models import DIMENSIONS, Membership, Post, Tag, User, today
from organizations.people.masking import masked_code, masked_name, masked_phone
from organizations.people.viewer import Viewer

VIEW_MINUTES = 15


@dataclass(frozen=True)
class Shown:
    """A dated row and whether it is in force, and may be ended by who looks."""

    row: Any
    is_current: bool
    can_end: bool = False


def person_read(viewer: Viewer, pk: int) -> User:
    """The person, if within the viewer's scope or the viewer."""
    person = User.objects.visible_to(viewer.user).filter(pk=pk, erased_at=None).first()
    if person is None:
        raise Http404
    return person


def person_context(
    *, request: HttpRequest, pk: int, now: dt.datetime | None = None
) -> dict[str, Any]:
    viewer = Viewer.of(request)
    person = person_read(viewer, pk)
    user = viewer.user
    is_self = viewer.is_self(person)
    keeps = not is_self and permissions.can_keep_person(user, person)
    if not is_self:
        view_record(request=request, person=person, now=now)
    in_clear = keeps or is_self or viewer.is_open
    ties = list(
        Membership.objects.filter(user=person)
        .select_related("organization")
        .order_by("-valid_from", "-pk")
    )
    knows = in_clear or any(
        viewer.knows(person, tie.organization_id) for tie in ties if _current(tie)
    )
    name = str(person)
    can_account = permissions.can_keep_account(user, person)
    return {
        "person": person,
        "is_self": is_self,
        "in_clear": in_clear,
        "name": name if knows else masked_name(name),
        "phone": (person.phone or "") if in_clear else masked_phone(person.phone),
        "code": (person.code or "") if in_clear else masked_code(person.code),
        "ties": [Shown(tie, _current(tie), _can_end_tie(viewer, tie, keeps=keeps)) for tie in ties],
        "home": next((one for one in ties if one.kind == "home" and _current(one)), None),
        "tags": _tags(person, keeps=keeps),
        "posts": _posts(user, person),
        "can_keep": keeps,
        "can_issue": can_account,
        "can_appoint": not is_self and appoints_somewhere(viewer),
        "can_erase": can_account,
        "here": request.get_full_path(),
    }


def view_record(
    *, request: HttpRequest, person: User, now: dt.datetime | None = None
) -> AuditEntry | None:
    """Log that a personal record was looked at, once a quarter of an hour for each who looks."""
    since = (now or timezone.now()) - dt.timedelta(minutes=VIEW_MINUTES)
    seen = AuditEntry.objects.filter(
        action="person.view",
        actor=request.user,  # type: ignore[misc]
        target_type=person._meta.label,
        target_id=str(person.pk),
        at__gt=since,
    )
    if seen.exists():
        return None
    with transaction.atomic():
        return log.record("person.view", target=person, request=request)


def _current(tie: Any) -> bool:
    day = today()
    return bool(tie.valid_from <= day and (tie.valid_to is None or tie.valid_to > day))


def _can_end_tie(viewer: Viewer, tie: Membership, *, keeps: bool) -> bool:
    if not _current(tie) or tie.kind == Membership.Kind.HOME or viewer.is_self(tie.user):
        return False
    return keeps or viewer.keeps(tie.organization)


def _tags(person: User, *, keeps: bool) -> list[dict[str, Any]]:
    """By dimension, those in force first."""
    tags = list(Tag.objects.filter(user=person).order_by("-valid_from", "-pk"))
    groups = []
    for dimension in DIMENSIONS:
        shown = [
            Shown(tag, _current(tag), keeps and _current(tag))
            for tag in tags
            if tag.dimension == dimension
        ]
        if shown:
            shown.sort(key=lambda one: not one.is_current)
            groups.append({"label": Tag.Dimension(dimension).label, "tags": shown})
    return groups


def _posts(user: Any, person: User) -> list[Shown]:
    posts = Post.objects.filter(user=person).select_related("organization")
    return [
        Shown(
            post,
            _current(post),
            _current(post)
            and user.pk != person.pk
            and permissions.can_appoint(user, post.organization, post.role),
        )
        for post in posts.order_by("-valid_from", "-pk")
    ]


def appoints_somewhere(viewer: Viewer) -> bool:
    givers = (*permissions.ROSTER_KEEPERS, Post.Role.SECURITY)
    return any(post.role in givers for post in viewer.posts)
