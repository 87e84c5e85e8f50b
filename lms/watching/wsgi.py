"""Beats go round what a page needs: requests, middleware, sessions, languages, policies.

A beat asks for none of it, and in the evening most requests are beats. Whatever is not taken in
as a beat goes the ordinary way, as if this were not here: refusals are put into the language of
the browser and noted like any other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.functional import cached_property

from lms.watching.views import BODY_LIMIT, beat_taken

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Answering = Callable[[HttpRequest], Any]
Middleware = Callable[[Answering], Answering]


class BeatsFirst:
    """A WSGI application before that of the site; `middleware` puts headers on every answer of the
    site, the outermost first.
    """

    def __init__(self, site: Application, *, middleware: Sequence[Middleware]) -> None:
        self.site, self.middleware = site, middleware
        self.dresses: dict[bool, dict[str, str] | None] = {}

    @cached_property
    def path(self) -> str:
        return reverse("watching:beat")

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == self.path and environ["REQUEST_METHOD"] == "POST":
            answer = self.answer(environ)
            if answer is not None:
                body, headers = answer
                start_response("200 OK", [*headers.items(), ("Content-Length", str(len(body)))])
                return [body]
        return self.site(environ, start_response)

    def answer(self, environ: Environ) -> tuple[bytes, dict[str, str]] | None:
        length = environ.get("CONTENT_LENGTH") or ""
        if not length.isdecimal() or int(length) > BODY_LIMIT:
            return None
        said = environ["wsgi.input"].read(int(length))
        environ["wsgi.input"] = BytesIO(said)  # for the site
        try:
            headers = self.headers(environ)
            return (json.dumps(beat_taken(said)).encode(), headers) if headers else None
        except Exception:  # noqa: BLE001  (the site tries again, and says what is wrong)
            return None
        finally:
            if not connection.in_atomic_block:
                connection.close()  # of a beat that was taken in alone; threads are many

    def headers(self, environ: Environ) -> dict[str, str] | None:
        """What the site puts on such an answer; None where it would send the browser to TLS."""
        name, secure = settings.SECURE_PROXY_SSL_HEADER or ("wsgi.url_scheme", "https")
        over_tls = environ.get(name) == secure
        if over_tls not in self.dresses:
            self.dresses[over_tls] = self._dress(environ)
        return self.dresses[over_tls]

    def _dress(self, environ: Environ) -> dict[str, str] | None:
        answer: Answering = _bare
        for one in reversed(self.middleware):
            answer = one(answer)
        response = answer(WSGIRequest(environ))
        return dict(response.headers) if response.status_code == HttpResponse.status_code else None


def _bare(request: HttpRequest) -> HttpResponse:
    response = JsonResponse({})
    add_never_cache_headers(response)
    return response
