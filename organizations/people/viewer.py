"""Who looks at people: the posts of one request's user, and what they may read in clear.

At most one query a request for the posts, one more for a line unit's granted scope. What the user
may do is computed from the same posts that `organizations.permissions` asks for one act at a time.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest

from organizations import scope
from organizations.models import Organization, Post, User
from organizations.people.masking import masked_code, masked_name, masked_phone, names_open
from organizations.permissions import ROSTER_KEEPERS, units_path_covers
from organizations.signin.second_factor.requirement import needs_of


class Viewer:
    def __init__(self, *, user: Any, is_open: bool) -> None:
        self.user = user
        self.is_open = is_open

    @classmethod
    def of(cls, request: HttpRequest) -> Viewer:
        """The one of this request, kept on it."""
        found: Viewer | None = getattr(request, "_people_viewer", None)
        if found is None:
            user: Any = getattr(request, "user", None)
            found = cls(user=user, is_open=user is not None and names_open(request))
            request._people_viewer = found  # type: ignore[attr-defined]
        return found

    @cached_property
    def posts(self) -> list[Post]:
        """Held today, with their units. Of most people none, which their account says already."""
        if self.user is None or not self.user.is_active or not needs_of(self.user).post:
            return []
        return list(Post.objects.current().filter(user=self.user).select_related("organization"))

    @cached_property
    def managed(self) -> list[Organization]:
        """Like `scope.managed_units`."""
        return [one.organization for one in self.posts if one.role != Post.Role.AUDITOR]

    @cached_property
    def readable(self) -> set[str]:
        """Like `scope.readable_paths`."""
        granted = scope.granted_paths((unit.pk, unit.kind) for unit in self.managed)
        return {unit.path for unit in self.managed} | granted

    @cached_property
    def kept(self) -> list[Organization]:
        """Units whose roster the user keeps, with what is below them."""
        return self.units(ROSTER_KEEPERS)

    def units(self, roles: tuple[str, ...]) -> list[Organization]:
        """Like `scope.managed_units` of these roles."""
        return [one.organization for one in self.posts if one.role in roles]

    def reads(self, unit: Organization) -> bool:
        return unit.path.startswith(tuple(self.readable))

    def keeps(self, unit: Organization) -> bool:
        return units_path_covers(self.kept, unit)

    # -- in clear or masked ------------------------------------------------------------------------

    def is_self(self, person: User) -> bool:
        return self.user is not None and person.pk == self.user.pk

    def knows(self, person: User, unit_id: int | None) -> bool:
        """Names are known to who holds a post directly at the person's unit."""
        return self.is_self(person) or self.knows_unit(unit_id)

    def knows_unit(self, unit_id: int | None) -> bool:
        """Whether the names of those who stand in the unit's list are read in clear."""
        return self.is_open or any(unit.pk == unit_id for unit in self.managed)

    def name(self, person: User, unit_id: int | None = None) -> str:
        """`unit_id` is the unit in whose list the person stands, None when unknown."""
        shown = person.name or person.username
        return shown if self.knows(person, unit_id) else masked_name(shown)

    def phone(self, person: User) -> str:
        phone = person.phone or ""
        return phone if self.is_open or self.is_self(person) else masked_phone(phone)

    def code(self, person: User) -> str:
        code = person.code or ""
        return code if self.is_open or self.is_self(person) else masked_code(code)
