"""Which bit of `Membership.marks` stands for what, and the triggers by which they are kept.

A tie's bits say what its person is tagged with, which posts they hold, whether they use their
account, how their name begins, and of which kind the tie is. They are worked out anew whenever one
of those rows is written, by whatever writes it: a service, a file of 200,000 people, a shell. They
may say too much (something that ended today, two names that share a bit), never too
little; `marks_refresh` takes off each night what has ended since.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

# The first character of a name has one of these bits, the first two together have one of those.
FIRST_FROM, FIRSTS = 0, 13
PAIR_FROM, PAIRS = 13, 12
# Stored in every tie: a number is never given to something else. The text behind the dot is the
# value of the row. What fewer people have comes later, so that the numbers of most ties are too
# small to be looked at when it is asked for. All 63 bits that are not a sign are taken.
NUMBERS = {
    "kind.home": 25,
    "tag.full": 26,
    "account.active": 27,
    "account.waiting": 28,
    "tag.rural": 29,
    "tag.community": 30,
    "tag.school": 31,
    "tag.government": 32,
    "tag.institution": 33,
    "tag.state_enterprise": 34,
    "tag.new_sector": 35,
    "tag.retired": 36,
    "kind.floating_host": 37,
    "tag.floating_out": 38,
    "tag.exempt": 39,
    "tag.probationary": 40,
    "kind.learner": 41,
    "tag.applicant": 42,
    "tag.activist": 43,
    "tag.candidate": 44,
    "tag.floating_in": 45,
    "post.any": 46,
    "post.secretary": 47,
    "tag.secretary": 48,
    "tag.team_member": 49,
    "tag.village_committee": 50,
    "tag.affairs_worker": 51,
    "tag.resident_official": 52,
    "tag.community_worker": 53,
    "tag.first_secretary": 54,
    "tag.organisation_cadre": 55,
    "post.affairs_officer": 56,
    "post.site_operator": 57,
    "post.reviewer": 58,
    "post.curator": 59,
    "post.administrator": 60,
    "post.security": 61,
    "post.auditor": 62,
}
# Half of all people and more have what is below this; to list them all by a bit takes long.
RARE_FROM = NUMBERS["tag.community"]


def bits(key: str) -> int:
    return 1 << NUMBERS[key]


def name_bits(beginning: str) -> int:
    """What everybody has whose name begins so."""
    first, *more = map(ord, beginning[:2])
    found = 1 << FIRST_FROM + first % FIRSTS
    return found | 1 << PAIR_FROM + (3 * first + more[0]) % PAIRS if more else found


# -- the same in the database's words ------------------------------------------------------------

TIES = "organizations_membership"
_ONE = "CAST(1 AS bigint)"
# Days are compared with one that is past everywhere on earth: the database has its own clock.
_YESTERDAY = {"postgresql": "CURRENT_DATE - 1", "sqlite": "date('now', '-1 day')"}
# The code of a character of a name, 0 beyond its end.
_CODE = {
    "postgresql": "ascii(substr(name, {}, 1))",
    "sqlite": "COALESCE(unicode(substr(name, {}, 1)), 0)",
}


def _case(column: str, prefix: str) -> str:
    numbers = (
        (key.removeprefix(prefix), number)
        for key, number in NUMBERS.items()
        if key.startswith(prefix)
    )
    cases = " ".join(f"WHEN '{value}' THEN {1 << number}" for value, number in numbers)
    return f"(CASE {column} {cases} ELSE 0 END)"


def marks_sql(vendor: str, person: str, kind: str) -> str:
    """An expression for the marks of a tie of this kind that this person has."""
    lasts = f"user_id = {person} AND (valid_to IS NULL OR valid_to > {_YESTERDAY[vendor]})"
    # Of tags and posts each bit once; SQLite has no other way to put them together.
    together = {"postgresql": "bit_or({})", "sqlite": "SUM(DISTINCT {})"}[vendor]
    tags, posts = together.format(_case("value", "tag.")), together.format(_case("role", "post."))
    account = (
        f"CASE WHEN activated_at IS NULL THEN {bits('account.waiting')} "
        f"ELSE {bits('account.active')} END"
    )
    first, second = (_CODE[vendor].format(place) for place in (1, 2))
    name = f"({_ONE} << ({FIRST_FROM} + {first} % {FIRSTS}))"
    name += f" | ({_ONE} << ({PAIR_FROM} + (3 * {first} + {second}) % {PAIRS}))"
    return " | ".join(
        (
            f"COALESCE((SELECT {tags} FROM organizations_tag WHERE {lasts}), 0)",
            f"COALESCE((SELECT {posts} | {bits('post.any')} FROM organizations_post "
            f"WHERE {lasts}), 0)",
            f"COALESCE((SELECT {account} | {name} FROM organizations_user WHERE id = {person}), 0)",
            _case(kind, "kind."),
        )
    )


def _put_right(vendor: str, whose: str) -> str:
    right = "roster_marks(user_id, kind)"
    if vendor == "sqlite":
        right = f"({marks_sql(vendor, f'{TIES}.user_id', f'{TIES}.kind')})"
    return f"UPDATE {TIES} SET marks = {right} WHERE {whose} AND marks <> {right}"


_HELD = ("organizations_tag", "organizations_post")


def _postgresql() -> list[str]:
    head = "CREATE OR REPLACE FUNCTION"
    changed = "user_id IN (SELECT user_id FROM changed)"
    held = (
        "PERFORM 1 FROM organizations_user WHERE id IN (SELECT user_id FROM changed) "
        "ORDER BY id FOR NO KEY UPDATE; "
    )
    renamed = (
        "user_id IN (SELECT changed.id FROM changed JOIN before ON before.id = changed.id WHERE "
        "changed.name <> before.name OR "
        "(changed.activated_at IS NULL) <> (before.activated_at IS NULL))"
    )
    found = [
        # In plpgsql, which keeps its plan: there may be some hundred thousand ties to work out.
        f"{head} roster_marks(person bigint, tie_kind text) RETURNS bigint LANGUAGE plpgsql STABLE "
        f"AS $$BEGIN RETURN {marks_sql('postgresql', 'person', 'tie_kind')}; END$$;",
        f"{head} roster_mark_tie() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
        # A tie that is new is not seen yet by whoever gives its person a tag meanwhile, nor is the
        # tag by the tie: one waits for the other.
        "IF TG_OP = 'INSERT' OR NEW.user_id <> OLD.user_id THEN "
        "PERFORM 1 FROM organizations_user WHERE id = NEW.user_id FOR SHARE; END IF; "
        "NEW.marks := roster_marks(NEW.user_id, NEW.kind); RETURN NEW; END$$;",
        # A tie that is written works its marks out. To ask first whether they are other ones would
        # work them out for everybody's ties wherever the planner reads them all.
        *(
            f"{head} {name}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
            f"{first}UPDATE {TIES} SET marks = 0 WHERE {whose}; RETURN NULL; END$$;"
            for name, first, whose in (
                ("roster_mark_people", held, changed),
                ("roster_mark_accounts", "", renamed),
            )
        ),
        f"CREATE OR REPLACE TRIGGER roster_tie BEFORE INSERT OR UPDATE OF user_id, kind, marks "
        f"ON {TIES} FOR EACH ROW EXECUTE FUNCTION roster_mark_tie();",
    ]
    for table in _HELD:
        for event, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            found.append(
                f"CREATE OR REPLACE TRIGGER roster_{event.lower()} AFTER {event} ON {table} "
                f"REFERENCING {rows} TABLE AS changed "
                "FOR EACH STATEMENT EXECUTE FUNCTION roster_mark_people();"
            )
    found.append(
        "CREATE OR REPLACE TRIGGER roster_update AFTER UPDATE ON organizations_user "
        "REFERENCING OLD TABLE AS before NEW TABLE AS changed "
        "FOR EACH STATEMENT EXECUTE FUNCTION roster_mark_accounts();"
    )
    return found


def _sqlite_triggers() -> dict[str, str]:
    """When they fire and what they do, by name. What one of them writes wakes none of them."""
    ties = _put_right("sqlite", "id = NEW.id")
    found = {
        "roster_tie_insert": f"AFTER INSERT ON {TIES} BEGIN {ties}",
        "roster_tie_update": f"AFTER UPDATE OF user_id, kind, marks ON {TIES} BEGIN {ties}",
        "roster_user_update": "AFTER UPDATE OF name, activated_at ON organizations_user BEGIN "
        + _put_right("sqlite", "user_id = NEW.id"),
    }
    for table in _HELD:
        for event, row in (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD")):
            act = _put_right("sqlite", f"user_id = {row}.user_id")
            found[f"{table}_{event}"] = f"AFTER {event} ON {table} BEGIN {act}"
    return found


def marks_install(connection: BaseDatabaseWrapper) -> None:
    """Have the database keep the marks from now on."""
    if connection.vendor == "postgresql":
        _execute(connection, _postgresql())
    else:
        marks_remove(connection)
        triggers = _sqlite_triggers().items()
        _execute(connection, [f"CREATE TRIGGER {name} {what}; END;" for name, what in triggers])


def marks_remove(connection: BaseDatabaseWrapper) -> None:
    if connection.vendor == "postgresql":
        functions = ("roster_mark_tie", "roster_mark_people", "roster_mark_accounts")
        _execute(connection, [f"DROP FUNCTION IF EXISTS {one}() CASCADE;" for one in functions])
    else:
        _execute(connection, [f"DROP TRIGGER IF EXISTS {name};" for name in _sqlite_triggers()])


def marks_index(connection: BaseDatabaseWrapper) -> None:
    """Who has a bit, found at once (`MarksField`). Without statistics, which would be made of
    every tie's bits and say nothing of those who have several. Called dear, so that nobody works
    out what the index has.
    """
    if connection.vendor == "postgresql":
        statements = (
            "CREATE OR REPLACE FUNCTION roster_bits(marks bigint) RETURNS smallint[] "
            "LANGUAGE plpgsql IMMUTABLE STRICT COST 100000 AS $$DECLARE found smallint[] := '{}'; "
            f"BEGIN FOR number IN 0..62 LOOP IF marks & ({_ONE} << number) <> 0 THEN "
            "found := found || number::smallint; END IF; END LOOP; RETURN found; END$$;",
            f"CREATE INDEX membership_marks ON {TIES} "
            "USING gin (roster_bits(marks)) WITH (fastupdate = off);",
            "ALTER INDEX membership_marks ALTER COLUMN 1 SET STATISTICS 0;",
        )
        _execute(connection, statements)


def marks_refresh(connection: BaseDatabaseWrapper) -> int:
    """Work out all marks; how many ties had others. What ended yesterday loses its bit."""
    with connection.cursor() as cursor:
        cursor.execute(_put_right(connection.vendor, "TRUE"))
        return int(cursor.rowcount)


def before_migrate(sender: Any, using: str, **kwargs: Any) -> None:
    """SQLite remakes tables and refuses while a trigger elsewhere names the one that is remade."""
    from django.db import connections

    if connections[using].vendor == "sqlite":
        marks_remove(connections[using])


def after_migrate(sender: Any, using: str, **kwargs: Any) -> None:
    """SQLite also forgets the triggers of a table that is remade."""
    from django.db import connections

    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        if TIES not in connection.introspection.table_names(cursor):
            return
        about = connection.introspection.get_table_description(cursor, TIES)
    if any(column.name == "marks" for column in about):
        marks_install(connection)
        marks_refresh(connection)


def _execute(connection: BaseDatabaseWrapper, statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
