"""How a library page answers: to people who are signed in, at its present address."""

from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import add_never_cache_headers
from django.views.decorators.gzip import gzip_page
from wagtail.models import Page, PageViewRestriction


class ForMembers:
    """A page of the library. Wagtail's own restrictions are not offered for it, so a visit looks
    for none of them.
    """

    private_page_options: list[str] = []

    def get_view_restrictions(self) -> QuerySet[PageViewRestriction]:
        restrictions: QuerySet[PageViewRestriction] = PageViewRestriction.objects.none()
        return restrictions


def serve(
    page: Page,
    render: Callable[[HttpRequest], HttpResponseBase],
    request: HttpRequest,
    *,
    moved: bool = False,
) -> HttpResponseBase:
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if moved:
        return redirect(page.get_url(request))
    # A weak line is a second faster with it; its random padding hides how well secrets compress.
    response = gzip_page(render)(request)
    # Personal (signed addresses, the person's name): neither a proxy nor the next person on a
    # shared computer gets it from a cache.
    add_never_cache_headers(response)
    response.headers["Referrer-Policy"] = "same-origin"
    return response
