"""Classes and watching."""

from tests.scope import tree
from tests.scope.rule import (
    FORBIDDEN,
    LIST,
    MALFORMED,
    NOBODY,
    READABLE,
    SIGNED_IN,
    UNAUTHORISED,
    Access,
    Rule,
)

RULES = {
    "classes:list": Rule(reads=Access(tree.PERSONS, LIST), queries=("?p=2",)),
    "classes:detail": Rule(reads=Access(tree.POSTS, READABLE), thing="class"),
    "classes:progress": Rule(
        reads=Access(tree.POSTS, READABLE),
        thing="class",
        queries=("?q=机密", "?q=单位", "?state=none", "?p=2", "?export=xlsx"),
    ),
    "watching:open": (
        Rule(
            reads=NOBODY,
            acts=SIGNED_IN,
            thing="lecture",
            refusal=MALFORMED,
            stranger=UNAUTHORISED,
            as_json=True,
            data=lambda world, unit, viewer: {"lecture": world.estates[unit].lecture.pk},
            changes=True,
            note="published lectures are for everybody",
        ),
        Rule(
            reads=NOBODY,
            acts_only=True,
            thing="draft",
            refusal=FORBIDDEN,
            stranger=UNAUTHORISED,
            as_json=True,
            data=lambda world, unit, viewer: {"lecture": world.estates[unit].draft.pk},
            note="drafts count for nobody",
        ),
    ),
    "watching:beat": Rule(
        reads=NOBODY,
        refusal=MALFORMED | FORBIDDEN,
        stranger=MALFORMED | FORBIDDEN,
        as_json=True,
        note="whoever holds the signed token of a play session writes to that session",
    ),
    "watching:strips": Rule(reads=SIGNED_IN, stranger=UNAUTHORISED, note="one's own strips"),
}
