"""The page of the library's figures and its workbook; for whoever holds a post."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit import log
from cms.figures import KINDS, NOTHING, LibraryFigures, Numbers, library_figures
from cms.unit_figures import Asked, asked_figures, figures_context, unit_rows
from cms.workbooks import workbook_response


@never_cache
@login_required
@require_safe
def library_figures_page(request: HttpRequest) -> HttpResponse:
    asked = asked_figures(request)
    figures = library_figures(asked)
    if request.GET.get("export") == "xlsx":
        return _workbook(request, asked, figures)
    tables = [
        {
            "title": _("Decided in this period"),
            "rows": _rows(asked, figures.decided),
            "total": _cells(figures.decided_in_all),
        },
        {
            "title": _("In force at its end"),
            "rows": _rows(asked, figures.held),
            "total": _cells(figures.held_in_all),
        },
    ]
    context = {"nav": "me", "columns": [kind.label for kind in KINDS], "tables": tables}
    return render(request, "cms/figures.html", context | figures_context(asked))


def _rows(asked: Asked, figures: dict[str, Numbers]) -> list[dict[str, Any]]:
    return [
        row | {"cells": _cells(row["figures"])}
        for row in unit_rows(asked, figures, nothing=NOTHING)
    ]


def _cells(numbers: Numbers) -> list[str]:
    """One text for each state: items and productions."""
    return [
        _("%(items)s items, %(productions)s productions")
        % {"items": numbers[kind].items, "productions": numbers[kind].productions}
        for kind in KINDS
    ]


def _workbook(request: HttpRequest, asked: Asked, figures: LibraryFigures) -> HttpResponse:
    log.record("library.export", target=asked.unit, request=request, **asked.period.asked)
    head = [_("Unit"), _("Counted")]
    for kind in KINDS:
        head += [
            _("%(state)s, items") % {"state": kind.label},
            _("%(state)s, productions") % {"state": kind.label},
        ]
    return workbook_response(
        title=_("Figures of the library"),
        about=f"{asked.unit.name}　{asked.period.text}",
        user=request.user,
        head=head,
        widths=(34, 22, *(14,) * (2 * len(KINDS))),
        rows=_lines(asked, figures),
        foot=[
            [_("In all"), _("Decided in this period"), *_plain(figures.decided_in_all)],
            [_("In all"), _("In force at its end"), *_plain(figures.held_in_all)],
        ],
    )


def _lines(asked: Asked, figures: LibraryFigures) -> Iterator[list[str]]:
    for words, found in (
        (_("Decided in this period"), figures.decided),
        (_("In force at its end"), figures.held),
    ):
        for row in unit_rows(asked, found, nothing=NOTHING):
            yield [row["name"], words, *_plain(row["figures"])]


def _plain(numbers: Numbers) -> list[str]:
    return [str(n) for kind in KINDS for n in (numbers[kind].items, numbers[kind].productions)]
