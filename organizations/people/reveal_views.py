"""Opening and hiding names in lists: one logged act for all lists."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from organizations import scope
from organizations.people.masking import names_hide, names_reveal


@never_cache
@require_POST
@login_required
def reveal(request: HttpRequest) -> HttpResponse:
    if not scope.readable_units(request.user):
        raise PermissionDenied(_("Only those who hold a post open names in lists."))
    target = _next(request)
    if request.POST.get("show") == "off":
        names_hide(request)
    else:
        # Without the query: a search may hold a name or a phone number.
        names_reveal(request, where=target.partition("?")[0], count=_count(request))
    return redirect(target)


def _next(request: HttpRequest) -> str:
    """The page that asked, if it is an address of this site without a host."""
    target = request.POST.get("next", "")
    if target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return target
    return reverse("home:me")


def _count(request: HttpRequest) -> int:
    """How many people the page listed, as the page itself says."""
    said = request.POST.get("count", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 7 else 0
