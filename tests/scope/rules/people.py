"""Units, people, rosters, wishes to correct, own data, the log."""

import uuid

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.scope import tree
from tests.scope.marks import phone
from tests.scope.rule import (
    ABSENT,
    ANYONE,
    BELOW,
    FORBIDDEN,
    KEPT_ELSEWHERE,
    LIST,
    MANAGED,
    NOBODY,
    OWN,
    OWNER,
    PARENTS,
    READ_ELSEWHERE,
    READABLE,
    READABLE_OR_HOME,
    READABLE_OR_OWN,
    SIGNED_IN,
    Access,
    Reach,
    Refusal,
    Rule,
)

# After every tie of the world began.
DAY = "2024-06-01"
ROSTER_KEEPERS = (tree.SECRETARY, tree.OFFICER, tree.ADMINISTRATOR)
TREE_KEEPERS = (tree.OFFICER, tree.ADMINISTRATOR)
# An audit administrator reads the log and nothing else.
READERS = tuple(role for role in tree.POSTS if role != tree.AUDITOR)
KEEP_PEOPLE = Access(ROSTER_KEEPERS, KEPT_ELSEWHERE)
KEEP_UNIT = Access(TREE_KEEPERS, BELOW)
KEEP_LIST = Access(ROSTER_KEEPERS, LIST)
# Closes with the post.
OWN_IMPORT = Access(ROSTER_KEEPERS, OWN)
GIVERS = (*ROSTER_KEEPERS, tree.SECURITY)
GIVES = Access(GIVERS, READ_ELSEWHERE)
HIDDEN = FORBIDDEN | ABSENT
# Granting needs the line and the unit that it reads.
BOTH = Reach(
    "both units within the own unit",
    lambda viewer, unit, relation: tree.managed(viewer, unit) and tree.managed(viewer, "line"),
)
MOVABLE = Reach(
    "below the own unit, to a unit within it",
    lambda viewer, unit, relation: (
        BELOW.covers(viewer, unit, relation)
        and unit in tree.MOVES_TO
        and tree.managed(viewer, tree.MOVES_TO[unit])
    ),
)
MERGEABLE = Reach(
    "below the own unit, into another below it",
    lambda viewer, unit, relation: (
        BELOW.covers(viewer, unit, relation)
        and unit in tree.MERGES_INTO
        and BELOW.covers(viewer, tree.MERGES_INTO[unit], relation)
    ),
)
# A branch below the unit, or beside it where it is a branch itself.
SPARE = Reach(
    "below the own unit",
    lambda viewer, unit, relation: tree.managed(viewer, tree.shelf_unit(unit)),
)
TRANSFERS = Reach(
    "own unit and below, never oneself, to a branch within it",
    lambda viewer, unit, relation: (
        KEPT_ELSEWHERE.covers(viewer, unit, relation)
        and unit != tree.receiver(unit)
        and tree.managed(viewer, tree.receiver(unit))
    ),
)
# Nobody names the secretary of the own unit. Above the topmost unit nobody keeps a roster.
SECRETARY_BELOW = Reach(
    "below the own unit; in the topmost unit the security administrator",
    lambda viewer, unit, relation: (
        KEPT_ELSEWHERE.covers(viewer, unit, relation)
        and (unit == "city" or unit != viewer.seat)
        and (unit == "city") == (viewer.role == tree.SECURITY)
    ),
)
OPERATOR = Reach(
    "own unit and below; in the topmost unit the security administrator",
    lambda viewer, unit, relation: (
        MANAGED.covers(viewer, unit, relation)
        and (unit == "city") == (viewer.role == tree.SECURITY)
    ),
)


def code_of(world: object, unit: str) -> str:
    return str(world.units[unit].code)  # type: ignore[attr-defined]


def post_form(world: object, unit: str, role: str) -> dict[str, str]:
    return {"role": role, "unit": code_of(world, unit), "on": DAY}


