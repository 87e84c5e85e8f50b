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
    "inbox:list": Rule(
        reads=SIGNED_IN,
        queries=("?p=2",),
        writes=("notices.Message",),
        note="one's own messages; what is shown counts as read",
    ),
    "inbox:ways": Rule(
        reads=SIGNED_IN,
        acts=SIGNED_IN,
        data=lambda world, unit, viewer: {"act": "choose", "ways": "sms"},
        changes=True,
        note="one's own choice",
    ),
    "inbox:mail": Rule(
        reads=NOBODY,
        acts=NOBODY,
        paths=("/inbox/ways/mail/forged/",),
        note="whoever a letter was sent to",
    ),
    "home:healthz": Rule(reads=ANYONE, note="one word for supervisors; says nothing of people"),
}
