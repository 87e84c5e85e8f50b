"""What somebody typed is not lost when their session ended meanwhile.

A form that arrives without a session is not carried out, but its text comes back on a page that
says so, can be copied from, and leads to the sign-in and back. Which forms is a list: passwords
and codes are typed in others, and a new form gives nothing back unless it is named here. Nothing
of it is stored.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

# Views in which people write.
WRITING = frozenset(
    {
        "auditing:export",
        "classes:item",
        "classes:items",
        "classes:plan_edit",
        "classes:plan_item",
        "classes:plan_items",
        "classes:plan_new",
        "classes:run_edit",
        "classes:run_new",
        "cms:submissions",
        "my_data:correct",
        "people:change",
        "people:new",
        "privacy:correction",
        "roster:export",
        "units:create",
        "units:rename",
        "wagtailadmin_pages:add",
        "wagtailadmin_pages:edit",
    }
)
UNTYPED = ("csrfmiddlewaretoken", "next")
# Numbers of rows and switches are no typed text.
SHORTEST = 4
MOST_FIELDS = 40
LONGEST = 20_000


def wants_page(request: HttpRequest) -> bool:
    """Whether a person waits for a page, rather than a script for data."""
    mode = request.headers.get("Sec-Fetch-Mode")
    if mode is not None:
        return mode == "navigate"
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return False
    if request.method not in ("GET", "HEAD", "POST"):
        return False
    return "text/html" in request.headers.get("Accept", "text/html")


def typed_text(request: HttpRequest) -> list[str]:
    """The texts of a posted form that a person may have typed, where people write."""
    match = request.resolver_match
    if match is None or match.view_name not in WRITING:
        return []
    if request.content_type not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return []
    found = [
        value.strip()
        for name, values in list(request.POST.lists())[:MOST_FIELDS]
        if name not in UNTYPED
        for value in values
    ]
    return [value[:LONGEST] for value in found if len(value) >= SHORTEST and not value.isdecimal()]


def page_before(request: HttpRequest) -> str:
    """The path of the page that the form stood on, as far as it was one of ours."""
    said = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(
        said, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return "/"
    parts = urlsplit(said)
    found = f"{parts.path}?{parts.query}" if parts.query else parts.path
    # Without its host a path may begin like another host: //elsewhere/.
    return found if url_has_allowed_host_and_scheme(found, allowed_hosts=None) else "/"


def kept_page(request: HttpRequest, *, go_on: str = "", expired: bool = False) -> HttpResponse:
    """The page that gives the text back; `go_on` is where signing in goes on."""
    before = page_before(request)
    address = f"{go_on or resolve_url(settings.LOGIN_URL)}?{urlencode({'next': before})}"
    context: dict[str, Any] = {
        "texts": typed_text(request) if _from_here(request) else [],
        "go_on": before if expired else address,
        "expired": expired,
    }
    status = HTTPStatus.FORBIDDEN if expired else HTTPStatus.UNAUTHORIZED
    return render(request, "security/kept.html", context, status=status)


def _from_here(request: HttpRequest) -> bool:
    """Whether our own page sent it: a stranger's form does not put words on our page."""
    for name in ("Origin", "Referer"):
        said = request.headers.get(name, "")
        if said and said != "null":
            return url_has_allowed_host_and_scheme(
                said, allowed_hosts={request.get_host()}, require_https=request.is_secure()
            )
    return False


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose page had grown too old (`CSRF_FAILURE_VIEW`)."""
    return kept_page(request, expired=True)
