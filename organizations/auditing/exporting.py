"""The log, or what was asked for of it, as a file for its keepers; logged before it is made."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit import log
from audit.export import lines
from audit.models import AuditQuerySet
from organizations.auditing.listing import log_rows
from organizations.roster.writing import SheetWriter

# What one request makes in a few seconds; `manage.py audit_export` has no limit.
EXPORT_MAX = 10_000
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
}
WIDTHS = (10, 20, 24, 12, 22, 24, 12, 8, 18, 60)


class TooMany(Exception):
    """More entries than one file holds; the message is for the person."""


def log_export(
    entries: AuditQuerySet,
    *,
    request: HttpRequest,
    reason: str,
    kind: str,
    asked: dict[str, Any],
) -> bytes:
    """The file. Raises TooMany."""
    count = entries.order_by()[: EXPORT_MAX + 1].count()
    if count > EXPORT_MAX:
        text = _("More than %(count)s entries. Please choose fewer days.")
        raise TooMany(text % {"count": EXPORT_MAX})
    last = entries.order_by("-position").values_list("position", flat=True).first() or 0
    log.record(
        "audit.export", request=request, entries=count, reason=reason, format=kind, asked=asked
    )
    # Without the entry that this act has just made.
    entries = entries.filter(position__lte=last)
    mark = _("Exported by account %(who)s on %(when)s; reason: %(reason)s") % {
        "who": request.user.pk,
        "when": date_format(timezone.localtime(), "Y-m-d H:i"),
        "reason": reason,
    }
    if kind == "jsonl":
        return "".join(lines(entries, mark=mark, asked=asked)).encode()
    return _workbook(entries, mark=mark, reader=request.user)


def _workbook(entries: AuditQuerySet, *, mark: str, reader: Any) -> bytes:
    writer = SheetWriter(title=_("Log"), widths=WIDTHS)
    writer.watermark(mark)
    writer.title(_("Log of actions"))
    writer.line(mark)
    writer.head(
        [
            _("No."),
            _("Time"),
            _("Act"),
            _("Account no."),
            _("By"),
            _("Object"),
            _("Object no."),
            _("Result"),
            _("Network address"),
            _("Detail"),
        ]
    )
    rows = log_rows(list(entries.order_by("position")), reader=reader)
    writer.rows(
        (
            str(row.position),
            timezone.localtime(row.at).strftime("%Y-%m-%d %H:%M:%S"),
            row.action,
            str(row.actor_id or ""),
            row.actor,
            row.target,
            row.target_id,
            row.result_label,
            row.address,
            row.detail,
        )
        for row in rows
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.xlsx"
        writer.save(path)
        return path.read_bytes()
