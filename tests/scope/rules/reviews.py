"""Reviewing, and what authors do with what they handed in."""

from tests.scope import tree
from tests.scope.marks import KEEPERS, REVIEWERS
from tests.scope.rule import (
    ABSENT,
    FORBIDDEN,
    LIST,
    MANAGED,
    NOBODY,
    OWN,
    OWNER,
    Access,
    Reach,
    Rule,
)

UPLOADERS = (tree.SECRETARY, *KEEPERS)
LINE_KEEPERS = (tree.CURATOR, tree.ADMINISTRATOR)
HERE = Reach("the own unit itself", lambda viewer, unit, relation: viewer.seat == unit)
LOOKS_ON = Reach(
    "the own unit itself; keepers of the library also below",
    lambda viewer, unit, relation: (
        (viewer.role in REVIEWERS and viewer.seat == unit)
        or (viewer.role in KEEPERS and tree.managed(viewer, unit))
    ),
)
HAS_LINE = Reach(
    "people of the city and of line units",
    lambda viewer, unit, relation: tree.UNITS[viewer.seat][0] in ("city", "line"),
)
LINE = Reach(
    "the own line, from the city all of them",
    lambda viewer, unit, relation: (
        tree.UNITS[unit][0] in ("city", "line") and tree.managed(viewer, unit)
    ),
)
SEES = Access((*REVIEWERS, tree.ADMINISTRATOR), LOOKS_ON)
REVIEWS = Access(REVIEWERS, HERE)


def looked_at(world: object, unit: str, viewer: tree.Viewer, **more: str) -> dict[str, str]:
    """The step and version that an act names."""
    review = world.estates[unit].review  # type: ignore[attr-defined]
    return {"step": str(review.steps.get().pk), "version": "1", **more}


def changed_form(world: object, unit: str, viewer: tree.Viewer) -> dict[str, str]:
    if viewer.role == tree.ANONYMOUS:
        return {}
    review = world.belongings(viewer).review  # type: ignore[attr-defined]
    return {
        "title": "改过的课",
        "speaker": "王芳",
        "subject": "skills",
        "declaration": "on",
        "asset": str(review.asset_id),
    }


RULES = {
    "cms:submission_draft": Rule(
        reads=NOBODY,
        acts=Access(UPLOADERS, LIST),
        refusal=FORBIDDEN,
        data=lambda world, unit, viewer: {"title": "写到一半"},
        changes=True,
    ),
    "cms:submission_change": Rule(
        reads=Access(UPLOADERS, OWN),
        acts=Access(UPLOADERS, OWN),
        thing="submission",
        refusal=FORBIDDEN | ABSENT,
        data=changed_form,
        changes=True,
    ),
    "cms:version_announce": Rule(reads=NOBODY, acts=OWNER, thing="submission", changes=True),
    "cms:version_withdraw": Rule(reads=NOBODY, acts=OWNER, thing="submission", changes=True),
    "review:queue": Rule(
        reads=Access(REVIEWERS, LIST),
        refusal=FORBIDDEN,
        queries=("?q=机密", "?q=单位", "?kind=final", "?kind=proofread", "?p=2"),
    ),
    "review:sheet": Rule(reads=SEES, thing="review"),
    "review:captions": Rule(reads=SEES, thing="review"),
    "review:form": Rule(reads=SEES, thing="review", note="a PDF"),
    "review:proofread": Rule(
        reads=NOBODY,
        acts=REVIEWS,
        thing="review",
        refusal=FORBIDDEN | ABSENT,
        data=looked_at,
        changes=True,
    ),
    "review:secrecy": Rule(
        reads=NOBODY,
        acts=REVIEWS,
        thing="review",
        refusal=FORBIDDEN | ABSENT,
        data=looked_at,
        changes=True,
    ),
    "review:decide": Rule(
        reads=NOBODY,
        acts=REVIEWS,
        thing="review",
        refusal=FORBIDDEN | ABSENT,
        data=lambda world, unit, viewer: looked_at(
            world, unit, viewer, verdict="approve", proofread="on"
        ),
        changes=True,
    ),
    "review:comment": Rule(
        reads=NOBODY,
        acts=REVIEWS,
        thing="review",
        refusal=FORBIDDEN | ABSENT,
        data=lambda world, unit, viewer: {"version": "1", "text": "改一个字", "at": "0:05"},
        changes=True,
    ),
    "review:comment_remove": Rule(
        reads=NOBODY, acts=SEES, thing="review", idle="takes back one's own comments only"
    ),
    "review:take_down": Rule(
        reads=Access(KEEPERS, MANAGED),
        acts=Access(KEEPERS, MANAGED),
        thing="lecture",
        refusal=FORBIDDEN,
        data=lambda world, unit, viewer: {"reason": "数据已过时"},
        changes=True,
    ),
    "review:take_down_lift": Rule(
        reads=NOBODY,
        acts=Access(KEEPERS, MANAGED),
        thing="lecture",
        refusal=FORBIDDEN,
        idle="this lecture is not taken down",
    ),
    "review:lines": Rule(reads=Access(LINE_KEEPERS, HAS_LINE), refusal=FORBIDDEN),
    "review:line": Rule(
        reads=NOBODY,
        acts=Access(LINE_KEEPERS, LINE),
        thing="unit",
        refusal=FORBIDDEN | ABSENT,
        data=lambda world, unit, viewer: {f"{world.units[unit].code}-above": "all"},
        changes=True,
    ),
}
