"""Lists and figures as workbooks: every cell text, no formula, with who took them and when."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
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
    mark = _mark(user)
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
    return HttpResponse(body, content_type=XLSX, headers=_headers(title))


def workbook_stream(
    *,
    title: str,
    lines: Sequence[str],
    user: Any,
    head: Sequence[str],
    widths: Sequence[int],
    rows: Iterable[Sequence[str]],
) -> StreamingHttpResponse:
    """A workbook that is sent while it is written, so that its memory does not grow with its rows.
    `lines` stand below the title, over the whole width; the last of the rows may be sums.
    """
    mark = _mark(user)
    writer = SheetWriter(title=title, widths=widths)
    writer.watermark(mark)
    writer.title(title)
    for text in (*lines, f"※ {mark}"):
        writer.line(text)
    writer.head(head)
    return StreamingHttpResponse(writer.stream(rows), content_type=XLSX, headers=_headers(title))


def _mark(user: Any) -> str:
    return _("Exported by %(who)s on %(when)s") % {
        "who": user.name,
        "when": date_format(timezone.localtime(), "Y-m-d H:i"),
    }


def _headers(title: str) -> dict[str, str]:
    name = content_disposition_header(True, f"{title}.xlsx")
    return {"Content-Disposition": str(name), "Cache-Control": "no-store, private"}