def import_form(world: object, unit: str, viewer: object) -> dict[str, object]:
    text = "姓名,支部编码\n新来的人,S-branch\n"
    file = SimpleUploadedFile("a.csv", text.encode(), content_type="text/csv")
    key, code = str(uuid.uuid4()), code_of(world, unit)
    return {"key": key, "unit": code, "kind": "people", "file": file}


def export_form(world: object, unit: str, viewer: object) -> dict[str, object]:
    key, code = str(uuid.uuid4()), code_of(world, unit)
    return {"key": key, "unit": code, "reason": "other", "reason_text": "核对", "phones": "masked"}


def person_page(**changes: object) -> Rule:
    """A page of acts on a person, for those who keep the person."""
    fields = {"reads": KEEP_PEOPLE, "acts": KEEP_PEOPLE, "thing": "person", "refusal": HIDDEN}
    return Rule(**{**fields, **changes})  # type: ignore[arg-type]


def unit_page(**changes: object) -> Rule:
    fields = {"reads": KEEP_UNIT, "acts": KEEP_UNIT, "thing": "unit", "refusal": HIDDEN}
    return Rule(**{**fields, **changes})  # type: ignore[arg-type]


SEARCHED = ("?q=机密", "?q=单位", f"?q={phone('far_branch')}", f"?q={phone('branch')}", "?q=P-")
OWN_DATA = Refusal("own data", (), ("/me/data/erase/",))
READ_ME = Rule(reads=SIGNED_IN, note="one's own")


def me(**changes: object) -> Rule:
    fields = {"reads": SIGNED_IN, "acts": SIGNED_IN, "note": "one's own"}
    return Rule(**{**fields, **changes})  # type: ignore[arg-type]


