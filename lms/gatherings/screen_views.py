"""The page of a TV or PC in the room, and what it asks for. Nobody is signed in there: a signed
cookie names the screen, and the screen its gathering while that runs.
"""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from audit.log import client_address
from cms.durations import duration_text
from lms.gatherings.errors import GatheringError, ScreenError
from lms.gatherings.models import Gathering, Screen
from lms.gatherings.pairing import CODE_LIFETIME, room_of, screen_new, screen_of, screen_waiting
from lms.gatherings.roll_rows import plays_shown
from lms.gatherings.roll_views import door_answer
from lms.gatherings.room import room_beat, room_open
from lms.gatherings.tokens import SCREEN_LIFETIME, beat_claims, screen_token
from lms.watching.evidence import missing
from lms.watching.views import (
    BODY_LIMIT,
    Malformed,
    bitmap_bytes,
    encoded,
    json_body,
    malformed,
    place,
    refusal,
    whole_number,
)
from media_pipeline.delivery import playback_for
from organizations.signin import counters
from organizations.signin.places import neighbourhood

COOKIE = "screen"
PATH = "/tv/"
# Codes that one network may ask for in ten minutes. The rooms of a county may share one.
CODES_PER_NETWORK = 300


@never_cache
@require_safe
def screen(request: HttpRequest) -> HttpResponse:
    """What the screen is for now: showing a code, or playing."""
    try:
        found = room_of(request.COOKIES.get(COOKIE), now=timezone.now())
    except ScreenError:
        return render(request, "gatherings/tv_code.html", {})
    context = {
        "gathering": found,
        "items": [
            one | {"duration_text": _duration(one["lecture"])}
            for one in plays_shown(found)
            if one["lecture"].live
        ],
    }
    return render(request, "gatherings/tv.html", context)


def _duration(lecture: Any) -> str:
    return duration_text(lecture.asset.duration) if lecture.asset else ""


@never_cache
@require_POST
def code(request: HttpRequest) -> JsonResponse:
    """A code to show; the cookie remembers the screen, which keeps its code while that lives."""
    now = timezone.now()
    if (kept := screen_waiting(request.COOKIES.get(COOKIE), now=now)) is not None:
        lives = kept.asked_at + CODE_LIFETIME - now
        return JsonResponse({"code": kept.code, "lives": int(lives.total_seconds())})
    key = f"tv-codes:{neighbourhood(client_address(request))}"
    if counters.count(key, int(CODE_LIFETIME.total_seconds())) > CODES_PER_NETWORK:
        return refusal(
            _("Too many codes were asked for from here. Please wait ten minutes."),
            HTTPStatus.TOO_MANY_REQUESTS,
        )
    try:
        made = screen_new(now=now)
    except ScreenError as problem:
        return refusal(str(problem), HTTPStatus.SERVICE_UNAVAILABLE)
    answer = JsonResponse({"code": made.code, "lives": int(CODE_LIFETIME.total_seconds())})
    answer.set_cookie(
        COOKIE,
        screen_token(made),
        max_age=int(SCREEN_LIFETIME.total_seconds()),
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return answer


@never_cache
@require_safe
def paired(request: HttpRequest) -> JsonResponse:
    """Whether the code was confirmed on a phone, or has run out."""
    try:
        found: Screen = screen_of(request.COOKIES.get(COOKIE))
    except ScreenError:
        return JsonResponse({"paired": False, "gone": True})
    is_old = timezone.now() - found.asked_at > CODE_LIFETIME
    is_over = found.ended_at is not None or (found.paired_at is None and is_old)
    return JsonResponse({"paired": found.paired_at is not None, "gone": is_over})


def _room(request: HttpRequest) -> Gathering:
    return room_of(request.COOKIES.get(COOKIE), now=timezone.now())


@never_cache
@require_POST
def open_play(request: HttpRequest) -> JsonResponse:
    try:
        lecture_id = whole_number(json_body(request), "lecture", 1)
        playing = room_open(
            gathering=_room(request),
            lecture_id=lecture_id,
            screen=screen_of(request.COOKIES.get(COOKIE)),
            now=timezone.now(),
        )
    except Malformed:
        return malformed()
    except ScreenError as problem:
        return refusal(str(problem), HTTPStatus.FORBIDDEN)
    except GatheringError as problem:
        return refusal(str(problem), HTTPStatus.CONFLICT)
    play = playing.play
    found = playback_for(play.asset, now=timezone.now())
    return JsonResponse(
        {
            "token": playing.token,
            # Each opening keeps its own record on the device; all of them merge into one play.
            "session": f"{play.pk}-{uuid.uuid4().hex[:8]}",
            "seconds": play.seconds,
            "duration": playing.duration,
            "position": playing.position,
            "seen": encoded(playing.seen),
            "missing": missing(playing.seen, play.seconds),
            "beat_url": reverse("tv:beat"),
            "playback": found.as_json() if found else None,
        }
    )


@never_cache
@require_safe
def playback(request: HttpRequest, lecture_id: int) -> JsonResponse:
    """Renewed addresses of a recording of the running session."""
    try:
        found = _room(request)
    except ScreenError as problem:
        return refusal(str(problem), HTTPStatus.FORBIDDEN)
    items = found.items.select_related("lecture__asset__package")
    item = items.filter(lecture=lecture_id, lecture__live=True).first()
    asset = item.lecture.asset if item is not None else None
    addresses = playback_for(asset, now=timezone.now()) if asset is not None else None
    if addresses is None:
        return refusal(
            _("This lecture has been taken down. What was played counts; please choose another."),
            HTTPStatus.NOT_FOUND,
        )
    return JsonResponse(addresses.as_json())


@csrf_exempt
@never_cache
@require_POST
def beat(request: HttpRequest) -> JsonResponse:
    """As the beat of a person (`lms.watching.views.beat`), of the room."""
    said = request.headers.get("Content-Length", "")
    if (said.isdecimal() and int(said) > BODY_LIMIT) or len(request.body) > BODY_LIMIT:
        return malformed()
    try:
        body = json_body(request)
        seq, position, seen = whole_number(body, "seq", 0), place(body), bitmap_bytes(body)
        play_id, screen_id = beat_claims(body.get("token"))
        heard = room_beat(
            play_id=play_id,
            screen_id=screen_id,
            position=position,
            seen=seen,
            now=timezone.now(),
        )
    except Malformed:
        return malformed()
    except ScreenError as problem:
        return refusal(str(problem), HTTPStatus.CONFLICT)
    return JsonResponse(
        {
            "accepted": heard.accepted,
            "cut": heard.cut,
            "seq": seq,
            "union": encoded(heard.seen),
            "coverage": round(heard.coverage, 4),
            "completed": heard.is_complete,
            "missing": missing(heard.seen, heard.seconds),
        }
    )


@never_cache
@require_safe
def door(request: HttpRequest) -> JsonResponse:
    """The code of this moment, with which phones in the room sign in."""
    try:
        return door_answer(_room(request), request)
    except ScreenError as problem:
        return refusal(str(problem), HTTPStatus.FORBIDDEN)
