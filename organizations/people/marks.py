"""What a roster can be narrowed to, each as the rows that name its people.

A mark is asked in two directions: whether one person has it, or who has it at all. Which of them is
quicker is for `organizations.people.ways` to say; both mean the same.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from organizations.models import Post, Tag, User
from organizations.people.wish import RosterWish


@dataclass(frozen=True)
class Mark:
    # Names the mark where its size is kept.
    key: str
    rows: QuerySet[Any]
    # The column of the rows that names a person.
    column: str = "user"

    @property
    def people(self) -> QuerySet[Any]:
        return self.rows.order_by().values(self.column)

    def of(self, person: str) -> Subquery:
        """The person if they have the mark, else nothing. `person` is the column that names them
        outside.

        A value, not EXISTS: PostgreSQL looks it up row by row instead of making a join of it, and
        finds the value in the index.
        """
        rows = self.rows.order_by().filter(**{self.column: OuterRef(person)})
        return Subquery(rows.values(self.column)[:1])


def marks_asked(wish: RosterWish) -> list[Mark]:
    """Tags, posts, whether the account is in use, the beginning of the name."""
    marks = [
        Mark(f"tag.{value}", Tag.objects.current().filter(value=value))
        for value in wish.tags.values()
    ]
    if wish.role:
        posts = Post.objects.current()
        posts = posts if wish.role == "any" else posts.filter(role=wish.role)
        marks.append(Mark(f"post.{wish.role}", posts))
    if wish.account:
        people = User.objects.filter(activated_at__isnull=wish.account == "waiting")
        marks.append(Mark(f"account.{wish.account}", people, "pk"))
    if wish.name:
        # Sizes are kept under their keys, where no name should be read.
        key = hashlib.sha256(wish.name.encode()).hexdigest()
        marks.append(Mark(f"name.{key}", User.objects.filter(name__startswith=wish.name), "pk"))
    return marks
