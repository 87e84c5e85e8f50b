"""Which of Wagtail's sites a request is for.

An installation has one, with the library as its root page, and it answers to every host name
(`cms.library`). So there is nothing to match: Wagtail's own question for it takes longer than the
rest of finding a page. Where somebody has set up more of them, Wagtail decides as ever.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from django.db.models import F, Func, Subquery
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject
from wagtail.models import Site

from cms.models import LibraryPage

_SITES = "sites_rooted_here"
_FIELDS = ("hostname", "port", "site_name")


class OneSite:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Where Wagtail keeps it; asked for by the pages that need it only.
        request._wagtail_site = SimpleLazyObject(partial(_site, request))  # type: ignore[attr-defined]
        return self.get_response(request)


def _site(request: HttpRequest) -> Site | None:
    root = next(iter(LibraryPage.objects.raw(*_libraries())), None)
    if root is None or root.sites != 1 or not root.is_default_site:
        found: Site | None = Site._find_for_request(request)
        return found
    said = {name: getattr(root, name) for name in (*_FIELDS, "is_default_site")}
    return Site(pk=root.site, root_page=root, **said)


@lru_cache(maxsize=1)
def _libraries() -> tuple[str, tuple[Any, ...]]:
    """The question for the library with its site, and how many sites there are, as SQL: to put it
    into words takes longer than to answer it.
    """
    columns = {name: F(f"{_SITES}__{name}") for name in (*_FIELDS, "is_default_site")}
    sites = Site.objects.order_by().annotate(all=Func(F("pk"), function="COUNT")).values("all")
    asked = LibraryPage.objects.order_by(f"{_SITES}__pk").annotate(
        site=F(f"{_SITES}__pk"), sites=Subquery(sites), **columns
    )
    said: tuple[str, tuple[Any, ...]] = asked.query.sql_with_params()
    return said
