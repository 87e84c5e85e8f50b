"""Attended sessions of classes as a source of credit (`lms.ledger.sources`).

A session earns when it is over: presence is its whole span, and the rule says what that is worth.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.classes.facts import attended_sessions
from lms.classes.models import ClassItem, ItemDone
from lms.ledger.crediting import Fact
from lms.ledger.entries import person_settle
from lms.ledger.models import CreditEntry
from lms.ledger.occupancy import span_between
from lms.ledger.rules import Kind
from lms.ledger.sources import source_register
from notices.wakeups import wake

CODE = "class-session"
WORK = "lms.classes.tasks.settle_attendance"


def contribute() -> None:
    source_register(Attendance())


class Attendance:
    code = CODE
    label = _("session attended")

    def facts(
        self, user_ids: Collection[int], *, keys: Collection[int] | None = None
    ) -> Iterable[Fact]:
        rows = _over().filter(user__in=user_ids)
        if keys is not None:
            rows = rows.filter(pk__in=keys)
        for one in attended_sessions(rows=rows):
            yield Fact(
                source=CODE,
                key=one.key,
                user_id=one.person,
                kind=Kind.CLASS,
                at=one.end,
                subject=one.item,
                windows=(span_between(one.start, one.end),),
            )

    def waiting(self) -> Iterable[int]:
        """Whose session is over and not booked, and whose tick is gone or was given another time
        since it was.
        """
        standing = CreditEntry.objects.standing().filter(source=CODE)
        booked = standing.filter(source_key=OuterRef("pk"), user=OuterRef("user"))
        ticks = _over().filter(item__content=ClassItem.Content.SESSION)
        here = ticks.filter(pk=OuterRef("source_key"), item__ends_at=OuterRef("at"))
        new = ticks.filter(~Exists(booked)).values_list("user_id", flat=True)
        old = standing.filter(~Exists(here)).values_list("user_id", flat=True)
        return {*new, *old}

    def titles(self, subjects: Collection[int]) -> Mapping[int, str]:
        return {item.pk: item.name for item in ClassItem.objects.filter(pk__in=subjects)}

    def reasons(self, user_id: int, subjects: Collection[int]) -> Mapping[int, str]:
        """A tick that is corrected needs none."""
        return {}


def _over() -> QuerySet[ItemDone]:
    return ItemDone.objects.filter(item__ends_at__lte=timezone.now())


def settle_wake(item_id: int, user_ids: Collection[int]) -> None:
    """Tell a worker now. A broker that is away is no error: the ledger's sweep finds the same."""
    wake(WORK, item_id, list(user_ids))


def attendance_settle(*, item_id: int, user_ids: Collection[int]) -> None:
    """Bring what these people are credited for one session to what is ticked."""
    standing = CreditEntry.objects.standing().filter(source=CODE, subject=item_id)
    ticks = ItemDone.objects.filter(item=item_id)
    keys = {
        *standing.filter(user__in=user_ids).values_list("user_id", "source_key"),
        *ticks.filter(user__in=user_ids).values_list("user_id", "pk"),
    }
    for user_id, key in sorted(keys):
        person_settle(user_id=user_id, source=CODE, keys=[key])
