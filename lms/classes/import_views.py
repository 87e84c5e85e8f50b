"""Learners by Excel: upload, look, enrol; an answer for each row."""

from __future__ import annotations

import tempfile
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cms.workbooks import XLSX, workbook_response
from lms.classes.forms import ImportForm
from lms.classes.importing import (
    ENROLLED,
    NEW,
    REFUSED,
    SAME,
    import_cancel,
    import_confirm,
    import_create,
)
from lms.classes.models import ClassImport
from lms.classes.planning import ClassError
from lms.classes.views import NAV, kept_class
from organizations.people.masking import masked_code, masked_name, masked_phone
from organizations.people.viewer import Viewer
from organizations.roster.writing import SheetWriter

BEFORE = 10
PER_PAGE = 200
# In every language, as an import reads them.
COLUMNS = ("姓名", "手机号码", "人员编号", "支部编码", "支部名称")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def enrol_import(request: HttpRequest, pk: int) -> HttpResponse:
    run = kept_class(request, pk)
    if request.GET.get("template"):
        return _template()
    posted = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if posted else ImportForm()
    if posted and form.is_valid():
        try:
            made = import_create(
                training_class=run,
                user=request.user,
                file=form.cleaned_data["file"],
                key=form.cleaned_data["key"],
            )
        except ClassError as problem:
            form.add_error("file", str(problem))
        else:
            return redirect("classes:import_detail", pk, made.pk)
    before = ClassImport.objects.visible_to(request.user).filter(training_class=run).defer("rows")
    context = {"run": run, "form": form, "imports": before[:BEFORE]}
    status = 422 if form.errors else 200
    return render(request, "classes/import.html", NAV | context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def import_detail(request: HttpRequest, pk: int, key: uuid.UUID) -> HttpResponse:
    """What would become of each row; after writing, what became of it. `?export=xlsx`: all."""
    run = kept_class(request, pk)
    mine = ClassImport.objects.visible_to(request.user).filter(training_class=run)
    found = get_object_or_404(mine.select_related("training_class__organization"), pk=key)
    if request.method == "POST":
        if request.POST.get("act") == "cancel":
            import_cancel(class_import=found, user=request.user)
            messages.success(request, _("Nobody was enrolled."))
            return redirect("classes:import", pk)
        count = import_confirm(class_import=found, user=request.user)
        if count is not None:
            text = ngettext("%(n)s person is enrolled.", "%(n)s people are enrolled.", count)
            messages.success(request, text % {"n": count})
        return redirect("classes:import_detail", pk, key)
    if request.GET.get("export") == "xlsx":
        return _outcome(request, found)
    viewer = Viewer.of(request)
    counts = Counter(row["outcome"] for row in found.rows)
    shown = sorted(found.rows, key=lambda row: (row["outcome"] != REFUSED, row["line"]))
    context = {
        "run": run,
        "one": found,
        "counts": counts,
        "total": len(found.rows),
        "to_write": counts[NEW],
        "is_checked": found.state == ClassImport.State.CHECKED,
        "rows": [row if viewer.is_open else _masked(row) for row in shown[:PER_PAGE]],
        "more": max(0, len(shown) - PER_PAGE),
    }
    return render(request, "classes/import_detail.html", NAV | context)


def _masked(row: dict[str, str]) -> dict[str, str]:
    return row | {
        "name": masked_name(row["name"]),
        "phone": masked_phone(row["phone"]),
        "code": masked_code(row["code"]),
    }


def _outcome(request: HttpRequest, found: ClassImport) -> HttpResponse:
    """The rows as they were handed in, by who handed them in, with what became of each."""
    words = {
        NEW: _("not written"),
        SAME: _("learns here already"),
        REFUSED: _("not taken"),
        ENROLLED: pgettext("row", "enrolled"),
    }

    def lines() -> Iterator[list[str]]:
        for row in found.rows:
            facts = [row[name] for name in ("name", "phone", "code", "unit", "unit_name")]
            yield [str(row["line"]), *facts, words[row["outcome"]], " ".join(row["problems"])]

    return workbook_response(
        title=_("Outcome"),
        about=found.training_class.title,
        user=request.user,
        head=[_("Row in the file"), *COLUMNS, _("Outcome"), _("Reason")],
        widths=(8, 14, 16, 16, 20, 28, 12, 60),
        rows=lines(),
    )  # fmt: skip


def _template() -> HttpResponse:
    """Always Chinese: the columns are read by these names."""
    writer = SheetWriter(title="学员名单", widths=(16, 18, 18, 30))
    writer.head(["姓名", "手机号码", "人员编号", "支部名称"])
    writer.rows([["※ 必填", "手机号码、人员编号填一项即可", "", "都没有时填支部名称"]])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        writer.save(path)
        body = path.read_bytes()
    name = content_disposition_header(True, "学员名单模板.xlsx")
    return HttpResponse(body, content_type=XLSX, headers={"Content-Disposition": name})
