"""What somebody asked of a roster: filters and a search, cleaned from the query string.

Anything unknown counts as not asked. A search is exact for phones and codes and takes the
beginning of a name, which is what an index answers at any size.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.http import QueryDict

from organizations.models import DIMENSIONS, Membership, Post
from organizations.people.details import looks_like_identity_card
from organizations.signin.phones import phone_normalise

QUERY_LENGTH = 60
ACCOUNTS = ("waiting", "active")
_CODE = re.compile(r"[0-9A-Za-z._-]*\d[0-9A-Za-z._-]*")


@dataclass(frozen=True)
class RosterWish:
    kind: str = ""
    # By dimension.
    tags: dict[str, str] = field(default_factory=dict)
    role: str = ""
    account: str = ""
    query: str = ""

    @classmethod
    def of(cls, asked: QueryDict) -> RosterWish:
        def one(name: str, known: object) -> str:
            value = asked.get(name, "")
            return value if value in known else ""  # type: ignore[operator]

        query = " ".join(asked.get("q", "").replace("\x00", "").split())[:QUERY_LENGTH]
        tags = {dimension: one(dimension, values) for dimension, values in DIMENSIONS.items()}
        return cls(
            kind=one("kind", Membership.Kind.values),
            tags={dimension: value for dimension, value in tags.items() if value},
            role=one("role", [*Post.Role.values, "any"]),
            account=one("account", ACCOUNTS),
            # Nobody is found by such a number, and it should not stand in addresses.
            query="" if looks_like_identity_card(query) else query,
        )

    @property
    def phone(self) -> str | None:
        """The phone number searched for."""
        return phone_normalise(self.query) if self.query else None

    @property
    def code(self) -> str:
        """The person code searched for: letters of the keyboard with a digit among them."""
        return self.query if _CODE.fullmatch(self.query) and not self.phone else ""

    @property
    def name(self) -> str:
        """The beginning of a name searched for."""
        return "" if self.phone or self.code else self.query

    @property
    def asks(self) -> bool:
        return bool(self.kind or self.tags or self.role or self.account or self.query)

    def address(self, **changes: str) -> str:
        """The query string of the wish with changes, without what is not asked."""
        asked = {
            "q": self.query,
            "kind": self.kind,
            **self.tags,
            "role": self.role,
            "account": self.account,
        }
        return urlencode({key: value for key, value in (asked | changes).items() if value})
