"""A prefecture's worth of people: units, accounts, memberships, tags and posts in bulk.

For measurements only. Counties and townships are those of the demo; branches, people, phones and
codes (P000001 …) are invented. The same numbers give the same rows, on any database. Rows go
past the models' services and signals, by COPY where there is PostgreSQL.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from lms.demo.people import CITY_CODE, CITY_NAME, DIVISIONS
from organizations.models import Membership, Organization, Placement, Post, Tag, User, dimension_of

Kind = Organization.Kind
V = Tag.Value
OPENED = dt.date(2020, 1, 1)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "建国华军明志强伟丽敏静秀英芳玉兰桂春红梅海涛文斌永平凤霞淑珍德福宝成晓东立新长山"
FIELDS = (V.RURAL,) * 12 + (
    *(V.COMMUNITY, V.COMMUNITY, V.COMMUNITY, V.COMMUNITY, V.INSTITUTION),
    *(V.STATE_ENTERPRISE, V.SCHOOL, V.NEW_SECTOR),
)


def prefecture_fill(*, people: int = 200_000, branches: int = 5_000) -> Organization:
    """Fill the configured database and return the city. Needs one without that city."""
    chance = random.Random(2113)
    with transaction.atomic():
        city = Organization.add_root(
            code=CITY_CODE, name=CITY_NAME, kind=Kind.CITY, opened_on=OPENED
        )
        _units(city, branches)
        # By code: paths need not fill in the order in which rows were made.
        branch_ids = list(
            Organization.objects.filter(kind=Kind.BRANCH)
            .within(city)
            .order_by("code")
            .values_list("pk", flat=True)
        )
        now = timezone.now()
        _insert(User, _accounts(people, now, chance))
        accounts = User.objects.filter(code__startswith="P").order_by("code")
        people_ids = list(accounts.values_list("pk", flat=True))
        homes = _homes(len(people_ids), len(branch_ids), chance)
        ties = list(_memberships(people_ids, homes, branch_ids, chance))
        # A tie that is new takes its person's marks with it, as in an import.
        _insert(Tag, _tags(people_ids, homes, len(branch_ids), chance))
        _insert(Post, _secretaries(people_ids, homes, branch_ids))
        _insert(Membership, ties)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # What autovacuum does for tables that grow as they ordinarily do.
            cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM ANALYZE")
    return Organization.objects.get(pk=city.pk)


# -- units -----------------------------------------------------------------------------------------


def _units(city: Organization, branches: int) -> None:
    """Counties and townships of the demo, branches spread evenly below the townships."""
    with DIVISIONS.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    units: list[Organization] = []
    counties: dict[str, Organization] = {}
    townships: list[Organization] = []
    for row in rows:
        county = counties.get(row["county_code"])
        if county is None:
            county = _below(city, row["county_code"], row["county_name"], Kind.COUNTY)
            counties[row["county_code"]] = county
            units.append(county)
        townships.append(_below(county, row["township_code"], row["township_name"], Kind.TOWNSHIP))
    units += townships
    for number in range(branches):
        township = townships[number % len(townships)]
        ordinal = township.numchild + 1
        code = f"{township.code}-{ordinal:04}"
        units.append(_below(township, code, f"{township.name}第{ordinal}党支部(示例)", Kind.BRANCH))
    Organization.objects.bulk_create(units, batch_size=500)
    Organization.objects.filter(pk=city.pk).update(numchild=city.numchild)
    ids = dict(Organization.objects.within(city).values_list("path", "pk"))
    _insert(
        Placement,
        (
            {
                "organization_id": ids[unit.path],
                "parent_id": ids.get(unit.path[: -Organization.steplen]),
                "name": unit.name,
                "kind": unit.kind,
                "path": unit.path,
                "valid_from": OPENED,
            }
            for unit in (city, *units)
        ),
    )


def _below(parent: Organization, code: str, name: str, kind: str) -> Organization:
    """A unit as the next child of its parent, not yet saved; counts it on the parent."""
    parent.numchild += 1
    path = Organization._get_path(parent.path, parent.depth + 1, parent.numchild)
    return Organization(
        path=path, depth=parent.depth + 1, code=code, name=name, kind=kind, opened_on=OPENED
    )


# -- people ----------------------------------------------------------------------------------------


def _accounts(count: int, now: dt.datetime, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Three of five have signed in before; one of twenty has no phone."""
    unusable = make_password(None)
    for number in range(1, count + 1):
        yield {
            "username": f"p{number:06}",
            "code": f"P{number:06}",
            "name": _name(chance),
            "phone": f"199{number:08}" if number % 20 else None,
            "password": unusable,
            "date_joined": now,
            "activated_at": now if number % 5 < 3 else None,
        }


