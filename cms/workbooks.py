"""Lists and figures as workbooks: every cell text, no formula, with who took them and when."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from organizations.roster.writing import SheetWriter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook_response(
    *,
    title: str,
    about: str,
    user: Any,
    head: Sequence[str],
    widths: Sequence[int],
    rows: Iterable[Sequence[str]],
    foot: Sequence[Sequence[str]] = (),
) -> HttpResponse:
    """A workbook of one sheet; `about` says of what and which period, `foot` are sums."""
    mark = _("Exported by %(who)s on %(when)s") % {
        "who": user.name,
        "when": date_format(timezone.localtime(), "Y-m-d H:i"),
    }
    writer = SheetWriter(title=title, widths=widths)
    writer.watermark(mark)
    writer.title(title)
    if about:
        writer.line(about)
    writer.head(head)
    writer.rows(rows)
    writer.rows(foot)
    # The mark in front tells an import that this is no row.
    writer.line(f"※ {mark}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.xlsx"
        writer.save(path)
        body = path.read_bytes()
    name = content_disposition_header(True, f"{title}.xlsx")
    response = HttpResponse(body, content_type=XLSX, headers={"Content-Disposition": name})
    response.headers["Cache-Control"] = "no-store, private"
    return response
