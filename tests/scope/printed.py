"""docs/access.md: the declared rules as a page."""

from __future__ import annotations

from pathlib import Path

from tests.scope import tree
from tests.scope.cases import rules_for
from tests.scope.patterns import Pattern, patterns
from tests.scope.rule import EVERYTHING, LIST, Access, Rule

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "access.md"

NAMES = {
    tree.ANONYMOUS: "anybody (未登录)",
    tree.MEMBER: "member (党员)",
    tree.LEARNER: "other learner (非党员学员)",
    tree.SECRETARY: "branch secretary (党支部书记)",
    tree.OFFICER: "party-affairs officer (党务工作者)",
    tree.OPERATOR: "site operator (站点管理员)",
    tree.REVIEWER: "reviewer (审核员)",
    tree.CURATOR: "curator (资源管理员)",
    tree.ADMINISTRATOR: "system administrator (系统管理员)",
    tree.SECURITY: "security administrator (安全管理员)",
    tree.AUDITOR: "audit administrator (审计管理员)",
}
SHORT = {role: name.partition(" (")[2].rstrip(")") for role, name in NAMES.items()}
# Sets of roles that many rules name.
GROUPS = (
    ("everybody", tree.ROLES),
    ("signed in (已登录)", tree.PERSONS),
    ("any post (任职人员)", tree.POSTS),
    (
        "any post but 审计管理员",
        tuple(role for role in tree.POSTS if role != tree.AUDITOR),
    ),
)

HEAD = """# Who reaches which address

Printed from `tests/scope/rules` by `make access`; do not edit. `make test` walks a covering sample
of this matrix, `make test-long` all of it: every address × every role × own, child, sibling,
superior, foreign and granted unit. An address without a rule fails the test, and so does a rule
without an address, an answer that names anything of a unit out of reach, and a POST that changes a
row which its author may not change.

"Opens" is for GET, "acts" for POST. Where no unit is named the address holds no object: the page
shows what lies within the person's own view. A method that an address does not know is answered by
405. Whoever is not signed in is led to the sign-in page, unless the last column says otherwise.

Reading follows posts in force today: the own unit, everything below it, and what was granted to a
line unit for reading. Acting never follows from a grant. The post of an audit administrator opens
the log and nothing else.

Roles: {roles}.
"""


def page() -> str:
    rooms: dict[str, list[tuple[Pattern, Rule]]] = {}
    for pattern in patterns():
        rooms.setdefault(_room(pattern), []).extend(
            (pattern, rule) for rule in rules_for(pattern)[1]
        )
    parts = [HEAD.format(roles=", ".join(NAMES.values()))]
    for room, rows in rooms.items():
        parts += [
            f"\n## {room}\n",
            "| Address | Opens | Acts | Otherwise | |",
            "|---|---|---|---|---|",
        ]
        parts += [_row(pattern, rule) for pattern, rule in rows]
    return "\n".join(parts) + "\n"


def _room(pattern: Pattern) -> str:
    first = pattern.route.strip("/").partition("/")[0]
    return f"/{first}/" if "/" in pattern.route.strip("/") or first == "admin" else "/"


def _row(pattern: Pattern, rule: Rule) -> str:
    refusal = "" if _open_to_all(rule) else rule.refusal.words
    if rule.stranger.words not in ("sign-in page", rule.refusal.words):
        refusal += f"; not signed in: {rule.stranger.words}"
    cells = (
        f"`{pattern.route}`".replace("|", "\\|"),
        "" if rule.acts_only else _access(rule.reads),
        _access(rule.acts),
        refusal.strip("; "),
        rule.note,
    )
    return f"| {' | '.join(cells)} |"


def _open_to_all(rule: Rule) -> bool:
    """Whether nobody who is signed in is refused."""
    return any(
        set(access.roles) >= set(tree.PERSONS) and access.reach in (EVERYTHING, LIST)
        for access in (rule.reads, rule.acts)
    )


def _access(access: Access) -> str:
    if not access.roles:
        return "–"
    for name, roles in GROUPS:
        if set(access.roles) == set(roles):
            who = name
            break
    else:
        who = "、".join(SHORT[role] for role in tree.ROLES if role in access.roles)
    words = access.reach.words
    return f"{who}: {words}" if words and words != "any unit" else who
