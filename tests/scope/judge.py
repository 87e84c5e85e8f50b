"""What is wrong with the answers to the visits that a rule asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.scope import marks
from tests.scope.cases import Case, changes
from tests.scope.patterns import Pattern
from tests.scope.rule import Rule
from tests.scope.tree import Viewer
from tests.scope.walk import Visit, Visitor
from tests.scope.words import foreign_words


def judge(
    pattern: Pattern, visitor: Visitor, asked: Iterable[tuple[Rule, Iterable[Case]]]
) -> list[str]:
    """What is wrong with the answers of an address, in sentences."""
    return [
        f"{case}: {text}"
        for rule, cases in asked
        for case in cases
        for text in _judge(pattern, rule, visitor, case)
    ]


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
    match = visit.response.resolver_match
    if allowed and match is not None and match.route not in visitor.read:
        visitor.read.add(match.route)
        if words := foreign_words(visit.response):
            yield f"GET {address} speaks no Chinese: {words}"


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
    if changes(rule, case) and not visit.changed:
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
