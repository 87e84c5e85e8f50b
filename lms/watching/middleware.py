"""Beats go round what a page needs: sessions, languages, CSRF tokens, messages, content policies.

A beat asks for none of it, and in the evening most requests are beats. Whatever is not taken in
as a beat goes the ordinary way, as if this were not here: refusals are put into the language of
the browser and noted like any other.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property

from lms.watching.views import beat


class BeatsFirst:
    """After what puts headers on every answer, before everything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    @cached_property
    def path(self) -> str:
        return reverse("watching:beat")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == self.path:
            response = beat(request)
            if response.status_code == HttpResponse.status_code:
                # Else the server sends it in pieces.
                response.headers["Content-Length"] = str(len(response.content))
                return response
        return self.get_response(request)
