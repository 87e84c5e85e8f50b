"""Which of Wagtail's sites a request is for.

An installation has one, with the library as its root page, and it answers to every host name
(`cms.library`). So there is nothing to match: Wagtail's own question for it takes longer than the
rest of finding a page. Where somebody has set up more of them, Wagtail decides as ever.
"""

from collections.abc import Callable
from functools import partial

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject
from wagtail.models import Site


class OneSite:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Where Wagtail keeps it; asked for by the pages that need it only.
        request._wagtail_site = SimpleLazyObject(partial(_site, request))  # type: ignore[attr-defined]
        return self.get_response(request)


def _site(request: HttpRequest) -> Site | None:
    sites = list(Site.objects.select_related("root_page__librarypage").order_by("pk")[:2])
    if len(sites) != 1 or not sites[0].is_default_site:
        found: Site | None = Site._find_for_request(request)
        return found
    if hasattr(sites[0].root_page, "librarypage"):
        sites[0].root_page = sites[0].root_page.librarypage
    return sites[0]
