"""What the page of a roster shows: rows, filters with what is chosen, ways on and back."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations.models import DIMENSIONS, Membership, Organization, Post, Tag
from organizations.people.listing import (
    RosterRow,
    Total,
    roster_page,
    ties_in,
)
from organizations.people.marks import ties_asked
from organizations.people.searches import search_held
from organizations.people.viewer import Viewer
from organizations.people.wish import RosterWish


def unit_read(viewer: Viewer, code: str) -> Organization:
    """The unit if its people are within the viewer's scope; for others there is none."""
    unit = Organization.objects.filter(code=code).first()
    if unit is None or not viewer.reads(unit):
        raise Http404
    return unit


def roster_context(*, request: HttpRequest, code: str) -> dict[str, Any]:
    viewer = Viewer.of(request)
    unit = unit_read(viewer, code)
    wish = RosterWish.of(request.GET)
    everybody = ties_in(unit, viewer=viewer)
    held = search_held(request, viewer, wish)
    asked = everybody.none() if held else ties_in(unit, viewer=viewer, of=ties_asked(wish))
    page = roster_page(
        asked,
        within=everybody,
        after=_row(request, "after"),
        before=_row(request, "before"),
    )
    keeps = viewer.keeps(unit)
    filters = _filters(wish)
    return {
        "unit": unit,
        "crumbs": _crumbs(viewer, unit),
        "page": page,
        "rows": _cells(page.rows, viewer),
        "total_text": _total_text(page.total),
        "wish": wish,
        "held": held,
        "filters": filters,
        "chosen": _chosen(wish, filters),
        "previous_url": _to(wish, before=page.first) if page.has_previous else "",
        "next_url": _to(wish, after=page.last) if page.has_next else "",
        "first_url": f"?{wish.address()}",
        "can_keep": keeps,
        "can_add": keeps and unit.closed_on is None,
        "shows_unit": unit.kind != Organization.Kind.BRANCH,
        "here": request.get_full_path(),
    }


def _cells(rows: list[RosterRow], viewer: Viewer) -> list[dict[str, Any]]:
    """The rows of the table as the viewer may read them: text, which a template shows quickest."""
    # One address for all: to work out fifty takes as long as a query.
    head, tail = reverse("people:detail", args=[0]).rsplit("0", 1)
    return [
        {
            "key": str(row.tie.pk),
            "person": str(row.person.pk),
            "url": f"{head}{row.person.pk}{tail}",
            "name": viewer.name(row.person, row.tie.organization_id),
            "kind": row.kind,
            "unit": row.tie.organization.name,
            "phone": viewer.phone(row.person),
            "code": viewer.code(row.person),
            "posts": row.posts,
            "tags": row.tags,
            "is_waiting": row.person.activated_at is None,
        }
        for row in rows
    ]


def _row(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    # Longer than any id; a database refuses numbers beyond its own.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def _to(wish: RosterWish, **row: int) -> str:
    return f"?{wish.address(**{name: str(pk) for name, pk in row.items()})}"


def _crumbs(viewer: Viewer, unit: Organization) -> list[dict[str, str]]:
    """The units above, as far as the viewer reads them."""
    above = unit.get_ancestors() if not unit.is_root() else []
    return [
        {"name": one.name, "url": reverse("people:list", args=[one.code])}
        for one in above
        if viewer.reads(one)
    ]


def _total_text(found: Total | None) -> str:
    """On the first page only: later ones would count again what is known."""
    if found is None:
        return ""
    if found.is_more:
        return _("more than %(count)s people") % {"count": found.count}
    return ngettext("%(count)s person", "%(count)s people", found.count) % {"count": found.count}


def _filters(wish: RosterWish) -> list[dict[str, Any]]:
    """The fields of the filter form: name, label, choices, what is chosen."""
    values = dict(Tag.Value.choices)
    fields: list[tuple[str, str, list[tuple[Any, Any]], str]] = [
        ("kind", _("Tie"), Membership.Kind.choices, wish.kind),
        *(
            (
                str(dimension),
                str(Tag.Dimension(dimension).label),
                [(value, values[value]) for value in belonging],
                wish.tags.get(dimension, ""),
            )
            for dimension, belonging in DIMENSIONS.items()
        ),
        ("role", _("Post"), [("any", _("any post")), *Post.Role.choices], wish.role),
        (
            "account",
            _("Account"),
            [("waiting", _("not activated yet")), ("active", _("activated"))],
            wish.account,
        ),
    ]
    return [
        {
            "name": name,
            "label": label,
            "choices": [(str(value), text, str(value) == chosen) for value, text in choices],
            "chosen": chosen,
        }
        for name, label, choices, chosen in fields
    ]


def _chosen(wish: RosterWish, filters: list[dict[str, Any]]) -> list[dict[str, str]]:
    """What narrows the list, each with the address of the list without it."""
    found = [
        {
            "label": str(text),
            "url": f"?{wish.address(**{field['name']: ''})}",
        }
        for field in filters
        for value, text, chosen in field["choices"]
        if chosen
    ]
    if wish.query:
        found.insert(0, {"label": wish.query, "url": f"?{wish.address(q='')}"})
    return found
