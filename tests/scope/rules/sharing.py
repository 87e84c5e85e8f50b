"""The library for others: the API, the player for units' own sites, the curator's page of them."""

from dataclasses import replace

from tests.scope import tree
from tests.scope.rule import (
    ABSENT,
    ANYONE,
    FORBIDDEN,
    MANAGED,
    NOBODY,
    SIGNED_IN,
    Access,
    Reach,
    Rule,
)

CURATORS = (tree.CURATOR, tree.ADMINISTRATOR)
# Opening is for counties, line units and the prefecture.
OPENING = Reach(
    "own unit and below, from a county, a line unit or the prefecture",
    lambda viewer, unit, relation: (
        tree.UNITS[viewer.seat or "branch"][0] in ("city", "county", "line")
        and tree.managed(viewer, unit)
    ),
)
OPENED = Rule(reads=ANYONE, thing="decided", note="lectures open to the public")
PUBLISHED = Rule(reads=SIGNED_IN, thing="lecture", stranger=ABSENT, note="published lectures")
DRAFT = Rule(reads=NOBODY, thing="draft", stranger=ABSENT)
OF_A_LECTURE = (OPENED, PUBLISHED, DRAFT)
# The same for everybody, signed in or not.
SHUT = Rule(reads=NOBODY, thing="lecture", refusal=ABSENT | FORBIDDEN, stranger=ABSENT | FORBIDDEN)
EMBEDDED = (OPENED, SHUT, replace(SHUT, thing="draft"))

RULES = {
    "api:index": Rule(reads=ANYONE),
    "api:lectures": Rule(
        reads=ANYONE,
        queries=(
            *("?q=机密", "?q=jm", "?q=公开&year=2026", "?page=2", "?per_page=100", "?unit=S-city"),
            "?subject=skills&length=5&topic=1&audience=1&state=premium",
        ),
        note="what is open to the public; signed in, all that is published",
    ),
    "api:lecture": OF_A_LECTURE,
    "api:playback": OF_A_LECTURE,
    "api:captions": (PUBLISHED, DRAFT),
    "api:poster": Rule(
        reads=NOBODY, thing="decided", stranger=ABSENT, note="as the lecture, where it has one"
    ),
    "api:collections": Rule(reads=ANYONE, note="as the lectures in them"),
    "api:collection": Rule(
        reads=SIGNED_IN, thing="collection", stranger=ABSENT, note="those on show"
    ),
    "api:taxonomy": Rule(reads=ANYONE, note="counts of what one may see"),
    "api:unknown": Rule(reads=NOBODY, paths=("/api/v1/nothing",), refusal=ABSENT, stranger=ABSENT),
    "cms:embed": EMBEDDED,
    "cms:embed_playback": EMBEDDED,
    "cms:embed_captions": replace(SHUT, note="of lectures open to the public"),
    "cms:embed_code": Rule(
        reads=Access(CURATORS, MANAGED),
        acts=Access(CURATORS, OPENING),
        thing="lecture",
        refusal=FORBIDDEN,
        data=lambda world, unit, viewer: {"act": "open"},
        changes=True,
    ),
}
