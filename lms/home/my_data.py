"""A copy of one's own data to take away: data.json and the same as a page to read.

What stands in it comes from `organizations.privacy.holdings`; nothing about other people does.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from audit.log import record
from organizations.privacy.holdings import Section, machine, sections, shown

FORMAT = "lectern-own-data/1"
READABLE = "我的数据.html"
# The newest of each section. Only the log of somebody who imports rosters is longer than that.
MOST_ROWS = 10_000


def data_export(
    *, person: Any, request: HttpRequest | None = None, now: dt.datetime | None = None
) -> bytes:
    """The zip file; logged with how much was in it."""
    now = now or timezone.now()
    found = list(sections(person=person))
    rows = {name: list(section.rows[:MOST_ROWS]) for name, section in found}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", _as_json(found, rows, now))
        archive.writestr(READABLE, _as_page(found, rows, person, now))
    record(
        "data.export",
        actor=person,
        target=person,
        request=request,
        rows={name: len(one) for name, one in rows.items() if one},
    )
    return file.getvalue()


def printed(section: Section, rows: Any) -> list[list[tuple[str, str]]]:
    """Rows as (what it is called, what it says), without what is empty."""
    return [
        [(label, text) for key, label in section.labels.items() if (text := shown(row.get(key)))]
        for row in rows
    ]


def _as_json(found: list[tuple[str, Section]], rows: dict[str, list[Any]], now: dt.datetime) -> str:
    content = {
        "format": FORMAT,
        "site": settings.SITE_FIELDS["name"],
        "made_at": machine(now),
        "sections": {
            name: {
                "title": section.title,
                "purpose": section.why,
                "kept": section.kept,
                "labels": dict(section.labels),
                "left_out": section.count - len(rows[name]),
                "rows": [{key: machine(value) for key, value in row.items()} for row in rows[name]],
            }
            for name, section in found
        },
    }
    return json.dumps(content, ensure_ascii=False, indent=2)


def _as_page(
    found: list[tuple[str, Section]], rows: dict[str, list[Any]], person: Any, now: dt.datetime
) -> str:
    tables = [
        {
            "section": section,
            "labels": list(section.labels.values()),
            "left_out": section.count - len(rows[name]),
            "rows": [[shown(row.get(key)) for key in section.labels] for row in rows[name]],
        }
        for name, section in found
    ]
    context = {
        "tables": tables,
        "person": person,
        "made_at": now,
        "site_name": settings.SITE_FIELDS["name"],
    }
    return render_to_string("privacy/export.html", context)
