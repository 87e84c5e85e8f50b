"""How the database keeps the cells: triggers on the rows from which they follow.

A cell is worked out anew in the statement that changes one of those rows, whatever writes it: a
form, a worker with a recording's length, Wagtail moving a shelf with all that lies below it, a
shell. So no list can miss a lecture or show one too many. What the triggers were not there for,
`cells_refresh` puts right; `cells_differing` proves stored = derived.
"""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from cms.finding.facets import all_marks
from cms.finding.models import LectureCell

CELLS = "cms_lecturecell"
LECTURES = "cms_lecturepage"
_COLUMNS = ("marks", "path", "live", "is_open", "first_published_at")
_LISTS = ("topics", "audiences")


def _derived(select: str = "") -> str:
    """SQL for the cells as they should be; a condition may follow."""
    from cms.models import LecturePage

    rows = LecturePage.objects.order_by().annotate(marks=all_marks())
    sql, params = rows.values_list("pk", *_COLUMNS).query.sql_with_params()
    said = sql % tuple(map(_literal, params))
    return said.replace(f'SELECT "{LECTURES}"."page_ptr_id" AS "pk", ', f"SELECT {select}", 1)


def _literal(value: Any) -> str:
    return "'{}'".format(value.replace("'", "''")) if isinstance(value, str) else repr(value)


def _put_right(vendor: str, whose: str) -> str:
    columns = ", ".join(_COLUMNS)
    right = f'{_derived()} WHERE "{LECTURES}"."page_ptr_id" = {CELLS}.lecture_id'
    act = f"UPDATE {CELLS} SET ({columns}) = ({right}) WHERE {whose}"
    if vendor == "postgresql":
        # Whoever waits for another writer of the cell must see what that one wrote, and a statement
        # sees what was there when it began.
        act = f"PERFORM 1 FROM {CELLS} WHERE {whose} FOR UPDATE; {act}"
    return act


def _add(which: str) -> str:
    columns = ", ".join(("lecture_id", *_COLUMNS))
    lecture = f'"{LECTURES}"."page_ptr_id"'
    return f"INSERT INTO {CELLS} ({columns}) {_derived(f'{lecture}, ')} WHERE {lecture} {which}"


def _triggers(vendor: str) -> dict[str, tuple[str, str]]:
    """By name: when it fires, and what it does."""
    found = {
        "insert": (f"INSERT ON {LECTURES}", _add("= NEW.page_ptr_id")),
        "update": (f"UPDATE ON {LECTURES}", _put_right(vendor, "lecture_id = NEW.page_ptr_id")),
        "delete": (
            f"DELETE ON {LECTURES}",
            f"DELETE FROM {CELLS} WHERE lecture_id = OLD.page_ptr_id",
        ),
        "page": (
            "UPDATE OF path, live, first_published_at ON wagtailcore_page",
            _put_right(vendor, "lecture_id = NEW.id"),
        ),
        "recording": (
            "UPDATE OF duration ON media_pipeline_videoasset",
            _put_right(
                vendor,
                f"lecture_id IN (SELECT page_ptr_id FROM {LECTURES} WHERE asset_id = NEW.id)",
            ),
        ),
    }
    for words in _LISTS:
        table = f"{LECTURES}_{words}"
        for event, rows in (
            ("INSERT", "NEW.lecturepage_id"),
            ("UPDATE", "OLD.lecturepage_id, NEW.lecturepage_id"),
            ("DELETE", "OLD.lecturepage_id"),
        ):
            act = _put_right(vendor, f"lecture_id IN ({rows})")
            found[f"{words}_{event.lower()}"] = (f"{event} ON {table}", act)
    return found


def cells_install(connection: BaseDatabaseWrapper) -> None:
    """Have the database keep the cells from now on."""
    if connection.vendor == "sqlite":
        cells_remove(connection)
    with connection.cursor() as cursor:
        for name, (when, act) in _triggers(connection.vendor).items():
            if connection.vendor == "sqlite":
                cursor.execute(f"CREATE TRIGGER cms_cell_{name} AFTER {when} BEGIN {act}; END")
                continue
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION cms_cell_{name}() RETURNS trigger LANGUAGE plpgsql "
                f"AS $$BEGIN {act}; RETURN NULL; END$$"
            )
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER cms_cell_{name} AFTER {when} "
                f"FOR EACH ROW EXECUTE FUNCTION cms_cell_{name}()"
            )


def cells_remove(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for name in _triggers(connection.vendor):
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER IF EXISTS cms_cell_{name}")
            else:
                cursor.execute(f"DROP FUNCTION IF EXISTS cms_cell_{name}() CASCADE")


def _differing() -> str:
    columns = ", ".join(("lecture_id", *_COLUMNS))
    stored = f"SELECT {columns} FROM {CELLS}"
    derived = _derived(f'"{LECTURES}"."page_ptr_id" AS lecture_id, ')
    return (
        f"SELECT lecture_id FROM (SELECT * FROM ({derived}) AS a EXCEPT {stored}) AS b "
        f"UNION SELECT lecture_id FROM ({stored} EXCEPT SELECT * FROM ({derived}) AS c) AS d"
    )


def cells_differing(connection: BaseDatabaseWrapper) -> list[int]:
    """Lectures whose cell is not what it should be, missing or too many."""
    with connection.cursor() as cursor:
        cursor.execute(_differing())
        return sorted(pk for (pk,) in cursor.fetchall())


def cells_refresh(connection: BaseDatabaseWrapper) -> int:
    """Put right what differs; how many."""
    if wrong := cells_differing(connection):
        LectureCell.objects.using(connection.alias).filter(pk__in=wrong).delete()
        with connection.cursor() as cursor:
            cursor.execute(_add(f"IN ({', '.join(map(str, wrong))})"))
    return len(wrong)


def before_migrate(sender: Any, using: str, **kwargs: Any) -> None:
    """SQLite remakes tables and refuses while a trigger elsewhere names the one that is remade."""
    if connections[using].vendor == "sqlite":
        cells_remove(connections[using])


def after_migrate(sender: Any, using: str, **kwargs: Any) -> None:
    """Cells follow the filters of this version."""
    connection = connections[using]
    if CELLS in connection.introspection.table_names():
        cells_install(connection)
        cells_refresh(connection)