def _name(chance: random.Random) -> str:
    length = 1 if chance.random() < 0.2 else 2
    # Common surnames are far more frequent than others.
    surname = SURNAMES[min(int(chance.expovariate(0.12)), len(SURNAMES) - 1)]
    return surname + "".join(chance.choices(GIVEN, k=length))


def _homes(people: int, branches: int, chance: random.Random) -> list[int]:
    """The number of each person's branch. The first ones go round, so that none is empty."""
    weights = [1 + chance.random() * 4 for _ in range(branches)]
    drawn = chance.choices(range(branches), weights, k=max(people - branches, 0))
    return [*range(min(people, branches)), *drawn]


def _is_learner(number: int) -> bool:
    """Three of a hundred are not members."""
    return number % 33 == 32


def _is_floating(number: int) -> bool:
    """A tenth, without those who are not members."""
    return number % 10 == 7 and not _is_learner(number)


def _memberships(
    people: list[int], homes: list[int], branches: list[int], chance: random.Random
) -> Iterator[dict[str, Any]]:
    for number, (person, home) in enumerate(zip(people, homes, strict=True)):
        since = OPENED + dt.timedelta(days=chance.randrange(1800))
        tie = {"user_id": person, "valid_from": since, "valid_to": None}
        kind = Membership.Kind.LEARNER if _is_learner(number) else Membership.Kind.HOME
        yield tie | {"organization_id": branches[home], "kind": kind}
        if _is_floating(number):
            host = branches[(home + 1 + chance.randrange(len(branches))) % len(branches)]
            yield tie | {"organization_id": host, "kind": Membership.Kind.HOST}
        if number % 50 == 3:  # came from another branch
            before = branches[(home + 17) % len(branches)]
            past = {"valid_from": OPENED - dt.timedelta(days=900), "valid_to": since}
            yield tie | past | {"organization_id": before, "kind": Membership.Kind.HOME}


def _tags(
    people: list[int], homes: list[int], branches: int, chance: random.Random
) -> Iterator[dict[str, Any]]:
    """Field and stage for everybody; one of twenty exempt; some values are rare on purpose, and
    one field stands together in the last tenth of the branches.
    """
    for number, (person, home) in enumerate(zip(people, homes, strict=True)):
        is_last = home >= branches * 9 // 10
        values = [V.GOVERNMENT if is_last else FIELDS[home % len(FIELDS)]]
        if _is_learner(number):
            values.append(chance.choice((V.APPLICANT, V.ACTIVIST, V.CANDIDATE)))
        else:
            values.append(V.PROBATIONARY if number % 40 == 1 else V.FULL)
        if number % 20 == 5:
            values.append(V.EXEMPT)
        if number % 5 == 4:
            values.append(V.RETIRED)
        if _is_floating(number):
            values.append(V.FLOATING_OUT)
        if number % 500 == 11:
            values.append(V.FIRST_SECRETARY)
        if number % 5000 == 12:
            values.append(V.ORGANISATION_CADRE)
        for value in values:
            yield {
                "user_id": person,
                "dimension": str(dimension_of(value)),
                "value": str(value),
                "valid_from": OPENED,
                "valid_to": None,
            }


def _secretaries(
    people: list[int], homes: list[int], branches: list[int]
) -> Iterator[dict[str, Any]]:
    """One in each branch: the first person who belongs to it."""
    seen: set[int] = set()
    for person, home in zip(people, homes, strict=True):
        if home not in seen:
            seen.add(home)
            yield {
                "user_id": person,
                "organization_id": branches[home],
                "role": str(Post.Role.SECRETARY),
                "valid_from": OPENED,
                "valid_to": None,
            }


# -- into the database -----------------------------------------------------------------------------


def _insert(model: type[Model], rows: Iterable[dict[str, Any]]) -> None:
    """Rows by column name; what they leave out gets the field's default."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    defaults = {field.attname: field.get_default() for field in fields}
    columns = ", ".join(f'"{field.column}"' for field in fields)
    complete = ([(defaults | row)[field.attname] for field in fields] for row in rows)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
                for values in complete:
                    copy.write_row(values)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(
                f'INSERT INTO "{table}" ({columns}) VALUES ({marks})',
                (
                    [
                        field.get_db_prep_save(v, connection)
                        for field, v in zip(fields, values, strict=True)
                    ]
                    for values in complete
                ),
            )
