"""The site's own pages, signing in, the sign of life."""

from tests.scope.rule import (
    ANYONE,
    NO_METHOD,
    NOBODY,
    SIGNED_IN,
    Access,
    Reach,
    Rule,
)
from tests.scope.tree import ANONYMOUS

STRANGERS = Access((ANONYMOUS,), Reach("", lambda viewer, unit, relation: True))

RULES = {
    "home:index": Rule(reads=SIGNED_IN),
    "home:learning": Rule(reads=SIGNED_IN),
    "home:me": Rule(reads=SIGNED_IN),
    "home:privacy": Rule(reads=ANYONE),
    "home:help": Rule(reads=ANYONE),
    "home:help_article": Rule(reads=ANYONE, paths=("/help/curator/",)),
    "home:elder": Rule(
        reads=NOBODY,
        acts=ANYONE,
        refusal=NO_METHOD,
        stranger=NO_METHOD,
        data=lambda world, unit, viewer: {"elder": "on"},
        # A stranger's stands in a cookie.
        changes=lambda viewer, unit: viewer.role != ANONYMOUS,
        note="the reading mode of whoever asks",
    ),
    "home:healthz": Rule(reads=ANYONE, note="one word for supervisors; says nothing of people"),
}
