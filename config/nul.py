"""Requests that hold the character NUL, which PostgreSQL stores nowhere and looks for nowhere.

Nobody types it, so it is refused at once for every address, query and form, with a page that says
so, instead of in each lookup. JSON and uploads are read, and checked, by their own views.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase

NUL = "\x00"


class NoNul:
    """The last in MIDDLEWARE: the page of the refusal passes through all others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        texts = [request.path_info, *_texts(request.GET)]
        # Forms were read already, for their token; what is exempt from that may be a stream.
        if request.method == "POST" and not getattr(view, "csrf_exempt", False):
            texts += _texts(request.POST)
        if any(NUL in text for text in texts):
            raise BadRequest("NUL in a request")


def _texts(asked: Any) -> list[str]:
    return [text for name, values in asked.lists() for text in (name, *values)]
