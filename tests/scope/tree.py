"""The small prefecture of the scope matrix and who sits where in it. Pure: no rows, no Django.

What a person may reach is worked out here once more, from this table alone, so that the matrix
does not ask the code it judges.
"""

from __future__ import annotations

from dataclasses import dataclass

# Unit → (kind, unit above). The line unit may read the far township, by grant.
UNITS: dict[str, tuple[str, str]] = {
    "city": ("city", ""),
    "county": ("county", "city"),
    "township": ("township", "county"),
    "branch": ("branch", "township"),
    "next_branch": ("branch", "township"),
    "next_township": ("township", "county"),
    "far_county": ("county", "city"),
    "far_township": ("township", "far_county"),
    "far_branch": ("branch", "far_township"),
    "line": ("line", "city"),
    "line_branch": ("branch", "line"),
}
GRANTS = {"line": "far_township"}

# Where a unit can be moved to, what can take it over, and which branch can take its people: each
# within the reach of as few as the tree allows.
MOVES_TO = {
    "branch": "next_township",
    "next_branch": "next_township",
    "township": "far_county",
    "next_township": "far_county",
    "far_branch": "county",
    "far_township": "county",
    "line_branch": "county",
}
# Not where somebody of the matrix sits: no unit goes whose posts the actor could not end.
MERGES_INTO = {
    "next_branch": "branch",
    "next_township": "township",
    "far_county": "county",
    "far_township": "township",
    "far_branch": "branch",
    "line_branch": "branch",
}
RECEIVES = {
    "branch": "next_branch",
    "next_branch": "branch",
    "far_county": "far_branch",
    "far_township": "far_branch",
    "line": "line_branch",
}

# Seat → which unit stands for which relation, seen from there.
RELATIONS: dict[str, dict[str, str]] = {
    "": {"foreign": "branch"},
    "branch": {
        "own": "branch",
        "sibling": "next_branch",
        "above": "township",
        "foreign": "far_branch",
    },
    "township": {
        "own": "township",
        "child": "branch",
        "sibling": "next_township",
        "above": "county",
        "foreign": "far_branch",
    },
    "county": {
        "own": "county",
        "child": "branch",
        "sibling": "far_county",
        "above": "city",
        "foreign": "line_branch",
    },
    "city": {"own": "city", "child": "far_branch"},
    "line": {
        "own": "line",
        "child": "line_branch",
        "granted": "far_branch",
        "sibling": "county",
        "above": "city",
        "foreign": "branch",
    },
}
# What is the person's own, whatever the unit.
SELF = "self"

ANONYMOUS, MEMBER, LEARNER = "anonymous", "member", "learner"
SECRETARY, OFFICER, OPERATOR = "secretary", "affairs_officer", "site_operator"
REVIEWER, CURATOR = "reviewer", "curator"
ADMINISTRATOR, SECURITY, AUDITOR = "administrator", "security", "auditor"
POSTS = (
    SECRETARY,
    OFFICER,
    OPERATOR,
    REVIEWER,
    CURATOR,
    ADMINISTRATOR,
    SECURITY,
    AUDITOR,
)
PERSONS = (MEMBER, LEARNER, *POSTS)
ROLES = (ANONYMOUS, *PERSONS)


@dataclass(frozen=True)
class Viewer:
    """One person of the matrix: a role at a seat."""

    role: str
    seat: str = ""

    def __str__(self) -> str:
        return f"{self.role}@{self.seat}" if self.seat else self.role

    @property
    def holds_post(self) -> bool:
        return self.role in POSTS

    def relations(self) -> dict[str, str]:
        return RELATIONS[self.seat]


# Each role once, where it is at home, and a line unit that reads elsewhere by grant.
SAMPLE = (
    Viewer(ANONYMOUS),
    Viewer(MEMBER, "branch"),
    Viewer(LEARNER, "branch"),
    Viewer(SECRETARY, "branch"),
    Viewer(OFFICER, "township"),
    Viewer(OPERATOR, "branch"),
    Viewer(REVIEWER, "township"),
    Viewer(CURATOR, "township"),
    Viewer(ADMINISTRATOR, "township"),
    Viewer(SECURITY, "township"),
    Viewer(AUDITOR, "city"),
    Viewer(OFFICER, "line"),
    Viewer(CURATOR, "line"),
)
ALL = (
    *SAMPLE,
    *(
        Viewer(role, seat)
        for seat in ("county", "city")
        for role in (OFFICER, OPERATOR, REVIEWER, CURATOR, ADMINISTRATOR, SECURITY)
    ),
    Viewer(ADMINISTRATOR, "line"),
    Viewer(SECURITY, "line"),
    Viewer(REVIEWER, "branch"),
    Viewer(CURATOR, "branch"),
    Viewer(MEMBER, "line"),
)


def above(unit: str) -> list[str]:
    """The unit and everything above it."""
    chain = [unit]
    while UNITS[chain[-1]][1]:
        chain.append(UNITS[chain[-1]][1])
    return chain


def within(unit: str, seat: str) -> bool:
    """Whether the unit is the seat or lies below it."""
    return bool(seat) and seat in above(unit)


def managed(viewer: Viewer, unit: str) -> bool:
    return viewer.holds_post and viewer.role != AUDITOR and within(unit, viewer.seat)


def readable(viewer: Viewer, unit: str) -> bool:
    """Managed, or granted to the line unit in which the post is."""
    if managed(viewer, unit):
        return True
    granted = GRANTS.get(viewer.seat, "")
    return viewer.holds_post and viewer.role != AUDITOR and within(unit, granted)


def receiver(unit: str) -> str:
    """The branch to which somebody of the unit can go."""
    return RECEIVES.get(unit, "branch")


def has_shelf(unit: str) -> bool:
    return UNITS[unit][0] != "branch"


def shelf_unit(unit: str) -> str:
    """The unit on whose shelf the lectures of a unit stand."""
    return next(one for one in above(unit) if has_shelf(one))


def shelf_above(unit: str) -> str:
    """The unit on whose shelf the unit's shelf stands; none for those directly in the library."""
    kind, parent = UNITS[unit]
    return "" if kind in ("city", "county") else parent
