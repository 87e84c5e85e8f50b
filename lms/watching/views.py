"""HTTP for watching: open a play session, take a beat, ask for strips. Answers are JSON.

The beat view reads neither the Django session nor the user: the signed token says who watches.
So a beat costs the database nothing but its evidence; under WSGI it does not come up to here
(`wsgi`) unless it is refused. What a client says about the length of a
recording, a percentage or the time is not read at all.
"""

from __future__ import annotations

import base64
import binascii
import json
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from cms.models import LecturePage
from lms.watching.beats import beat_record
from lms.watching.errors import NotPlayable, SessionGone, TokenRefused
from lms.watching.evidence import Bitmap, Watched
from lms.watching.play import play_session_open
from lms.watching.strips import lecture_strips
from lms.watching.tokens import play_claims
from organizations.signin.devices import device_read

BODY_LIMIT = 64 * 1024
MOST_STRIPS = 60
LARGEST_SEQ = 2**31 - 1
LONGEST = 10**7  # seconds


class Malformed(Exception):
    """The body is not what a player sends."""


def refusal(message: str, status: HTTPStatus) -> JsonResponse:
    return JsonResponse({"message": message}, status=status)


def malformed() -> JsonResponse:
    return refusal(
        _("This message could not be read. Please reload the page."), HTTPStatus.BAD_REQUEST
    )


@never_cache
@require_POST
def open_session(request: HttpRequest) -> JsonResponse:
    if not request.user.is_authenticated:
        return refusal(_("Please sign in to watch."), HTTPStatus.UNAUTHORIZED)
    try:
        lecture_id = whole_number(json_body(request), "lecture", 1)
        lecture = get_object_or_404(LecturePage.objects.select_related("asset"), pk=lecture_id)
        opened = play_session_open(user=request.user, lecture=lecture, device=browser(request))
    except Malformed:
        return malformed()
    except Http404:
        return refusal(_("This lecture does not exist any more."), HTTPStatus.NOT_FOUND)
    except PermissionDenied as problem:
        return refusal(str(problem), HTTPStatus.FORBIDDEN)
    except NotPlayable as problem:
        return refusal(str(problem), HTTPStatus.CONFLICT)
    return JsonResponse(
        {
            "token": opened.token,
            "session": str(opened.session.pk),
            "duration": opened.duration,
            "position": opened.position,
            "seen": encoded(opened.watched.seen),
            "beat_url": reverse("watching:beat"),
            "playback_url": reverse("cms:playback", args=[lecture.pk]),
            **state(opened.watched),
        }
    )


def browser(request: HttpRequest) -> str:
    """Tells the browsers apart in which people signed in, and says nothing else about them."""
    device = device_read(request)
    return salted_hmac("lms.watching.browser", device.name).hexdigest()[:16] if device else ""


@csrf_exempt
@never_cache
@require_POST
def beat(request: HttpRequest) -> JsonResponse:
    said = request.headers.get("Content-Length", "")
    if (said.isdecimal() and int(said) > BODY_LIMIT) or len(request.body) > BODY_LIMIT:
        return refusal(
            _("This message is too large. Please reload the page."),
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        )
    try:
        return JsonResponse(beat_taken(request.body))
    except Malformed:
        return malformed()
    except TokenRefused as problem:
        return refusal(str(problem), HTTPStatus.FORBIDDEN)
    except SessionGone as problem:
        return refusal(str(problem), HTTPStatus.CONFLICT)


def beat_taken(said: bytes) -> dict[str, Any]:
    """Take in what a player says; the answer. Raises Malformed, TokenRefused or SessionGone."""
    body = json_read(said)
    seq, position, seen = whole_number(body, "seq", 0), place(body), bitmap_bytes(body)
    claims = play_claims(body.get("token"))
    heard = beat_record(claims=claims, seq=seq, position=position, seen=seen)
    return {
        "accepted": heard.accepted,
        "cut": heard.cut,
        "seq": heard.seq,
        "union": encoded(heard.watched.seen),
        **state(heard.watched),
    }


@never_cache
@require_GET
def strips(request: HttpRequest) -> JsonResponse:
    """The signed-in person's strips of up to 60 lectures: `?lectures=1,2,3`."""
    if not request.user.is_authenticated:
        return refusal(_("Please sign in to watch."), HTTPStatus.UNAUTHORIZED)
    asked = [part for part in request.GET.get("lectures", "").split(",") if part]
    if len(asked) > MOST_STRIPS or not all(part.isdecimal() and len(part) < 10 for part in asked):
        return malformed()
    lectures = (
        LecturePage.objects.visible_to(request.user)
        .filter(pk__in=[int(part) for part in asked])
        .select_related("asset")
    )
    found = lecture_strips(user=request.user, lectures=lectures)
    return JsonResponse(
        {
            "strips": {
                str(pk): {
                    "seconds": strip.seconds,
                    "percent": strip.percent,
                    "completed": strip.completed,
                    "segments": strip.segments(),
                    "svg": render_to_string(
                        "components/watch_strip.html",
                        {
                            "segments": strip.segments(),
                            "percent": strip.percent,
                            "completed": strip.completed,
                        },
                    ),
                }
                for pk, strip in found.items()
            }
        }
    )


# -- reading and writing JSON ----------------------------------------------------------------------


def json_body(request: HttpRequest) -> dict[str, Any]:
    return json_read(request.body)


def json_read(said: bytes) -> dict[str, Any]:
    try:
        body = json.loads(said)
    except (ValueError, RecursionError) as problem:
        raise Malformed from problem
    if not isinstance(body, dict):
        raise Malformed
    return body


def whole_number(body: dict[str, Any], name: str, least: int) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed
    if not least <= value <= LARGEST_SEQ:
        raise Malformed
    return value


def place(body: dict[str, Any]) -> float:
    value = body.get("position")
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Malformed
    # The comparison also refuses what is not a number, and numbers too large for a float.
    if not 0 <= value <= LONGEST:
        raise Malformed
    return float(value)


def bitmap_bytes(body: dict[str, Any]) -> bytes:
    value = body.get("seen")
    if not isinstance(value, str):
        raise Malformed
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as problem:
        raise Malformed from problem


def encoded(bitmap: Bitmap) -> str:
    return base64.b64encode(bitmap.to_bytes()).decode()


def state(watched: Watched) -> dict[str, Any]:
    completed_at = watched.completed_at
    return {
        "seconds": watched.seconds,
        "coverage": round(watched.coverage, 4),
        "completed": completed_at is not None,
        "completed_at": completed_at.isoformat() if completed_at else None,
        "missing": watched.missing,
    }
