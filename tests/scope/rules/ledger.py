"""Hours: statements, claims of what was learnt elsewhere, the department's pages; voiding."""

import datetime as dt
import uuid

from django.core.files.uploadedfile import SimpleUploadedFile

from lms.ledger.claims import claim_mark
from tests.scope import tree
from tests.scope.rule import (
    ABSENT,
    FORBIDDEN,
    LIST,
    MANAGED,
    NOBODY,
    READABLE_OR_OWN,
    SIGNED_IN,
    Access,
    Reach,
    Rule,
)

KEEPERS = (tree.SECRETARY, tree.OFFICER)
HIDDEN = FORBIDDEN | ABSENT
# Somebody of a unit below one's own: neighbours do not judge each other.
OF_BELOW = Reach(
    "below the own unit, never oneself",
    lambda viewer, unit, relation: (
        relation != tree.SELF and tree.managed(viewer, unit) and unit != viewer.seat
    ),
)
DEPARTMENT = Access(
    (tree.OFFICER,),
    Reach("of the prefecture", lambda viewer, unit, relation: viewer.seat == "city"),
)
MEMBERS = Access((tree.MEMBER,), LIST)
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"


def claimed(world, unit, viewer):
    return {
        "title": "示例培训",
        "host": "示例党校",
        "learnt_on": dt.date.today().isoformat(),  # noqa: DTZ011  (either day can be claimed)
        "hours": "4",
        "wish": str(uuid.uuid4()),
        "file": SimpleUploadedFile("a.pdf", PDF),
    }


RULES = {
    "ledger:mine": Rule(reads=SIGNED_IN, note="one's own statement"),
    "ledger:person": Rule(
        reads=Access(tree.PERSONS, READABLE_OR_OWN), thing="person", note="looking is logged"
    ),
    "ledger:claims": Rule(reads=Access(KEEPERS, LIST), refusal=FORBIDDEN),
    "ledger:claim_new": Rule(
        reads=MEMBERS,
        acts=MEMBERS,
        refusal=FORBIDDEN,
        data=claimed,
        changes=True,
        note="whoever belongs to a branch",
    ),
    "ledger:claim": Rule(
        reads=Access(KEEPERS, MANAGED),
        acts=Access(KEEPERS, MANAGED),
        thing="claim",
        data=lambda world, unit, viewer: {
            "act": "check",
            "seen": claim_mark(world.estates[unit].kept["claim"]),
        },
        changes=True,
        note="also the claimant; approving is for the county, nobody decides on their own",
    ),
    "ledger:claim_change": Rule(
        reads=NOBODY, thing="claim", data=claimed, note="the claimant alone"
    ),
    "ledger:claim_evidence": Rule(
        reads=NOBODY, thing="claim", note="who reads the claim, where its file is; logged"
    ),
    "ledger:rule": Rule(reads=DEPARTMENT, acts=DEPARTMENT, refusal=FORBIDDEN, idle="asks for more"),
    "ledger:targets": Rule(
        reads=DEPARTMENT,
        acts=DEPARTMENT,
        refusal=FORBIDDEN,
        data=lambda world, unit, viewer: {"category": "member", "hours": "24"},
        changes=True,
    ),
    "ledger:years": Rule(
        reads=DEPARTMENT,
        acts=DEPARTMENT,
        refusal=FORBIDDEN,
        data=lambda world, unit, viewer: {"act": "close", "year": dt.date.today().year - 1},  # noqa: DTZ011
        changes=True,
    ),
    "viewing_checks:list": Rule(reads=Access(KEEPERS, LIST), refusal=FORBIDDEN),
    "viewing_checks:detail": Rule(
        reads=Access(KEEPERS, OF_BELOW),
        acts=Access(KEEPERS, OF_BELOW),
        thing="check",
        data=lambda world, unit, viewer: {"act": "all_right", "words": ""},
        changes=True,
        note="looking is logged",
    ),
    "watching_people:sessions": Rule(
        reads=Access(KEEPERS, OF_BELOW), thing="person", refusal=HIDDEN, note="looking is logged"
    ),
    "watching_people:void": Rule(
        reads=Access(KEEPERS, OF_BELOW),
        acts=Access(KEEPERS, OF_BELOW),
        thing="viewing",
        refusal=HIDDEN,
        data=lambda world, unit, viewer: {"reason": "示例原因"},
        changes=True,
    ),
}
