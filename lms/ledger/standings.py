"""What people were, month by month, and what a year therefore asks of each."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q

from lms.ledger.models import HourTarget
from lms.ledger.targets import Category, Month, Target, target_of
from organizations.models import Membership, Post, Tag

LEADING = (Tag.Value.SECRETARY, Tag.Value.TEAM_MEMBER)


def exempt_people(person: str = "user") -> Exists:
    """Whether nothing is asked today of whom this column names: the one definition for all figures,
    lists and reminders.
    """
    return Exists(Tag.objects.current().filter(value=Tag.Value.EXEMPT, user=OuterRef(person)))


def secretaries() -> Q:
    """Of rows that name a `user`: who is a secretary today, whether the roster's tag says so or a
    post on this site.
    """
    tags = Tag.objects.current().filter(value=Tag.Value.SECRETARY)
    posts = Post.objects.current().filter(role=Post.Role.SECRETARY)
    return Q(user__in=tags.values("user")) | Q(user__in=posts.values("user"))


@dataclass(frozen=True, slots=True)
class Standing:
    """`target` is None for somebody of whom nothing is asked: exempt at the end of the year (or
    today, while it runs), or a member in none of its months. Such people stand outside every
    denominator.
    """

    months: tuple[Month, ...]
    is_exempt: bool
    organization: int | None
    target: Decimal | None


def targets_known() -> list[Target]:
    rows = HourTarget.objects.select_related("organization")
    return [one.target() for one in rows]


def targets_in_force(year: int) -> list[HourTarget]:
    """What is set for a year, by category, then unit: of each the newest that began by then."""
    rows = HourTarget.objects.select_related("organization").filter(year__lte=year)
    found = {(one.category, one.organization_id): one for one in rows.order_by("year")}
    return sorted(found.values(), key=lambda one: (one.category, one.target().path))


def target_years(today: dt.date) -> list[int]:
    """The last year, this one, the next, and later ones for which something is set."""
    later = HourTarget.objects.filter(year__gt=today.year + 1).values_list("year", flat=True)
    return sorted({today.year - 1, today.year, today.year + 1, *later})


def people_standing(
    user_ids: Collection[int],
    *,
    year: int,
    today: dt.date,
    targets: Sequence[Target] | None = None,
) -> dict[int, Standing]:
    """Four queries for any number of people."""
    known = targets_known() if targets is None else targets
    last = min(dt.date(year, 12, 31), max(today, dt.date(year, 1, 1)))
    homes = _dated(
        Membership.objects.filter(kind=Membership.Kind.HOME), user_ids,
        "organization_id", "organization__path",
    )  # fmt: skip
    tags = _dated(Tag.objects.filter(value__in=(*LEADING, Tag.Value.EXEMPT)), user_ids, "value")
    posts = _dated(Post.objects.filter(role=Post.Role.SECRETARY), user_ids, "role")
    found = {}
    for user in user_ids:
        months = tuple(
            _month(homes[user], tags[user], posts[user], dt.date(year, number, 1))
            for number in range(1, 13)
        )
        is_exempt = Tag.Value.EXEMPT in {value for (value,) in _on(tags[user], last)}
        home = _on(homes[user], last)
        asked = any(month.category and not month.is_exempt for month in months)
        found[user] = Standing(
            months=months,
            is_exempt=is_exempt,
            organization=home[0][0] if home else None,
            target=target_of(known, year=year, months=months) if asked and not is_exempt else None,
        )
    return found


Row = tuple[dt.date, dt.date | None, tuple[Any, ...]]


def _dated(rows: Any, user_ids: Collection[int], *names: str) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    rows = rows.filter(user__in=user_ids).order_by("valid_from", "pk")
    for user, first, end, *facts in rows.values_list("user_id", "valid_from", "valid_to", *names):
        found[user].append((first, end, tuple(facts)))
    return found


def _on(rows: list[Row], day: dt.date) -> list[tuple[Any, ...]]:
    return [facts for first, end, facts in rows if first <= day and (end is None or day < end)]


def _month(homes: list[Row], tags: list[Row], posts: list[Row], day: dt.date) -> Month:
    home = _on(homes, day)
    if not home:
        return Month(None)
    values = {value for (value,) in _on(tags, day)}
    leads = bool(values.intersection(LEADING)) or bool(_on(posts, day))
    return Month(
        category=Category.LEADING if leads else Category.MEMBER,
        path=home[0][1],
        is_exempt=Tag.Value.EXEMPT in values,
    )