RULES = {
    # -- units -----------------------------------------------------------------------------------
    "units:list": Rule(
        reads=Access(tree.PERSONS, LIST), queries=("?q=单位", "?q=S-", "?after=S-city")
    ),
    "units:branch": Rule(reads=SIGNED_IN, note="the own branch and those kept"),
    "units:detail": Rule(
        reads=Access((*READERS, tree.MEMBER), READABLE_OR_HOME),
        thing="unit",
        queries=("?on=2025-06-01", "?on=2025-06-01&tree=today", "?q=单位", "?after=S-branch"),
        note="members are led to their branch's own page",
    ),
    "units:create": unit_page(
        reads=Access(TREE_KEEPERS, PARENTS),
        acts=Access(TREE_KEEPERS, PARENTS),
        data=lambda world, unit, viewer: {"code": "NEW-1", "name": "新单位", "kind": "branch"},
        changes=True,
    ),
    "units:rename": unit_page(
        data=lambda world, unit, viewer: {"name": "改了名的单位"}, changes=True
    ),
    "units:move": unit_page(
        acts=Access(TREE_KEEPERS, MOVABLE),
        data=lambda world, unit, viewer: {
            "to": code_of(world, tree.MOVES_TO.get(unit, "far_county"))
        },
        changes=True,
    ),
    "units:merge": unit_page(
        acts=Access(TREE_KEEPERS, MERGEABLE),
        data=lambda world, unit, viewer: {
            "to": code_of(world, tree.MERGES_INTO.get(unit, "far_county"))
        },
        changes=True,
        note="a unit whose posts one could end",
    ),
    "units:close": (
        unit_page(acts=NOBODY, note="nobody while people or units are in it"),
        unit_page(
            acts_only=True,
            thing="empty",
            reads=Access(TREE_KEEPERS, SPARE),
            acts=Access(TREE_KEEPERS, SPARE),
            changes=True,
            note="an empty unit",
        ),
    ),
    "units:reopen": (
        unit_page(acts=NOBODY, note="nobody while it is open"),
        unit_page(
            acts_only=True,
            thing="closed",
            reads=Access(TREE_KEEPERS, SPARE),
            acts=Access(TREE_KEEPERS, SPARE),
            changes=True,
            note="a closed unit",
        ),
    ),
    "units:grants": unit_page(
        reads=Access((tree.SECURITY,), MANAGED),
        acts=Access((tree.SECURITY,), BOTH),
        data=lambda world, unit, viewer: {"line": "S-line"},
        # What the line reads already is not granted again.
        changes=lambda viewer, unit: not tree.readable(tree.Viewer(tree.OFFICER, "line"), unit),
    ),
    # -- people ----------------------------------------------------------------------------------
    "people:list": Rule(
        reads=Access(READERS, READABLE),
        thing="unit",
        queries=(*SEARCHED, "?tag=retired", "?kind=learner", "?after=1", "?before=9999"),
    ),
    "people:detail": Rule(reads=Access(tree.PERSONS, READABLE_OR_OWN), thing="person"),
    "people:reveal": Rule(
        reads=NOBODY,
        acts=Access(READERS, LIST),
        refusal=FORBIDDEN,
        data=lambda world, unit, viewer: {"show": "on", "next": "/classes/1/progress/"},
        idle="opens names in the session, logged",
        note="opens names, logged",
    ),
    "people:new": Rule(
        reads=Access(ROSTER_KEEPERS, MANAGED),
        acts=Access(ROSTER_KEEPERS, MANAGED),
        thing="unit",
        refusal=HIDDEN,
        data=lambda world, unit, viewer: {
            "name": "新来的人",
            "phone": "13911112222",
            "kind": "learner",
            "on": DAY,
        },
        changes=True,
    ),
    "people:change": person_page(
        data=lambda world, unit, viewer: {
            "name": "改名",
            "code": world.estates[unit].person.code,
            "phone": world.estates[unit].person.phone,
        },
        changes=True,
    ),
    "people:transfer": person_page(
        acts=Access(ROSTER_KEEPERS, TRANSFERS),
        data=lambda world, unit, viewer: {
            "unit": code_of(world, tree.receiver(unit)),
            "on": DAY,
        },
        changes=True,
    ),
    "people:tie": person_page(
        data=lambda world, unit, viewer: {
            "kind": "floating_host",
            "unit": code_of(world, "branch" if unit == "next_branch" else "next_branch"),
            "on": DAY,
        },
        changes=True,
    ),
    "people:tie_end": person_page(
        thing="tie",
        data=lambda world, unit, viewer: {"reason": "finished", "on": DAY},
        changes=True,
    ),
    "people:tag": person_page(
        data=lambda world, unit, viewer: {"value": "exempt", "on": DAY}, changes=True
    ),
    "people:tag_end": person_page(
        thing="tag", data=lambda world, unit, viewer: {"on": DAY}, changes=True
    ),
    "people:post": (
        person_page(
            reads=GIVES,
            acts=Access(GIVERS, SECRETARY_BELOW),
            data=lambda world, unit, viewer: post_form(world, unit, "secretary"),
            changes=True,
            note="branch secretaries: those who keep the unit above",
        ),
        person_page(
            reads=GIVES,
            acts_only=True,
            acts=Access((tree.SECURITY,), KEPT_ELSEWHERE),
            data=lambda world, unit, viewer: post_form(world, unit, "reviewer"),
            changes=True,
            note="every other post",
        ),
    ),
    "people:post_end": person_page(
        reads=Access(GIVERS, OPERATOR),
        acts=Access(GIVERS, OPERATOR),
        thing="post",
        data=lambda world, unit, viewer: {"on": DAY},
        changes=True,
    ),
    "people:leave": person_page(
        data=lambda world, unit, viewer: {"reason": "moved_out", "on": DAY}, changes=True
    ),
    # -- wishes to correct, erasing ----------------------------------------------------------------
    "privacy:corrections": Rule(reads=KEEP_LIST, refusal=FORBIDDEN, queries=("?p=2",)),
    "privacy:correction": Rule(
        reads=KEEP_PEOPLE,
        acts=KEEP_PEOPLE,
        thing="correction",
        refusal=HIDDEN,
        data=lambda world, unit, viewer: {"done": "yes", "answer": "已改好"},
        changes=True,
    ),
    "privacy:erase": person_page(
        refusal=HIDDEN | OWN_DATA,
        data=lambda world, unit, viewer: {"reason": "asked", "sure": "on"},
        changes=True,
        note="oneself under one's own data",
    ),
    "my_data:index": READ_ME,
    "my_data:section": READ_ME,
    "my_data:phone": me(data=lambda world, unit, viewer: {"phone": ""}, changes=True),
    "my_data:phone_code": me(idle="asks for a code that was sent"),
    "my_data:correct": me(data=lambda world, unit, viewer: {"text": "名字写错了"}, changes=True),
    "my_data:export": me(idle="hands out a file, logged"),
    "my_data:erase": me(
        data=lambda world, unit, viewer: {"sure": "on"},
        # The last one stays until there is another.
        changes=lambda viewer, unit: viewer.role != tree.AUDITOR,
    ),
    "my_data:erased": Rule(reads=ANYONE, note="a sentence"),
    # -- the log -----------------------------------------------------------------------------------
    "auditing:log": Rule(
        reads=Access((tree.AUDITOR,), LIST),
        refusal=FORBIDDEN,
        masked=True,
        queries=("?action=account.sign_in", "?before=20", f"?q={phone('branch')}"),
        note="the whole log, names masked",
    ),
    "auditing:verify": Rule(
        reads=NOBODY,
        acts=Access((tree.AUDITOR,), LIST),
        refusal=FORBIDDEN,
        idle="reads the log, logged",
    ),
    "auditing:export": Rule(
        reads=Access((tree.AUDITOR,), LIST),
        acts=Access((tree.AUDITOR,), LIST),
        refusal=FORBIDDEN,
        masked=True,
        data=lambda world, unit, viewer: {"reason": "每月检查一次", "format": "xlsx"},
        idle="hands out a file, logged",
    ),
    # -- rosters -----------------------------------------------------------------------------------
    "roster:import": (
        Rule(reads=KEEP_LIST, thing="unit", refusal=FORBIDDEN, queries=("?unit={code}",)),
        Rule(
            reads=KEEP_LIST,
            acts_only=True,
            acts=Access(ROSTER_KEEPERS, MANAGED),
            thing="unit",
            paths=("/roster/import/?unit={code}",),
            refusal=FORBIDDEN,
            data=import_form,
            changes=True,
        ),
    ),
    "roster:template": Rule(reads=KEEP_LIST, refusal=FORBIDDEN),
    "roster:import_detail": Rule(
        reads=OWN_IMPORT, thing="import", refusal=HIDDEN, queries=("?show=create",)
    ),
    "roster:import_progress": Rule(reads=OWN_IMPORT, thing="import", refusal=HIDDEN),
    "roster:import_outcome": Rule(
        reads=NOBODY, thing="import", refusal=HIDDEN, note="whoever made it, when done"
    ),
    "roster:import_act": Rule(
        reads=NOBODY, acts=OWN_IMPORT, thing="import", refusal=HIDDEN, changes=True
    ),
    "roster:export": (
        Rule(reads=KEEP_LIST, thing="unit", refusal=FORBIDDEN, queries=("?unit={code}",)),
        Rule(
            reads=KEEP_LIST,
            acts_only=True,
            acts=Access(ROSTER_KEEPERS, MANAGED),
            thing="unit",
            paths=("/roster/export/?unit={code}",),
            refusal=FORBIDDEN,
            data=export_form,
            changes=True,
        ),
    ),
    "roster:export_detail": Rule(reads=OWNER, thing="export"),
    "roster:export_progress": Rule(reads=OWNER, thing="export"),
    "roster:export_file": Rule(
        reads=NOBODY, thing="export", refusal=HIDDEN, note="whoever made it, when it is ready"
    ),
}
