"""Stand-ins for the parts of Wagtail that this house leaves out.

Wagtail's admin names the API addresses of its documents and images on every page, even where
neither app is installed. Posters come from recordings and there is nothing else to store, so these
addresses exist and hold nothing.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path


class Absent:
    """No model of this house."""


def nothing(request: HttpRequest) -> HttpResponse:
    raise Http404


class AbsentEndpoint:
    """As much of a Wagtail API endpoint as its router asks for."""

    model = Absent

    @classmethod
    def get_urlpatterns(cls) -> list[URLPattern]:
        return [path("", nothing, name="listing")]


def absent_endpoints(router: Any) -> None:
    for name in ("documents", "images"):
        router.register_endpoint(name, AbsentEndpoint)
