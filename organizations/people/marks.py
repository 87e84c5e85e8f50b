"""What a roster can be narrowed to: a bit at each tie, and the rows that say if it holds today.

The bits at a tie (`Membership.marks`) are kept by the database (`organizations.people.mark_bits`)
and hold at least what is in force: what ends with a day keeps its bit until the night. They leave
few ties to look at; each of those is asked about in the dated rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Left

from organizations.models import Membership, Post, Tag, User
from organizations.people.mark_bits import RARE_FROM, bits, name_bits
from organizations.people.wish import RosterWish

# So many ties are sorted and looked at one by one in no time.
FEW = 500


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
    """The beginning of the name, which tells most; tags, posts, whether the account is in use."""
    marks = []
    if wish.name:
        # By the row itself: an index of names would be read from the first of that name on.
        beginning = Left("name", len(wish.name))
        people = User.objects.alias(beginning=beginning).filter(beginning=wish.name)
        marks.append(Mark(name_bits(wish.name), people, "pk"))
    for value in wish.tags.values():
        marks.append(Mark(bits(f"tag.{value}"), Tag.objects.current().filter(value=value)))
    if wish.role:
        posts = Post.objects.current()
        posts = posts if wish.role == "any" else posts.filter(role=wish.role)
        marks.append(Mark(bits(f"post.{wish.role}"), posts))
    if wish.account:
        people = User.objects.filter(activated_at__isnull=wish.account == "waiting")
        marks.append(Mark(bits(f"account.{wish.account}"), people, "pk"))
    return marks


def ties_asked(wish: RosterWish) -> QuerySet[Membership]:
    """Ties of people who have what is asked, of any time and unit. One query ahead at most.

    Where few have it they are found at once, by the bits or by a name; where many have it, the list
    is walked through in its own order and will soon be full.
    """
    ties = Membership.objects.all()
    if wish.phone:
        ties = ties.filter(user__phone=wish.phone)
    elif wish.code:
        ties = ties.filter(user__code__in={wish.code, wish.code.upper()})
    marks = marks_asked(wish)
    # The kind of a tie is what its bit says, without any delay.
    asked = bits(f"kind.{wish.kind}") if wish.kind else 0
    for mark in marks:
        asked |= mark.bits
    if not asked:
        return ties
    column, rows = "pk__in", ties.filter(marks__found=asked)
    if wish.name and (len(marks) == 1 or len(wish.name) > 1):
        # Says more than the bits do.
        column, rows = "user__in", User.objects.filter(name__startswith=wish.name)
    # As a number what has the bits is no smaller, by which an index passes most of the others by.
    ties = ties.filter(marks__gte=asked, marks__has=asked)
    if column == "user__in" or asked >> RARE_FROM:
        # By their ids: so a database knows how few they are.
        ids = list(rows.order_by().values_list("pk", flat=True)[: FEW + 1])
        ties = ties.filter(**{column: ids}) if len(ids) <= FEW else ties
    for number, mark in enumerate(marks):
        name = f"mark{number}"
        ties = ties.alias(**{name: mark.of("user")}).filter(**{f"{name}__isnull": False})
    return ties
