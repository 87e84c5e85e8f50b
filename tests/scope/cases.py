"""Which visits the rules ask for: all of them, or a sample that covers.

Rules that open the same things to the same people are of one kind. In the sample each address meets
one person for each reason that its rule has for an answer: may read, may act, changes rows, has the
role and comes to the wrong place, has not the role, is not signed in. Each kind meets every viewer
and every relation; who comes to which of its addresses goes round. Lists of the own scope are a
kind each.
"""

from __future__ import annotations

import fnmatch
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from tests.scope import tree
from tests.scope.patterns import Pattern, patterns
from tests.scope.rule import LIST, Rule
from tests.scope.rules import RULES
from tests.scope.tree import SELF, Viewer

OWNABLE = (
    *("recording", "upload", "person", "import", "export"),
    *("activity_import", "submission", "class_import"),
)


def rules_for(pattern: Pattern) -> tuple[str, tuple[Rule, ...]]:
    """The rules of a pattern, by its key or by a group of keys, and the name they stand under."""
    found = [
        name
        for name in RULES
        if name == pattern.key or ("*" in name and fnmatch.fnmatchcase(pattern.key, name))
    ]
    chosen = [name for name in found if name == pattern.key] or found
    if len(chosen) > 1:
        raise LookupError(f"{pattern.key} has several rules: {chosen}")
    if not chosen:
        return "", ()
    rule = RULES[chosen[0]]
    return chosen[0], rule if isinstance(rule, tuple) else (rule,)


@dataclass(frozen=True)
class Case:
    """One person at one object. With a `turn` it is one request of several that would be made."""

    viewer: Viewer
    relation: str
    unit: str
    turn: int | None = None

    def __str__(self) -> str:
        return f"{self.viewer}, {self.relation or 'no'} unit {self.unit}"


def every(rule: Rule, viewers: Iterable[Viewer]) -> list[Case]:
    return [
        Case(viewer, relation, unit)
        for viewer in viewers
        for relation, unit in relations_of(rule, viewer).items()
    ]


def relations_of(rule: Rule, viewer: Viewer) -> dict[str, str]:
    """Relation → unit, for the objects that a rule is about."""
    if not rule.thing:
        return {"": viewer.seat or "branch"}
    relations = dict(viewer.relations())
    if rule.thing in OWNABLE and viewer.role != tree.ANONYMOUS:
        relations[SELF] = viewer.seat
    return relations


def changes(rule: Rule, case: Case) -> bool:
    return rule.must_change(case.viewer, case.unit, case.relation)


@dataclass(frozen=True)
class Member:
    """A rule of a kind, and the visits that were chosen for it."""

    pattern: Pattern
    rule: Rule
    cases: list[Case]


@cache
def kinds() -> tuple[tuple[Member, ...], ...]:
    """Every rule of every address, by what it says, with its sample."""
    found: defaultdict[object, list[Member]] = defaultdict(list)
    for pattern in patterns():
        for rule in rules_for(pattern)[1]:
            said = (rule.reads, rule.acts, rule.thing)
            alone = pattern if rule.reads.reach is LIST else None
            found[said, alone].append(Member(pattern, rule, []))
    for members in found.values():
        _cover(members)
    return tuple(map(tuple, found.values()))


def sample(pattern: Pattern) -> list[tuple[Rule, list[Case]]]:
    return [
        (member.rule, member.cases)
        for members in kinds()
        for member in members
        if member.pattern == pattern
    ]


def _cover(members: list[Member]) -> None:
    met: Counter[object] = Counter()

    def meet(member: Member, possible: Iterable[Case], turn: int | None = None) -> None:
        """Choose whoever and whatever was met least."""
        case = min(
            possible,
            key=lambda case: (
                met[case.viewer, case.relation],
                met[case.viewer],
                met[case.relation],
            ),
        )
        met.update([(case.viewer, case.relation), case.viewer, case.relation])
        member.cases.append(replace(case, turn=turn))

    for member in members:
        rule = member.rule
        answers: defaultdict[tuple[bool, ...], list[Case]] = defaultdict(list)
        for case in every(rule, tree.SAMPLE):
            answers[_answer(rule, case)].append(case)
        for cases in answers.values():
            meet(member, cases)
        if rule.changes and not any(changes(rule, case) for case in member.cases):
            meet(member, [case for case in every(rule, tree.ALL) if changes(rule, case)][:1])
    # Whom and what the kind has not met yet.
    turn = 0
    for viewer in tree.SAMPLE:
        if not met[viewer]:
            member = members[turn % len(members)]
            meet(member, every(member.rule, [viewer]), turn)
            turn += 1
    for case in every(members[0].rule, tree.SAMPLE):
        if not met[case.relation]:
            meet(members[turn % len(members)], [case], turn)
            turn += 1


def _answer(rule: Rule, case: Case) -> tuple[bool, ...]:
    """What decides it: to have no account, the role, the place, and whether rows change."""
    place = (case.viewer, case.unit, case.relation)
    return (
        case.viewer.role == tree.ANONYMOUS,
        case.viewer.role in rule.reads.roles,
        rule.reads.allows(*place),
        case.viewer.role in rule.acts.roles,
        rule.acts.allows(*place),
        changes(rule, case),
    )
