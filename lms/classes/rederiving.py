"""Every completion of a run derived once more, from what is stored of it and from the facts.

The seal holds what the run asked for then; lectures, attendance and texts say whether that was
done, and when. Enrolments are walked in the order of their ids, a batch at a time, so memory does
not grow with them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from lms.classes.asks import class_asks, done_by
from lms.classes.criterion import RULE, RULE_UNKNOWN
from lms.classes.enrolments import completions_review, enrolments_complete
from lms.classes.models import ClassChange, Enrolment
from lms.classes.proofs import NOTHING, Facts, facts_of, is_sealed, reached, stands, stored
from lms.watching.clocks import people_locked

BATCH = 500
# What follows from a lecture or from a run that asks for less is found by the sweep at the latest.
ON_ITS_WAY = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Doubt:
    """`problem` is altered, missing or unfounded; `row` is the id of the enrolment."""

    problem: str
    table: str
    row: int
    user: int
    run: int
    fields: tuple[str, ...] = ()

    def text(self) -> str:
        named = f" ({', '.join(self.fields)})" if self.fields else ""
        return f"{self.problem}{named}: {self.table} {self.row}, person {self.user}, run {self.run}"


def class_doubts() -> Iterator[Doubt]:
    """Whatever is altered, missing or without evidence; nothing is changed."""
    last, rows = 0, Enrolment.objects.select_related("training_class").order_by("pk")
    while found := list(rows.filter(pk__gt=last)[:BATCH]):
        for doubt in _doubts(found):
            yield from _looked_at_again(doubt)
        last = found[-1].pk


@transaction.atomic
def _looked_at_again(doubt: Doubt) -> list[Doubt]:
    """Nobody else writing: what was only being written while it was read is no doubt."""
    people_locked([doubt.user])
    rows = Enrolment.objects.select_for_update(of=("self",)).select_related("training_class")
    return _doubts(list(rows.filter(pk=doubt.row)))


def _doubts(rows: list[Enrolment]) -> list[Doubt]:
    facts = facts_of(rows)
    found = [doubt for one in rows if (doubt := _doubt(one, facts)) is not None]
    return found + _missing([one for one in rows if stored(one) == NOTHING])


def _doubt(one: Enrolment, facts: Facts) -> Doubt | None:
    if stored(one) == NOTHING:
        return None
    if one.completion_rule not in (RULE, RULE_UNKNOWN):
        return _named("altered", one, "completion_rule")
    if not is_sealed(one):
        return _named("altered", one, "seal")
    if one.completion_rule == RULE_UNKNOWN:
        return None
    if one.completed_at != reached(one):
        return _named("altered", one, "completed_at")
    return None if stands(one, facts) else _named("unfounded", one)


def _missing(rows: list[Enrolment]) -> list[Doubt]:
    """Who has done what the run asks for today and is not said to have completed it."""
    due = timezone.now() - ON_ITS_WAY
    waiting = [one for one in rows if one.withdrawn_at is None and one.enrolled_at < due]
    asks = class_asks({one.training_class_id: one.training_class for one in waiting}.values())
    changes = ClassChange.objects.filter(training_class__in=asks).order_by()
    changed = dict(changes.values_list("training_class").annotate(at=Max("at")))
    done = done_by({one.user_id for one in waiting}, asks.values())
    found = []
    for one in waiting:
        at = asks[one.training_class_id].criterion.reached(done.get(one.user_id, {}))
        if at is not None and max(at, changed.get(one.training_class_id, at)) < due:
            found.append(_named("missing", one))
    return found


def _named(problem: str, one: Enrolment, *fields: str) -> Doubt:
    return Doubt(problem, "classes.Enrolment", one.pk, one.user_id, one.training_class_id, fields)


@transaction.atomic
def class_doubt_mend(doubt: Doubt) -> bool:
    """Take back what does not stand, write what the facts ask for; whether there is no doubt left.

    What was sealed is put back as it was; where the seal is broken, what the run asks for today
    decides.
    """
    rows = Enrolment.objects.filter(pk=doubt.row)
    if rows.filter(completed_at__isnull=True).update(**NOTHING):
        enrolments_complete(rows.open().select_related("training_class"))
    else:
        completions_review(rows)
    return not _looked_at_again(doubt)
