"""Which visits a rule asks for, and what is wrong with the answers."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zlib import crc32

from tests.scope import marks, tree
from tests.scope.patterns import Pattern
from tests.scope.rule import Rule
from tests.scope.rules import RULES
from tests.scope.tree import SELF, Viewer
from tests.scope.walk import Visit, Visitor

OWNABLE = (
    *("recording", "upload", "person", "import", "export"),
    *("activity_import", "submission"),
)


@dataclass(frozen=True)
class Case:
    """One person at one object. `turn` is set in the sample, where requests take turns, too."""

    viewer: Viewer
    relation: str
    unit: str
    turn: int | None = None

    def __str__(self) -> str:
        return f"{self.viewer}, {self.relation or 'no'} unit {self.unit}"


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


def cases(
    pattern: Pattern, rule: Rule, viewers: Iterable[Viewer], *, whole: bool
) -> Iterator[Case]:
    """All of them, or one for each viewer so that every relation occurs; always the same ones.

    An act that none of these can do is done by the first person who can.
    """
    start = crc32(pattern.key.encode())
    occurred: set[str] = set()
    acted = not rule.changes
    for number, viewer in enumerate(viewers):
        relations = relations_of(rule, viewer)
        if whole:
            yield from (Case(viewer, name, unit) for name, unit in relations.items())
            continue
        names = [name for name in relations if name not in occurred] or list(relations)
        relation = names[(start + number) % len(names)]
        occurred.add(relation)
        acted = acted or rule.must_change(viewer, relations[relation], relation)
        yield Case(viewer, relation, relations[relation], turn=start // 7 + number)
    if not whole and not acted:
        able = (
            Case(viewer, relation, unit, turn=start // 7)
            for viewer in tree.ALL
            for relation, unit in relations_of(rule, viewer).items()
            if rule.must_change(viewer, unit, relation)
        )
        yield next(able)


def relations_of(rule: Rule, viewer: Viewer) -> dict[str, str]:
    """Relation → unit, for the objects that a rule is about."""
    if not rule.thing:
        return {"": viewer.seat or "branch"}
    relations = dict(viewer.relations())
    if rule.thing in OWNABLE and viewer.role != tree.ANONYMOUS:
        relations[SELF] = viewer.seat
    return relations


def judge(
    pattern: Pattern, visitor: Visitor, viewers: Iterable[Viewer], *, whole: bool
) -> list[str]:
    """What is wrong with the answers of an address, in sentences."""
    rules = rules_for(pattern)[1]
    problems = [] if rules else [f"{pattern.key} has no rule"]
    for rule in rules:
        for case in cases(pattern, rule, viewers, whole=whole):
            problems += [f"{case}: {text}" for text in _judge(pattern, rule, visitor, case)]
    return problems


def _judge(pattern: Pattern, rule: Rule, visitor: Visitor, case: Case) -> Iterator[str]:
    values = dict(FILLERS)
    if rule.thing:
        values |= visitor.world.address(rule.thing, case.unit, case.viewer, case.relation)
    place = (case.viewer, case.unit, case.relation)
    reads, acts = rule.reads.allows(*place), rule.acts.allows(*place)
    for address in [path.format(**values) for path in rule.paths] or [pattern.address(values)]:
        queries = ["", *(query.format(**values) for query in rule.queries)] if reads else [""]
        posts = True
        if rule.acts_only:
            queries = []
        elif case.turn is not None:
            queries = [queries[case.turn % len(queries)]]
            # Whoever may do neither tries one of the two.
            posts = acts or reads or case.turn % 2 == 0
            queries = queries if reads or not posts else []
        for query in queries:
            yield from _read(address + query, rule, visitor, case, allowed=reads)
        if posts:
            yield from _act(address, rule, visitor, case, reads=reads, allowed=acts)


def _read(
    address: str, rule: Rule, visitor: Visitor, case: Case, *, allowed: bool
) -> Iterator[str]:
    visit = visitor.visit(case.viewer, address, rule)
    yield from _answer(f"GET {address}", rule, case.viewer, visit, allowed=allowed)
    if visit.changed:
        yield f"GET {address} changed {visit.changed}"


def _act(
    address: str, rule: Rule, visitor: Visitor, case: Case, *, reads: bool, allowed: bool
) -> Iterator[str]:
    data = rule.data(visitor.world, case.unit, case.viewer) if rule.data else {}
    visit = visitor.visit(case.viewer, address, rule, data=data)
    # Where one may read and not act, a POST may be answered by the page again; what changed a
    # row was not refused, wherever it leads then.
    if allowed or not reads:
        what = f"{rule.verb} {address}"
        yield from _answer(what, rule, case.viewer, visit, allowed=allowed)
    if visit.changed and not allowed:
        yield f"{rule.verb} {address} changed {visit.changed}"
    if rule.must_change(case.viewer, case.unit, case.relation) and not visit.changed:
        yield f"{rule.verb} {address} changed nothing: {visit.response.status_code}"
    if rule.idle and visit.changed and allowed:
        yield f"{rule.verb} {address} changed {visit.changed}, which its rule does not know"


def _answer(what: str, rule: Rule, viewer: Viewer, visit: Visit, *, allowed: bool) -> Iterator[str]:
    response = visit.response
    got = f"{response.status_code} {response.get('Location', '')}".strip()
    refused = rule.refused(viewer).is_met_by(response)
    if response.status_code >= 500:
        yield f"{what} broke: {got}"
    elif allowed and not visit.changed and (refused or response.status_code in (401, 403, 404)):
        yield f"{what} is refused: {got}"
    elif not allowed and not refused:
        yield f"{what} is not refused by {rule.refused(viewer).words}: {got}"
    told = marks.shown(response, masked=rule.masked, asked=what) - marks.permitted(viewer)
    if told:
        yield f"{what} tells of {sorted(told)}"


# What fills an address that opens for nobody, or whose last words are always the same.
FILLERS = {
    "app_label": "wagtailcore",
    "model_name": "page",
    "content_type_app_name": "cms",
    "content_type_model_name": "lecturepage",
    "parent_page_id": "1",
    "page_to_move_id": "1",
    "app_name": "cms",
    "action": "delete",
    "action_name": "publish",
    "pk": "1",
    "page_id": "1",
    "page_pk": "1",
    "workflow_pk": "1",
    "task_id": "1",
    "task_state_id": "1",
    "workflow_state_id": "1",
    "collection_id": "1",
    "session_id": "1",
    "object_id": "1",
    "uidb64": "MQ",
    "token": "set-password",
    "provider_id": "nobody",
    "name": "classes",
    "kind": "people",
}
