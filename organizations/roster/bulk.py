"""New rows by the thousand: COPY where there is PostgreSQL, an ordinary bulk insert elsewhere.

For rows whose keys the database gives and nobody needs at once. No signals, no `save()`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection, models

BATCH = 1000


def rows_insert(model: type[models.Model], rows: Iterable[Any]) -> None:
    """Insert instances without keys, in the transaction that is open."""
    rows = list(rows)
    if not rows:
        return
    if connection.vendor != "postgresql":
        model._default_manager.bulk_create(rows, batch_size=BATCH)
        return
    fields = [field for field in model._meta.local_concrete_fields if not field.primary_key]
    names = [field.attname for field in fields]
    as_json = [isinstance(field, models.JSONField) for field in fields]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    with (
        # COPY speaks past Django's cursor: its errors are Django's, like those of any other insert.
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            values = [getattr(row, name) for name in names]
            copy.write_row(
                [
                    json.dumps(value, ensure_ascii=False) if is_json else value
                    for value, is_json in zip(values, as_json, strict=True)
                ]
            )
