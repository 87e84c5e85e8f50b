"""Watching together: the keeper's pages, the township's word, the screen and the door of a room."""

from django.utils import timezone

from tests.scope import tree
from tests.scope.rule import (
    ABSENT,
    ANYONE,
    BELOW,
    FORBIDDEN,
    LIST,
    MALFORMED,
    MANAGED,
    NOBODY,
    READABLE,
    Access,
    Reach,
    Rule,
)
from tests.scope.rules.library import HOLDERS

HIDDEN = FORBIDDEN | ABSENT
KEEPS = Access(HOLDERS, MANAGED)
# Nobody is above the topmost unit.
DECIDED = Reach(
    "below the own unit; the topmost by itself",
    lambda viewer, unit, relation: (
        BELOW.covers(viewer, unit, relation) or viewer.seat == unit == "city"
    ),
)
DECIDES = Access((tree.SECRETARY, tree.OFFICER), DECIDED)
SEES = tuple(role for role in tree.POSTS if role != tree.AUDITOR)
# No screen of a room: no cookie, nothing said.
NO_SCREEN = FORBIDDEN | MALFORMED


def opened(world: object, unit: str, viewer: tree.Viewer) -> dict[str, str]:
    """For the own unit, today, with a lecture that no other session plays."""
    return {
        "organization": f"S-{viewer.seat}",
        "on": timezone.localdate().isoformat(),
        "lecture": "入库课city",
        "place": "村部",
    }


def ticked(world: object, unit: str, viewer: tree.Viewer) -> dict[str, object]:
    person = world.estates[unit].person  # type: ignore[attr-defined]
    return {"marks": [{"user": person.pk, "present": True}]}


RULES = {
    "gatherings:list": Rule(
        reads=Access(tree.PERSONS, LIST), queries=("?p=2", "?from=2026-01-01&to=2026-12-31")
    ),
    "gatherings:new": Rule(
        reads=Access(HOLDERS, LIST),
        acts=Access(HOLDERS, LIST),
        refusal=FORBIDDEN,
        data=opened,
        changes=True,
        note="for one's own unit and below",
    ),
    "gatherings:paper": Rule(
        reads=Access(HOLDERS, LIST),
        acts=Access(HOLDERS, LIST),
        refusal=FORBIDDEN,
        idle="asks for the list and its photo",
        note="for one's own unit and below",
    ),
    "gatherings:detail": Rule(
        reads=Access(SEES, READABLE),
        acts=KEEPS,
        thing="gathering",
        refusal=HIDDEN,
        masked=True,
        data=lambda world, unit, viewer: {"act": "call_off"},
        changes=True,
        note=(
            "deciding is for secretaries and party-affairs officers of the township or above, who "
            "neither held nor attended it"
        ),
    ),
    "gatherings:void_person": Rule(
        reads=DECIDES,
        acts=DECIDES,
        thing="attended",
        refusal=HIDDEN,
        data=lambda world, unit, viewer: {"reason": "示例原因"},
        changes=True,
        masked=True,
    ),
    "gatherings:roll": Rule(
        reads=KEEPS,
        acts=KEEPS,
        thing="gathering",
        refusal=HIDDEN,
        as_json=True,
        data=ticked,
        changes=True,
        masked=True,
    ),
    "gatherings:door": Rule(reads=KEEPS, thing="gathering", refusal=HIDDEN),
    "gatherings:photo": Rule(
        reads=NOBODY,
        thing="gathering",
        refusal=HIDDEN,
        note="who keeps or decides on it, where there is a list on paper; logged",
    ),
    "gatherings:here": Rule(
        reads=NOBODY,
        thing="gathering",
        refusal=FORBIDDEN,
        note="whoever has scanned the code in the room within the last minutes",
    ),
    # -- the screen: nobody is signed in there ---------------------------------------------------
    "tv:screen": Rule(reads=ANYONE, note="shows a code; with a running session, that"),
    "tv:code": Rule(reads=NOBODY, acts=ANYONE, refusal=ABSENT, changes=True),
    "tv:paired": Rule(reads=ANYONE, note="whether the own code was confirmed"),
    "tv:open": Rule(
        reads=NOBODY, refusal=NO_SCREEN, stranger=NO_SCREEN, as_json=True,
        note="the screen of a running session",
    ),
    "tv:playback": Rule(
        reads=NOBODY, refusal=FORBIDDEN, stranger=FORBIDDEN, thing="lecture",
        note="the screen of a running session",
    ),
    "tv:beat": Rule(
        reads=NOBODY, refusal=NO_SCREEN, stranger=NO_SCREEN, as_json=True,
        note="whoever holds the signed token of a room's play",
    ),
    "tv:door": Rule(
        reads=NOBODY, refusal=FORBIDDEN, stranger=FORBIDDEN,
        note="the screen of a running session",
    ),
}  # fmt: skip
