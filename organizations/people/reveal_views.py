"""Opening and hiding names in lists: one logged act for all lists.

The log can not be erased, so nothing that the browser says gets there: the page that asked is
looked up among our routes, and its unit or person among those that the reader may see.
"""

from __future__ import annotations

from urllib.parse import unquote

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from organizations import scope
from organizations.people.list_pages import unit_read
from organizations.people.masking import names_hide, names_reveal
from organizations.people.person_page import person_read
from organizations.people.viewer import Viewer

# The pages with the button.
LISTS = frozenset(
    {
        *("people:list", "people:detail", "classes:progress", "roster:import_detail"),
        *("enquiries:desk", "enquiries:enquiry"),
        *("classes:desk", "classes:people", "classes:enrol", "classes:session"),
        *("classes:coverage", "classes:import_detail"),
        *("gatherings:detail", "gatherings:void_person"),
        *("reports:missing", "reports:rows", "reports:class_missing"),
    }
)


@never_cache
@require_POST
@login_required
def reveal(request: HttpRequest) -> HttpResponse:
    if not scope.readable_units(request.user):
        raise PermissionDenied(_("Only those who hold a post open names in lists."))
    target = request.POST.get("next", "")
    page, viewer = _page(target), Viewer.of(request)
    if request.POST.get("show") == "off":
        names_hide(request)
    elif page.view_name == "people:list":
        unit = unit_read(viewer, page.kwargs["code"])
        names_reveal(request, where=page.view_name, unit=unit.code)
    elif page.view_name == "people:detail":
        person = person_read(viewer, page.kwargs["pk"])
        names_reveal(request, where=page.view_name, person=person)
    else:
        names_reveal(request, where=page.view_name)
    return redirect(target)


def _page(target: str) -> ResolverMatch:
    """The page of this site that asked."""
    if target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        try:
            match = resolve(unquote(target.partition("?")[0]))
        except Resolver404 as missing:
            raise BadRequest from missing
        if match.view_name in LISTS:
            return match
    raise BadRequest
