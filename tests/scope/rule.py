"""How a rule about an address is said: who, for which units, and what a refusal looks like."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.scope import tree
from tests.scope.tree import SELF, Viewer


@dataclass(frozen=True)
class Reach:
    """Which objects, by the relation and the unit in which they lie; `words` go to the docs."""

    words: str
    covers: Callable[[Viewer, str, str], bool]  # viewer, unit, relation


EVERYTHING = Reach("any unit", lambda viewer, unit, relation: True)
# The page shows only what is within the person's own view; there is no object in the address.
LIST = Reach("shows the own scope only", lambda viewer, unit, relation: True)
NOTHING = Reach("", lambda viewer, unit, relation: False)
OWN = Reach("what is one's own", lambda viewer, unit, relation: relation == SELF)
MANAGED = Reach("own unit and below", lambda viewer, unit, relation: tree.managed(viewer, unit))
KEPT_ELSEWHERE = Reach(
    "own unit and below, never oneself",
    lambda viewer, unit, relation: relation != SELF and tree.managed(viewer, unit),
)
READ_ELSEWHERE = Reach(
    "own unit and below, granted units, never oneself",
    lambda viewer, unit, relation: relation != SELF and tree.readable(viewer, unit),
)
# Branches have nothing below them.
PARENTS = Reach(
    "own unit and below, down to villages",
    lambda viewer, unit, relation: tree.managed(viewer, unit) and tree.has_shelf(unit),
)
BELOW = Reach(
    "below the own unit",
    lambda viewer, unit, relation: tree.managed(viewer, unit) and unit != viewer.seat,
)
READABLE = Reach(
    "own unit and below, granted units",
    lambda viewer, unit, relation: tree.readable(viewer, unit),
)
READABLE_OR_HOME = Reach(
    "own unit and below, granted units; the home branch",
    lambda viewer, unit, relation: (
        tree.readable(viewer, unit) or (viewer.role == tree.MEMBER and unit == viewer.seat)
    ),
)
READABLE_OR_OWN = Reach(
    "own unit and below, granted units; what is one's own",
    lambda viewer, unit, relation: relation == SELF or tree.readable(viewer, unit),
)
# The unit of a shelf must lie within the seat, and the seat have a shelf itself.
SHELVED = Reach(
    "shelves of the own unit and below",
    lambda viewer, unit, relation: (
        tree.has_shelf(viewer.seat or "branch") and tree.managed(viewer, unit)
    ),
)
# The admin's tree starts right above the own shelf, with nothing but that on it.
SHELVED_OR_ABOVE = Reach(
    "shelves of the own unit and below, and the way to them",
    lambda viewer, unit, relation: (
        SHELVED.covers(viewer, unit, relation)
        or (tree.has_shelf(viewer.seat) and tree.shelf_above(viewer.seat) == unit)
    ),
)


@dataclass(frozen=True)
class Access:
    roles: tuple[str, ...]
    reach: Reach = EVERYTHING

    def allows(self, viewer: Viewer, unit: str, relation: str) -> bool:
        return viewer.role in self.roles and self.reach.covers(viewer, unit, relation)


NOBODY = Access((), NOTHING)
ANYONE = Access(tree.ROLES)
SIGNED_IN = Access(tree.PERSONS)
OWNER = Access(tree.PERSONS, OWN)


@dataclass(frozen=True)
class Refusal:
    """What somebody gets instead: statuses, and where a redirect may lead."""

    words: str
    statuses: tuple[int, ...] = ()
    doors: tuple[str, ...] = ()

    def __or__(self, other: Refusal) -> Refusal:
        return Refusal(
            f"{self.words} or {other.words}",
            self.statuses + other.statuses,
            self.doors + other.doors,
        )

    def is_met_by(self, response: Any) -> bool:
        if response.status_code in (301, 302):
            place = response["Location"].partition("?")[0]
            return any(re.fullmatch(door, place) for door in self.doors)
        # A method that an address knows for nobody says nothing about anybody.
        return response.status_code in (*self.statuses, 405)


# What was posted is kept on a page of its own (401) until its author has signed in again.
SIGN_IN = Refusal("sign-in page", (401,), ("/accounts/login/",))
UNAUTHORISED = Refusal("401", (401,))
FORBIDDEN = Refusal("403", (403,))
ABSENT = Refusal("404", (404,))
MALFORMED = Refusal("400", (400,))
NO_METHOD = Refusal("405", (405,))
UPLOADS = Refusal("the upload page, nothing done", (), ("/upload/",))
HOME = Refusal("home page", (), ("/",))
# People without a post of the library are led to the product's own page, which says 403.
ADMIN_DOOR = Refusal("403 by way of /admin/login/", (), ("/admin/login/",))
SHELF = Refusal("back to the own shelf", (), (r"/admin/pages/\d+/",))
ADMIN_START = Refusal("back to the admin's first page", (), ("/admin/",))
# Wagtail answers the same wish in several ways, depending on what is missing.
WAGTAIL = ADMIN_DOOR | ADMIN_START | FORBIDDEN | ABSENT

# What POST data a rule needs: from the world, the object's unit and the viewer.
Data = Callable[[Any, str, Viewer], dict[str, Any]]


@dataclass(frozen=True)
class Rule:
    """One declared rule for one address, or for a named group of them.

    `reads` says who may GET it, `acts` who may POST; what an act of anybody else must never do is
    change a row. `thing` names the object that fills the address (`World.address`). `paths` write
    addresses out where the pattern is a regular expression or needs a query. `data` is a POST that
    would succeed whoever sends it, and `changes` says that it changes rows for those who may act,
    or for whom of them. An act that changes none says why in `idle`.
    """

    reads: Access
    acts: Access = NOBODY
    thing: str = ""
    refusal: Refusal = ABSENT
    stranger: Refusal = SIGN_IN
    paths: tuple[str, ...] = ()
    data: Data | None = None
    changes: bool | Callable[[Viewer, str], bool] = False
    idle: str = ""
    as_json: bool = False
    verb: str = "POST"
    # A further rule for an address: only what is done there.
    acts_only: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    # Added to the address of a list, one request each: searching, paging, exporting.
    queries: tuple[str, ...] = ()
    # Rows that any visit may write here (the person's own preferences, say).
    writes: tuple[str, ...] = ()
    # Names of anybody may stand there, masked.
    masked: bool = False
    note: str = ""

    def must_change(self, viewer: Viewer, unit: str, relation: str) -> bool:
        """Whether an act of this person at this object changes rows."""
        if not self.acts.allows(viewer, unit, relation):
            return False
        return self.changes(viewer, unit) if callable(self.changes) else self.changes

    def refused(self, viewer: Viewer) -> Refusal:
        return self.stranger if viewer.role == tree.ANONYMOUS else self.refusal
