"""What a roster can be narrowed to: a bit at each tie, and the rows that say if it holds today.

The bits at a tie (`Membership.marks`) are kept by the database (`organizations.people.mark_bits`)
and hold at least what is in force: what ends with a day keeps its bit until the night. They leave
few ties to look at; each of those is asked about in the dated rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, ExpressionWrapper, F, OuterRef, QuerySet, Subquery

from organizations.models import Membership, Post, Tag, User
from organizations.people.mark_bits import bits, name_bits
from organizations.people.wish import RosterWish


@dataclass(frozen=True)
class Mark:
    bits: int
    rows: QuerySet[Any]
    # The column of the rows that names a person.
    column: str = "user"

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
        Mark(bits(f"tag.{value}"), Tag.objects.current().filter(value=value))
        for value in wish.tags.values()
    ]
    if wish.role:
        posts = Post.objects.current()
        posts = posts if wish.role == "any" else posts.filter(role=wish.role)
        marks.append(Mark(bits(f"post.{wish.role}"), posts))
    if wish.account:
        people = User.objects.filter(activated_at__isnull=wish.account == "waiting")
        marks.append(Mark(bits(f"account.{wish.account}"), people, "pk"))
    if wish.name:
        people = User.objects.filter(name__startswith=wish.name)
        marks.append(Mark(name_bits(wish.name), people, "pk"))
    return marks


def ties_asked(ties: QuerySet[Membership], wish: RosterWish) -> QuerySet[Membership]:
    """What a wish leaves of the ties that a viewer may see."""
    if wish.phone:
        ties = ties.filter(user__phone=wish.phone)
    elif wish.code:
        ties = ties.filter(user__code__in={wish.code, wish.code.upper()})
    marks = marks_asked(wish)
    asked = bits(f"kind.{wish.kind}") if wish.kind else 0
    for mark in marks:
        asked |= mark.bits
    if asked:
        # Of the wide kind on both sides; else the number would be out of bounds for Django.
        held = ExpressionWrapper(F("marks").bitand(asked), BigIntegerField())
        ties = ties.alias(held=held).filter(held=asked)
    if wish.kind:
        ties = ties.filter(kind=wish.kind)
    for number, mark in enumerate(marks):
        name = f"mark{number}"
        ties = ties.alias(**{name: mark.of("user")}).filter(**{f"{name}__isnull": False})
    return ties
