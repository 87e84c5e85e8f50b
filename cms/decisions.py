"""Deciding what a published lecture is: in the library, premium, open to the public. And what
follows publication.

Each decision is an act of its own with a right of its own (`cms.permissions`), dated, and one
entry in the log. Taking a lecture down ends them all: what comes back is decided anew.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import log
from cms.models import LecturePage
from cms.permissions import check_can_decide
from cms.standing import FLAGS, Standing

Kind = Standing.Kind
# The name of an action never changes.
BEGUN = {
    Kind.LIBRARY: "lecture.library",
    Kind.PREMIUM: "lecture.premium",
    Kind.OPEN: "lecture.open",
}
ENDED = {kind: f"{action}_end" for kind, action in BEGUN.items()}


class NotPublishedError(Exception):
    """Only what members can see is decided about; the message is for the person."""


@transaction.atomic
def lecture_decide(
    *, lecture: LecturePage, kind: str, user: Any, now: dt.datetime | None = None
) -> bool:
    """Take the lecture into the library, call it premium, or open it to the public. False when it
    is so already.

    Raises PermissionDenied, NotPublishedError.
    """
    lecture = LecturePage.objects.select_for_update(of=("self",)).get(pk=lecture.pk)
    check_can_decide(user, lecture, kind)
    if not lecture.live:
        raise NotPublishedError(
            _("“%(title)s” is not published. Please publish it first.") % {"title": lecture.title}
        )
    if not _begin(lecture, kind, user, now or timezone.now()):
        return False
    log.record(BEGUN[Kind(kind)], actor=user, target=lecture)
    return True


@transaction.atomic
def lecture_undecide(
    *, lecture: LecturePage, kind: str, user: Any, now: dt.datetime | None = None
) -> bool:
    """End such a decision. False when there is none in force. Raises PermissionDenied."""
    lecture = LecturePage.objects.select_for_update(of=("self",)).get(pk=lecture.pk)
    check_can_decide(user, lecture, kind)
    if not _end(lecture, (kind,), user, now or timezone.now()):
        return False
    log.record(ENDED[Kind(kind)], actor=user, target=lecture)
    return True


def lecture_went_live(*, lecture: LecturePage, user: Any, now: dt.datetime) -> None:
    """Only from where publications are logged (`cms.publishing`)."""
    _begin(lecture, Kind.PUBLISHED, user, now)


def lecture_came_down(*, lecture: LecturePage, user: Any, now: dt.datetime) -> None:
    """Only from where publications are logged; the entry there stands for all that ends."""
    _end(lecture, Kind.values, user, now)


def _begin(lecture: LecturePage, kind: str, user: Any, now: dt.datetime) -> bool:
    if lecture.organization_id is None:
        return False
    _standing, made = Standing.objects.open().get_or_create(
        lecture=lecture,
        kind=kind,
        until=None,
        defaults={"organization_id": lecture.organization_id, "since": now, "decided_by": user},
    )
    if made and kind in FLAGS:
        LecturePage.objects.filter(pk=lecture.pk).update(**{FLAGS[Kind(kind)]: True})
    return made


def _end(lecture: LecturePage, kinds: Any, user: Any, now: dt.datetime) -> int:
    standings = Standing.objects.open().filter(lecture=lecture, kind__in=kinds)
    flags = {flag: False for kind, flag in FLAGS.items() if kind in kinds}
    LecturePage.objects.filter(pk=lecture.pk).update(**flags)
    return standings.update(until=now, ended_by=user)
