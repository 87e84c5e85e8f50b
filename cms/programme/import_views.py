"""Lecture activities by Excel: upload, look, write; an answer for each row."""

from __future__ import annotations

import tempfile
import uuid
from collections import Counter
from pathlib import Path

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cms.programme.activity_rows import COLUMNS
from cms.programme.forms import ImportForm
from cms.programme.importing import (
    LOGGED,
    NEW,
    ImportProblem,
    import_cancel,
    import_confirm,
    import_create,
)
from cms.programme.models import ActivityImport
from cms.programme.permissions import check_can_hold
from cms.workbooks import XLSX
from organizations.roster.writing import SheetWriter

BEFORE = 10
# What the template says below each header; the mark tells an import that this is no row.
HINTS = {
    "unit": "※ 支部编码或全称；只负责一个支部的可以不填",
    "held_on": "如 2026-11-26 或 2026年11月26日",
    "title": "必填",
    "speaker": "必填",
    "place": "必填",
    "headcount": "必填，到场人数",
    "recording": "选填：资源库中的课程标题或网址",
}


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def activity_import(request: HttpRequest) -> HttpResponse:
    check_can_hold(request.user)
    posted = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if posted else ImportForm()
    if posted and form.is_valid():
        try:
            made = import_create(
                user=request.user, file=form.cleaned_data["file"], today=timezone.localdate()
            )
        except ImportProblem as problem:
            form.add_error("file", str(problem))
        else:
            return redirect("programme:import_detail", made.pk)
    before = ActivityImport.objects.visible_to(request.user).defer("rows")[:BEFORE]
    context = {"nav": "library", "form": form, "imports": before}
    status = 422 if form.errors else 200
    return render(request, "programme/import.html", context, status=status)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_detail(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """What would become of each row; after writing, what became of it."""
    found: ActivityImport = get_object_or_404(
        ActivityImport.objects.visible_to(request.user), pk=key
    )
    if request.method == "POST":
        if request.POST.get("act") == "cancel":
            import_cancel(activity_import=found, user=request.user)
            messages.success(request, _("Nothing was written."))
            return redirect("programme:import")
        today = timezone.localdate()
        if import_confirm(activity_import=found, user=request.user, today=today):
            found.refresh_from_db()
            count = sum(row["outcome"] == LOGGED for row in found.rows)
            text = ngettext(
                "%(count)s activity is logged.", "%(count)s activities are logged.", count
            )
            messages.success(request, text % {"count": count})
        return redirect("programme:import_detail", found.pk)
    context = {
        "nav": "library",
        "one": found,
        "counts": Counter(row["outcome"] for row in found.rows),
        "to_write": sum(row["outcome"] == NEW for row in found.rows),
        "is_checked": found.state == ActivityImport.State.CHECKED,
    }
    return render(request, "programme/import_detail.html", context)


@login_required
@require_safe
def import_template(request: HttpRequest) -> HttpResponse:
    """The workbook to fill in: text columns, so that nothing is turned into a number."""
    check_can_hold(request.user)
    writer = SheetWriter(title="党课开讲啦", widths=(24, 18, 32, 14, 24, 12, 36))
    # Always Chinese: the columns are read by these names.
    writer.head([COLUMNS[name][0] for name in COLUMNS])
    writer.rows([[HINTS[name] for name in COLUMNS]])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        writer.save(path)
        body = path.read_bytes()
    name = content_disposition_header(True, "党课开讲啦模板.xlsx")
    return HttpResponse(body, content_type=XLSX, headers={"Content-Disposition": name})
