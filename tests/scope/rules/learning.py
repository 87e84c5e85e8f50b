"""Classes and watching."""

import uuid
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.scope import tree
from tests.scope.rule import (
    ABSENT,
    FORBIDDEN,
    LIST,
    MALFORMED,
    NOBODY,
    OWN,
    READABLE,
    SHELVED,
    SIGNED_IN,
    UNAUTHORISED,
    Access,
    Reach,
    Rule,
)
from tests.scope.tree import Viewer

# Who hold classes: from a village up, a branch sends its people to those above it.
ORGANISERS = (tree.SECRETARY, tree.OFFICER, tree.REVIEWER, tree.CURATOR, tree.ADMINISTRATOR)
SEATED = Reach(
    "in a village or a unit above it", lambda viewer, unit, relation: tree.has_shelf(viewer.seat)
)
# A unit runs what those above it have planned.
PLANNED = Reach(
    "own unit and below, and units above",
    lambda viewer, unit, relation: (
        tree.has_shelf(viewer.seat)
        and (tree.managed(viewer, unit) or unit in tree.above(viewer.seat))
    ),
)
OWN_SEATED = Reach(
    "what is one's own",
    lambda viewer, unit, relation: (
        tree.has_shelf(viewer.seat) and OWN.covers(viewer, unit, relation)
    ),
)
HOLDS = Access(ORGANISERS, SEATED)
KEEPS = Access(ORGANISERS, SHELVED)
PLANS = Access(ORGANISERS, PLANNED)
REFUSED = FORBIDDEN | ABSENT


def kept(thing: str, data: Any, **more: Any) -> Rule:
    """A page of who holds the class or keeps the plan, on which something can be changed."""
    return Rule(
        reads=KEEPS, acts=KEEPS, thing=thing, refusal=REFUSED, data=data, changes=True, **more
    )


def plan_form(world: Any, unit: str, viewer: Viewer) -> dict[str, Any]:
    return {
        "key": str(uuid.uuid4()),
        "title": "新方案",
        "organization": world.units[tree.shelf_unit(unit)].code,
        "electives_needed": "0",
    }


def run_form(world: Any, unit: str, viewer: Viewer) -> dict[str, Any]:
    holder = world.units[tree.shelf_unit(viewer.seat or unit)]
    return plan_form(world, unit, viewer) | {
        "organization": holder.code,
        "tier": "catch_up",
        "starts_on": "2026-05-01",
        "ends_on": "2026-06-30",
    }


def added(world: Any, unit: str, viewer: Viewer) -> dict[str, Any]:
    return {"act": "add", "lecture": world.estates[unit].decided.pk, "kind": "elective"}


def asked_rule(world: Any, unit: str, viewer: Viewer) -> dict[str, Any]:
    return {
        "key": str(uuid.uuid4()),
        "unit": world.units[unit].code,
        "act": "confirm",
        "everybody": "on",
        "stays_fresh": "on",
    }


def workbook(world: Any, unit: str, viewer: Viewer) -> dict[str, Any]:
    person = world.estates[unit].holder
    text = f"姓名,支部名称\n{person.name},{world.units[unit].name}\n"
    file = SimpleUploadedFile("学员.csv", text.encode("utf-8-sig"), "text/csv")
    return {"key": str(uuid.uuid4()), "file": file}


def ticked(world: Any, unit: str, viewer: Viewer) -> dict[str, Any]:
    person = world.estates[unit].person.pk
    return {"shown": person, "present": person}


RULES = {
    "classes:list": Rule(reads=Access(tree.PERSONS, LIST), queries=("?p=2",)),
    "classes:detail": Rule(
        reads=Access(tree.POSTS, READABLE),
        acts=Access(tree.POSTS, READABLE),
        thing="class",
        data=lambda world, unit, viewer: {"act": "ask"},
        idle="this class takes no requests",
    ),
    "classes:handbill": Rule(reads=Access(tree.POSTS, READABLE), thing="class"),
    "classes:reading": Rule(
        reads=Access(tree.POSTS, READABLE),
        acts=Access(tree.POSTS, READABLE),
        thing="class_reading",
        idle="only learners of the class have read a text",
    ),
    "classes:plans": Rule(reads=HOLDS, refusal=FORBIDDEN, queries=("?p=2",)),
    "classes:plan_new": Rule(
        reads=HOLDS, acts=KEEPS, thing="unit", refusal=FORBIDDEN, data=plan_form, changes=True
    ),
    "classes:plan": Rule(
        reads=PLANS,
        acts=KEEPS,
        thing="plan",
        refusal=REFUSED,
        data=lambda world, unit, viewer: {"act": "delete"},
        idle="a plan that has runs stays",
    ),
    "classes:plan_edit": kept(
        "plan", lambda world, unit, viewer: {"title": "改名", "electives_needed": "0"}
    ),
    "classes:plan_items": kept("plan", added, queries=("?add=session", "?q=入库")),
    "classes:plan_item": kept("plan_item", lambda world, unit, viewer: {"kind": "elective"}),
    "classes:coverage": Rule(
        reads=PLANS,
        thing="plan",
        refusal=REFUSED,
        queries=(
            *("?tag=rural&show=missing", "?tag=rural&show=eligible&export=xlsx"),
            *("?tag=position-others&show=missing", "?tag=all&show=enrolled", "?export=xlsx"),
        ),
    ),
    "classes:run_new": Rule(
        reads=PLANS, acts=PLANS, thing="plan", refusal=REFUSED, data=run_form, changes=True
    ),
    "classes:run_edit": kept(
        "class",
        lambda world, unit, viewer: run_form(world, unit, viewer) | {"title": "改名"},
    ),
    "classes:desk": kept("class", lambda world, unit, viewer: {"act": "catch_up_list"}),
    "classes:items": kept("class", added, queries=("?add=reading", "?q=入库")),
    "classes:item": kept("class_item", lambda world, unit, viewer: {"kind": "elective"}),
    "classes:people": kept(
        "class",
        lambda world, unit, viewer: {
            "act": "withdraw",
            "enrolment": world.estates[unit].training_class.enrolments.get().pk,
        },
        queries=("?show=open", "?show=exempt", "?show=withdrawn", "?p=2"),
    ),
    "classes:enrol": kept(
        "class",
        lambda world, unit, viewer: {"people": world.estates[unit].holder.pk},
        queries=("?q=机密", "?q=机"),
    ),
    "classes:rule": kept("class", asked_rule),
    "classes:import": kept("class", workbook, queries=("?template=1",)),
    "classes:import_detail": Rule(
        reads=Access(ORGANISERS, OWN_SEATED),
        acts=Access(ORGANISERS, OWN_SEATED),
        thing="class_import",
        refusal=REFUSED,
        data=lambda world, unit, viewer: {"act": "cancel"},
        changes=True,
        queries=("?export=xlsx",),
        note="whoever uploaded it",
    ),
    "classes:session": kept("class_session", ticked, queries=("?p=2",)),
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
