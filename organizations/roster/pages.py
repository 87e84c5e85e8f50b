"""What the pages of imports and exports show, ready for their templates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from organizations import scope
from organizations.models import (
    Membership,
    Organization,
    RosterExport,
    RosterImport,
    RosterRow,
    Tag,
)
from organizations.people.masking import masked_code, masked_name, masked_phone
from organizations.people.viewer import Viewer
from organizations.permissions import ROSTER_KEEPERS, units_path_covers
from organizations.roster.messages import field_label, sentence

State, Plan = RosterImport.State, RosterRow.Plan
ROWS = 50
# States in which something happens by itself, so that the page looks again.
MOVING = (State.UPLOADED, State.CHECKING, State.COMMITTING)
OVER = (State.DONE, State.CANCELLED, State.FAILED)


def progress_of(work: RosterImport | RosterExport) -> dict[str, Any]:
    """How far it is: the same for the page and for the script that asks."""
    done = work.rows_done
    if isinstance(work, RosterImport):
        total, moving = work.rows_total, work.state in MOVING
    else:
        total, moving = work.rows, work.state in ("waiting", "making")
    if work.state == State.CHECKING:
        text = ngettext("%(n)s row checked", "%(n)s rows checked", done) % {"n": done}
        percent = None
    elif moving and total and done:
        percent = min(99, 100 * done // total)
        text = _("%(done)s of %(total)s rows") % {"done": done, "total": total}
    else:
        percent, text = None, _("Waiting for its turn")
    return {"state": str(work.state), "moving": moving, "percent": percent, "text": text}


class CountedPaginator(Paginator):
    """A count that is known already."""

    def __init__(self, rows: Any, per_page: int, *, known: int) -> None:
        super().__init__(rows, per_page)
        self._known = known

    @cached_property
    def count(self) -> int:
        return self._known


def import_filters(roster_import: RosterImport, chosen: str) -> list[dict[str, Any]]:
    """The plans, or after the end the outcomes, with how many rows each has."""
    after = roster_import.state in OVER and roster_import.outcomes
    counts = roster_import.outcomes if after else roster_import.plans
    choices = RosterRow.Outcome.choices if after else Plan.choices
    shown: list[dict[str, Any]] = [
        {
            "key": value,
            "label": label,
            "count": counts[value],
            "url": f"?show={value}",
            "active": value == chosen,
        }
        for value, label in choices
        if value and counts.get(value)
    ]
    everything = {
        "key": "",
        "label": pgettext("filter", "all"),
        "count": roster_import.rows_total,
        "url": "?",
        "active": not chosen,
    }
    return [everything, *shown] if shown else []


def import_rows(roster_import: RosterImport, chosen: str, page: str | None, viewer: Viewer) -> Page:
    """A page of rows as dictionaries for the template."""
    rows = RosterRow.objects.filter(roster_import=roster_import).order_by("number")
    known = roster_import.rows_total
    after = roster_import.state in OVER and roster_import.outcomes
    counts = roster_import.outcomes if after else roster_import.plans
    if chosen in counts:
        rows = rows.filter(outcome=chosen) if after else rows.filter(plan=chosen)
        known = counts[chosen]
    found = CountedPaginator(rows, ROWS, known=known).get_page(page)
    some = list(found.object_list)
    units = _units(some)
    people = roster_import.kind == RosterImport.Kind.PEOPLE
    found.object_list = [row_shown(row, units, viewer if people else None) for row in some]
    return found


def _units(rows: Sequence[RosterRow]) -> dict[str, tuple[int, str]]:
    """Key and name of the units that the rows name, by their code."""
    codes = {row.data[name] for row in rows for name in ("unit", "parent") if row.data.get(name)}
    found = Organization.objects.filter(code__in=codes).values_list("code", "pk", "name")
    return {code: (pk, name) for code, pk, name in found}


@dataclass(frozen=True)
class Shown:
    """What is read in clear of one row: of a unit all, of a person what lists show."""

    names: bool = True
    # What is on record may be of another branch than the row claims.
    names_before: bool = True
    rest: bool = True

    @classmethod
    def to(cls, viewer: Viewer | None, row: RosterRow, unit_id: int | None) -> Shown:
        if viewer is None:
            return cls()
        knows = viewer.knows_unit(unit_id)
        stays = not any(name == "unit" for name, _before, _after in row.changes)
        return cls(knows, viewer.is_open or (knows and stays), viewer.is_open)

    def value(self, name: str, value: str, *, before: bool = False) -> str:
        if name == "name":
            is_clear = self.names_before if before else self.names
            return value if is_clear else masked_name(value)
        if self.rest:
            return value
        return {"phone": masked_phone, "code": masked_code}[name](value)


def row_shown(
    row: RosterRow, units: dict[str, tuple[int, str]], viewer: Viewer | None
) -> dict[str, Any]:
    """`viewer` is who looks at a row of a person; None for a row of a unit."""
    data = row.data
    unit = data.get("unit") or data.get("unit_name") or data.get("parent") or ""
    unit_id, unit_name = units.get(unit, (None, unit))
    if unit_id is None and viewer is not None:  # written by its name
        unit_id = next((one.pk for one in viewer.managed if one.name == unit), None)
    shown = Shown.to(viewer, row, unit_id)
    state = row.outcome or row.plan
    labels: dict[str, Any] = {**dict(Plan.choices), **dict(RosterRow.Outcome.choices)}
    return {
        "number": row.number,
        "name": shown.value("name", data.get("name", "")) or "–",
        "code": shown.value("code", row.code or data.get("code", "")),
        "phone": shown.value("phone", data.get("phone", "")),
        "unit": unit_name,
        "label": labels[state],
        "tone": TONES.get(state, ""),
        # Somebody new has no before; the unit stands beside the name.
        "changes": []
        if row.plan == Plan.CREATE
        else [change_shown(change, shown) for change in row.changes],
        "messages": [sentence(message) for message in row.messages],
    }


TONES = {
    "create": "ok", "created": "ok", "change": "info", "changed": "info", "leave": "warn",
    "left": "warn", "refuse": "danger", "refused": "danger",
}  # fmt: skip


def change_shown(change: Sequence[Any], shown: Shown) -> dict[str, str]:
    name, before, after = change
    return {
        "label": field_label(name),
        "before": _value(name, before, shown, before=True),
        "after": _value(name, after, shown) or _("nothing set"),
    }


def _value(name: str, value: Any, shown: Shown, *, before: bool = False) -> str:
    if not value:
        return ""
    if name in ("name", "phone", "code"):
        return shown.value(name, value, before=before)
    if name in ("since", "until"):
        return date_format(dt.date.fromisoformat(value))
    if isinstance(value, list):
        return "、".join(str(Tag.Value(one).label) for one in value)
    if name == "kind":
        return str(Membership.Kind(value).label)
    return str(value)


def import_counts(roster_import: RosterImport) -> list[dict[str, Any]]:
    """The figures on top: what will happen, or what has."""
    after = roster_import.state in OVER and roster_import.outcomes
    counts = roster_import.outcomes if after else roster_import.plans
    choices = RosterRow.Outcome.choices if after else Plan.choices
    return [
        {"label": label, "count": counts.get(value, 0)}
        for value, label in choices
        if value and (counts.get(value) or value not in ("leave", "left"))
    ]


def to_write(roster_import: RosterImport) -> int:
    plans = roster_import.plans
    return int(sum(plans.get(plan, 0) for plan in (Plan.CREATE, Plan.CHANGE, Plan.LEAVE)))


def import_steps(roster_import: RosterImport) -> list[dict[str, Any]]:
    """The wizard's four steps and where this import is."""
    at = {
        State.UPLOADED: 1, State.CHECKING: 1, State.CHECKED: 2, State.COMMITTING: 3,
        State.DONE: 4, State.REFUSED: 1, State.CANCELLED: 2, State.FAILED: 3,
    }[State(roster_import.state)]  # fmt: skip
    stopped = roster_import.state in (State.REFUSED, State.CANCELLED, State.FAILED)
    labels = (_("Upload the file"), _("Check the rows"), _("Look through"), _("Write the rows"))
    return [
        {
            "label": label,
            "state": "done"
            if number < at
            else ("failed" if stopped else "current")
            if number == at
            else "waiting",
            "note": "",
            "percent": None,
        }
        for number, label in enumerate(labels)
    ]


def own_imports(user: Any) -> list[dict[str, Any]]:
    """Those that still open: of units whose roster the user keeps today."""
    kept = scope.managed_units(user, roles=ROSTER_KEEPERS)
    begun = RosterImport.objects.visible_to(user).select_related("unit")[:20]
    tones = {
        State.DONE: "ok",
        State.CHECKED: "warn",
        State.REFUSED: "danger",
        State.FAILED: "danger",
    }
    return [
        {
            "url": reverse("roster:import_detail", args=[one.pk]),
            "name": one.file_name,
            "created_at": one.created_at,
            "label": one.get_state_display(),
            "tone": tones.get(State(one.state), "info"),
        }
        for one in begun
        if one.unit is not None and units_path_covers(kept, one.unit)
    ]


def own_exports(user: Any) -> list[dict[str, Any]]:
    rows = RosterExport.objects.visible_to(user).select_related("unit")[:20]
    return [
        {
            "url": reverse("roster:export_detail", args=[one.pk]),
            "name": one.unit.name,
            "number": one.number,
            "created_at": one.created_at,
            "label": one.get_state_display(),
            "tone": "ok" if one.state == "done" else "info",
        }
        for one in rows
    ]
