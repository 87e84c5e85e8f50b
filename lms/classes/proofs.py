"""What a completion of a run rests on, frozen with it: what the run asks for later changes nothing
that was completed, and each completion is derived again from its own evidence.

An enrolment keeps the rule, its evidence {"required": [[key, instant], …], "electives": […]} with
instants in UTC, and a seal over both with a key that is not in the database, as the ledger's
entries have one. A key names a lecture ("lecture:7", in whichever recording) or a session or text
of the run ("item:9"). `completed_at` follows: the last of these instants, or the enrolment where
that came later.
"""

from __future__ import annotations

import datetime as dt
import hmac
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from lms.classes.asks import Asks
from lms.classes.criterion import RULE, RULE_UNKNOWN, Counted
from lms.classes.models import Enrolment, ItemDone
from lms.ledger.seals import sealed
from lms.watching.models import Completion

# What is written with a completion, and emptied when it is taken back.
FIELDS = ("completed_at", "completion_rule", "evidence", "seal")
NOTHING: dict[str, Any] = {"completed_at": None, "completion_rule": "", "evidence": {}, "seal": ""}
GROUPS = ("required", "electives")
Evidence = dict[str, list[list[str]]]
# Person → key → the instants that the facts name.
Facts = dict[int, dict[str, set[str]]]


def evidence_of(asks: Asks, counted: Counted) -> Evidence:
    def rows(done: Any) -> list[list[str]]:
        return sorted([_key(asks, item), _text(at)] for item, at in done.items())

    return {"required": rows(counted.required), "electives": rows(counted.electives)}


def _key(asks: Asks, item: int) -> str:
    lecture = asks.lectures.get(item)
    return f"item:{item}" if lecture is None else f"lecture:{lecture}"


def completion_put(one: Enrolment, evidence: Evidence) -> Enrolment:
    """Set what is stored of a completion; nothing is saved."""
    one.completion_rule, one.evidence = RULE, evidence
    one.completed_at, one.seal = reached(one), seal_of(one)
    return one


def stored(one: Enrolment) -> dict[str, Any]:
    return {name: getattr(one, name) for name in FIELDS}


def seal_of(one: Enrolment) -> str:
    """Where nobody knows what it rested on, the instant itself is sealed."""
    values = [one.training_class_id, one.user_id, one.enrolled_at, one.completion_rule]
    at = one.completed_at if one.completion_rule == RULE_UNKNOWN else None
    return sealed("class", [*values, one.evidence, at])


def is_sealed(one: Enrolment) -> bool:
    return hmac.compare_digest(one.seal, seal_of(one))


def reached(one: Enrolment) -> dt.datetime:
    """When the stored evidence says that the run was completed. Only where the seal holds."""
    instants = [dt.datetime.fromisoformat(at) for _key, at in _rows(one.evidence)]
    return max([one.enrolled_at, *instants])


def facts_of(enrolments: Iterable[Enrolment]) -> Facts:
    """What there is today of what these enrolments name as evidence, where their seal holds. Two
    queries.
    """
    wanted: dict[str, set[int]] = defaultdict(set)
    people = set()
    for one in filter(is_sealed, enrolments):
        people.add(one.user_id)
        for key, _at in _rows(one.evidence):
            kind, _colon, number = key.partition(":")
            wanted[kind].add(int(number))
    found: Facts = defaultdict(lambda: defaultdict(set))
    lectures = Completion.objects.filter(user__in=people, lecture__in=wanted["lecture"])
    ticks = ItemDone.objects.filter(user__in=people, item__in=wanted["item"])
    for kind, rows in (
        ("lecture", lectures.values_list("user_id", "lecture_id", "completed_at")),
        ("item", ticks.values_list("user_id", "item_id", "at")),
    ):
        for user, pk, at in rows:
            found[user][f"{kind}:{pk}"].add(_text(at))
    return found


def stands(one: Enrolment, facts: Facts) -> bool:
    """Whether each piece of the stored evidence is there, at the instant that is stored."""
    own = facts[one.user_id]
    return all(at in own[key] for key, at in _rows(one.evidence))


def evidence_again(one: Enrolment, facts: Facts) -> Evidence | None:
    """The same items by what the facts say today, where all of them are still done: a session was
    given another time, of two viewings the earlier one was voided.
    """
    if one.completion_rule != RULE or not is_sealed(one):
        return None
    own = facts[one.user_id]
    if not all(own[key] for key, _at in _rows(one.evidence)):
        return None
    return {
        group: [[key, at if at in own[key] else min(own[key])] for key, at in one.evidence[group]]
        for group in GROUPS
    }


def _rows(evidence: Evidence) -> list[list[str]]:
    return [row for group in GROUPS for row in evidence.get(group, ())]


def _text(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")
