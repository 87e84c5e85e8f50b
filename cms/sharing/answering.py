"""How the API answers: JSON, refusals as sentences, limits, and who may keep an answer.

What is answered without a session is for everybody, so pages of any site may read it; what
somebody signed in gets is theirs alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page

from organizations.signin import counters
from organizations.signin.limits import network

MINUTE = 60
# What somebody typed comes back in a sentence; not all of a novel.
QUOTED = 40
LARGEST = 10**9


class Refusal(Exception):
    """The message is for the person behind the program that asked."""

    def __init__(self, message: str, status: int = 400, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers

    def given(self, response: HttpResponse) -> HttpResponse:
        """The response that says it, as a refusal."""
        response.status_code = self.status
        for name, value in self.headers.items():
            response[name.replace("_", "-")] = value
        return response


def api_view(view: Callable[..., Any]) -> Callable[..., HttpResponseBase]:
    """A view that returns what is to be said as JSON, or a response; it may raise Refusal."""

    @csrf_exempt  # nothing is changed here, and a POST gets the sentence that says so
    @gzip_page
    @conditional_page
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            if request.method not in ("GET", "HEAD"):
                text = _("This address only answers: please ask with GET.")
                raise Refusal(text, 405, Allow="GET, HEAD")
            question_count("api", _asking(request))
            said = view(request, *args, **kwargs)
        except Refusal as refusal:
            said = refusal.given(_json({"message": str(refusal)}))
        response = said if isinstance(said, HttpResponse) else _json(said)
        is_public = not request.user.is_authenticated
        if is_public:
            response["Access-Control-Allow-Origin"] = "*"
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-cache" if is_public else "private, no-cache"
        patch_vary_headers(response, ("Cookie", "Accept-Language"))
        return response

    return answer


def _json(said: dict[str, Any]) -> JsonResponse:
    return JsonResponse(said, json_dumps_params={"ensure_ascii": False})


def _asking(request: HttpRequest) -> str:
    """One person, or one network of strangers."""
    return f"p{request.user.pk}" if request.user.is_authenticated else network(request)


def question_count(kind: str, who: str) -> None:
    """Raises Refusal after too many questions of a kind within a minute."""
    now = int(time.time())
    if counters.count(f"{kind}:{now // MINUTE}:{who}", MINUTE) <= settings.API_PER_MINUTE:
        return
    left = MINUTE - now % MINUTE
    text = ngettext(
        "Too many questions at once. Please ask again in %(count)d second.",
        "Too many questions at once. Please ask again in %(count)d seconds.",
        left,
    )
    raise Refusal(text % {"count": left}, 429, Retry_After=str(left))


def known_only(request: HttpRequest, *known: str) -> None:
    """Raises Refusal for a parameter that would be passed over without a word."""
    for name in request.GET:
        if name not in known:
            if not known:
                text = _("This address takes no parameters, but “%(name)s” was given.")
            else:
                text = _("“%(name)s” is no parameter of this address. It takes: %(known)s.")
            raise Refusal(text % {"name": name[:QUOTED], "known": ", ".join(known)})


def number_asked(request: HttpRequest, name: str, *, usual: int, most: int = LARGEST) -> int:
    """A whole number from 1 on. Raises Refusal."""
    asked = request.GET.get(name, "") or str(usual)
    if asked.isascii() and asked.isdigit() and len(asked) < 10 and 1 <= int(asked) <= most:
        return int(asked)
    text = (
        _("“%(name)s” must be a whole number from 1 on.")
        if most == LARGEST
        else _("“%(name)s” must be a whole number from 1 to %(most)d.")
    )
    raise Refusal(text % {"name": name, "most": most})
