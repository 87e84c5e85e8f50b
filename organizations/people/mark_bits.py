"""Which bit of `Membership.marks` stands for what, and the triggers by which they are kept.

A tie's bits say what its person is tagged with, which posts they hold, whether they use their
account, how their name begins, and of which kind the tie is. They are worked out anew whenever one
of those rows is written, by whatever writes it: a service, a file of 200,000 people, a shell. They
may say too much (something that ended today, two beginnings of names that share a bit), never too
little; `marks_refresh` takes off each night what has ended since.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

# Stored in every tie: a number is never given to something else. The text behind the dot is the
# value of the row. 51 bits are taken of 63.
NUMBERS = {
    "tag.applicant": 0,
    "tag.activist": 1,
    "tag.candidate": 2,
    "tag.probationary": 3,
    "tag.full": 4,
    "tag.rural": 5,
    "tag.community": 6,
    "tag.government": 7,
    "tag.institution": 8,
    "tag.state_enterprise": 9,
    "tag.school": 10,
    "tag.new_sector": 11,
    "tag.secretary": 12,
    "tag.team_member": 13,
    "tag.village_committee": 14,
    "tag.resident_official": 15,
    "tag.first_secretary": 16,
    "tag.affairs_worker": 17,
    "tag.organisation_cadre": 18,
    "tag.community_worker": 19,
    "tag.floating_out": 20,
    "tag.floating_in": 21,
    "tag.retired": 22,
    "tag.exempt": 23,
    "post.secretary": 24,
    "post.affairs_officer": 25,
    "post.site_operator": 26,
    "post.reviewer": 27,
    "post.curator": 28,
    "post.administrator": 29,
    "post.security": 30,
    "post.auditor": 31,
    "post.any": 32,
    "account.waiting": 33,
    "account.active": 34,
    "kind.home": 35,
    "kind.floating_host": 36,
    "kind.learner": 37,
}
# The first character of a name has one of these bits, the first two together one as well. Letters
# that differ in case share theirs: SQLite does not tell them apart either.
NAMES_FROM, NAMES = 40, 16


def bits(key: str) -> int:
    return 1 << NUMBERS[key]


def name_bits(beginning: str) -> int:
    """What everybody has whose name begins so."""
    codes = [ord(sign) for sign in beginning[:2]]
    found = 1 << NAMES_FROM + codes[0] % NAMES
    if len(codes) == 2:
        found |= 1 << NAMES_FROM + (3 * codes[0] + codes[1]) % NAMES
    return found


# -- the same in the database's words ------------------------------------------------------------

TIES = "organizations_membership"
_ONE = "CAST(1 AS bigint)"
# Days are compared with one that is past everywhere on earth: the database has its own clock.
_YESTERDAY = {"postgresql": "CURRENT_DATE - 1", "sqlite": "date('now', '-1 day')"}
_CODE = {"postgresql": "ascii", "sqlite": "unicode"}


def _case(column: str, prefix: str) -> str:
    numbers = (
        (key.removeprefix(prefix), number)
        for key, number in NUMBERS.items()
        if key.startswith(prefix)
    )
    cases = " ".join(f"WHEN '{value}' THEN {1 << number}" for value, number in numbers)
    return f"CASE {column} {cases} ELSE 0 END"


def marks_sql(vendor: str, person: str, kind: str) -> str:
    """An expression for the marks of a tie of this kind that this person has."""
    lasts = f"user_id = {person} AND (valid_to IS NULL OR valid_to > {_YESTERDAY[vendor]})"
    first, second = (f"{_CODE[vendor]}(substr(name, {place}, 1))" for place in (1, 2))
    account = f"CASE WHEN activated_at IS NULL THEN {bits('account.waiting')} ELSE "
    account += f"{bits('account.active')} END"
    rows = (
        f"SELECT {_case('value', 'tag.')} AS bit FROM organizations_tag WHERE {lasts}",
        f"SELECT {_case('role', 'post.')} FROM organizations_post WHERE {lasts}",
        f"SELECT {bits('post.any')} FROM organizations_post WHERE {lasts}",
        *(
            f"SELECT {what} FROM organizations_user WHERE id = {person}"
            for what in (
                account,
                f"{_ONE} << ({NAMES_FROM} + {first} % {NAMES})",
                f"{_ONE} << ({NAMES_FROM} + (3 * {first} + {second}) % {NAMES})",
            )
        ),
        f"SELECT {_case(kind, 'kind.')}",
    )
    # Each bit once, so that a sum is what they are together.
    return f"(SELECT CAST(SUM(bit) AS bigint) FROM ({' UNION '.join(rows)}) AS bits)"


def _put_right(vendor: str, whose: str) -> str:
    right = "roster_marks(user_id, kind)"
    if vendor == "sqlite":
        right = marks_sql(vendor, f"{TIES}.user_id", f"{TIES}.kind")
    return f"UPDATE {TIES} SET marks = {right} WHERE {whose} AND marks <> {right}"


_HELD = ("organizations_tag", "organizations_post")


def _postgresql() -> list[str]:
    head = "CREATE OR REPLACE FUNCTION"
    changed = "user_id IN (SELECT user_id FROM changed)"
    renamed = (
        "user_id IN (SELECT changed.id FROM changed JOIN before ON before.id = changed.id WHERE "
        "changed.name <> before.name OR "
        "(changed.activated_at IS NULL) <> (before.activated_at IS NULL))"
    )
    found = [
        f"{head} roster_marks(person bigint, kind text) RETURNS bigint LANGUAGE sql STABLE "
        f"AS $$SELECT {marks_sql('postgresql', 'person', 'kind')}$$;",
        f"{head} roster_mark_tie() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
        "NEW.marks := roster_marks(NEW.user_id, NEW.kind); RETURN NEW; END$$;",
        *(
            f"{head} {name}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
            f"{_put_right('postgresql', whose)}; RETURN NULL; END$$;"
            for name, whose in (
                ("roster_mark_people", changed),
                ("roster_mark_accounts", renamed),
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
        functions = ("_tie()", "_people()", "_accounts()")
        drop = [f"DROP FUNCTION IF EXISTS roster_mark{name} CASCADE;" for name in functions]
        _execute(connection, [*drop, "DROP FUNCTION IF EXISTS roster_marks(bigint, text);"])
    else:
        _execute(connection, [f"DROP TRIGGER IF EXISTS {name};" for name in _sqlite_triggers()])


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


def _execute(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
