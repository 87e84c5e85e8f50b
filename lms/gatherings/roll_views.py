"""The roll over the wire: what a keeper's phone ticked, the code in the room. Answers are JSON."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lms.gatherings.errors import DayOver, GatheringError
from lms.gatherings.models import Gathering, Screen
from lms.gatherings.permissions import check_can_keep
from lms.gatherings.presence import is_its_day
from lms.gatherings.roll_rows import plays_shown, roll_rows
from lms.gatherings.rolls import Mark, Marked, roll_mark
from lms.gatherings.tokens import DOOR_STEP, door_token
from lms.gatherings.views import visible
from lms.watching.views import Malformed, json_body, malformed, refusal, whole_number
from organizations.qr import qr_picture

MOST_MARKS = 2_000
LONGEST_AGE = 10**8


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def roll(request: HttpRequest, pk: int) -> JsonResponse:
    """`{marks: [{user, present, came, left, age}], guests: {count, age}}`; ages in seconds."""
    done = Marked()
    try:
        found = visible(request, pk)
        check_can_keep(request.user, found)
        if request.method == "POST":
            body = json_body(request)
            marks, guests = _marks(body), _guests(body)
            done = roll_mark(
                gathering=found, user=request.user, marks=marks, guests=guests, now=timezone.now()
            )
            found.refresh_from_db()
    except Malformed:
        return malformed()
    except Http404:
        # Also whose post ended while they ticked.
        return refusal(
            _("You can do this only for units that you are responsible for."), HTTPStatus.NOT_FOUND
        )
    except PermissionDenied as problem:
        return refusal(str(problem), HTTPStatus.FORBIDDEN)
    except GatheringError as problem:
        return refusal(str(problem), HTTPStatus.CONFLICT)
    state = _state(found, request)
    say = _problems(done, found, state["rows"])
    return JsonResponse(state | {"unknown": done.unknown, "say": say})


def _problems(done: Marked, found: Gathering, rows: list[dict[str, Any]]) -> str:
    """What of the marks was not taken, in a sentence for the keeper."""
    if done.is_day_over:
        return str(DayOver(found))
    names = "、".join(row["name"] for row in rows if row["user"] in done.odd)
    said = []
    if names:
        said.append(
            _("These times cannot be right, please look again: %(names)s.") % {"names": names}
        )
    if done.unknown:
        said.append(_("Somebody is not on the roll any more. Please reload the page."))
    if done.too_many_guests:
        said.append(_("The number of guests is a whole number from 0 to 10,000."))
    return " ".join(said)


def _state(found: Gathering, request: HttpRequest) -> dict[str, Any]:
    rows = roll_rows(found, request)
    present = sum(row["present"] for row in rows)
    return {
        "state": found.state,
        "rows": rows,
        "guests": found.guests,
        "present": present,
        "has_screen": Screen.objects.filter(gathering=found, ended_at=None).exists(),
        "plays": [
            {"id": one["lecture"].pk, "percent": one["percent"]} for one in plays_shown(found)
        ],
    }


@never_cache
@require_safe
@login_required
def door(request: HttpRequest, pk: int) -> JsonResponse:
    """The code of this moment, for a room without a screen: shown on the keeper's own phone."""
    found = visible(request, pk)
    check_can_keep(request.user, found)
    return door_answer(found, request)


def door_answer(found: Gathering, request: HttpRequest) -> JsonResponse:
    now = timezone.now()
    if found.state != Gathering.State.OPEN or not is_its_day(found, now):
        return refusal(
            _("The session does not run now, so nobody can sign in for it."), HTTPStatus.CONFLICT
        )
    token = door_token(found, now=now)
    url = request.build_absolute_uri(f"/here/{found.pk}/?t={token}")
    return JsonResponse({"picture": qr_picture(url), "url": url, "next_in": DOOR_STEP})


def _marks(body: dict[str, Any]) -> list[Mark]:
    said = body.get("marks", [])
    if not isinstance(said, list) or len(said) > MOST_MARKS:
        raise Malformed
    return [_mark(one) for one in said]


def _mark(said: Any) -> Mark:
    if not isinstance(said, dict) or not isinstance(said.get("present"), bool):
        raise Malformed
    return Mark(
        user=whole_number(said, "user", 1),
        present=said["present"],
        age=_age(said),
        came=_time(said.get("came")),
        left=_time(said.get("left")),
    )


def _guests(body: dict[str, Any]) -> tuple[int, float] | None:
    said = body.get("guests")
    if said is None:
        return None
    if not isinstance(said, dict):
        raise Malformed
    return whole_number(said, "count", 0), _age(said)


def _age(said: dict[str, Any]) -> float:
    value = said.get("age", 0)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Malformed
    if not -LONGEST_AGE <= value <= LONGEST_AGE:  # nor NaN
        raise Malformed
    return float(value)


def _time(said: Any) -> dt.time | None:
    if said in (None, ""):
        return None
    if not isinstance(said, str):
        raise Malformed
    try:
        return dt.time.fromisoformat(said)
    except ValueError as problem:
        raise Malformed from problem
