"""Figures of learning: of the own units and those granted for reading, by whoever holds a post."""

from tests.scope.rule import ABSENT, FORBIDDEN, LIST, READABLE, Access, Rule
from tests.scope.rules.library import HOLDS_A_POST, SEES_FIGURES

HIDDEN = FORBIDDEN | ABSENT


def figures(path: str, *queries: str) -> tuple[Rule, Rule]:
    """A page of the own unit, and the same of any other."""
    return (
        Rule(reads=HOLDS_A_POST, refusal=FORBIDDEN, queries=("?from=2026-01", *queries)),
        Rule(
            reads=Access(SEES_FIGURES, READABLE),
            thing="unit",
            paths=(path + "?unit={code}",),
            refusal=HIDDEN,
            note="of a unit",
        ),
    )


CLASS = Rule(
    reads=Access(SEES_FIGURES, READABLE),
    thing="class",
    refusal=HIDDEN,
    note="the people of the own units and those granted",
)
RULES: dict[str, Rule | tuple[Rule, ...]] = {
    "reports:overview": figures("/reports/", "?export=xlsx"),
    "reports:missing": figures("/reports/missing/", "?of=target", "?after=1"),
    "reports:rows": figures("/reports/rows/", "?export=xlsx", "?after=1"),
    "reports:lectures": figures("/reports/lectures/", "?export=xlsx"),
    "reports:classes": Rule(reads=Access(SEES_FIGURES, LIST), refusal=FORBIDDEN, queries=("?p=2",)),
    "reports:class": CLASS,
    "reports:class_missing": CLASS,
}
