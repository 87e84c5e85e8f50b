"""Issuing one-time codes: a question first, then slips that are shown this one time.

Lists of people post `ids` here. The slips are the answer to the POST itself: no address leads to
them again, and browsers are told to keep no copy.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from organizations.models import Membership, User
from organizations.qr import qr
from organizations.signin.credentials import (
    MOST,
    CredentialError,
    Issued,
    check_can_issue,
    credential_issue,
)

Kind = Membership.Kind


def people_chosen(request: HttpRequest) -> list[User]:
    """The people of a list's form, in the order of names; 404 for one that is out of sight."""
    try:
        ids = {int(pk) for pk in request.POST.getlist("ids")}
    except ValueError as problem:
        raise Http404 from problem
    if any(not 0 < pk < 2**63 for pk in ids):
        raise Http404
    if len(ids) > MOST:
        ids = set(sorted(ids)[: MOST + 1])
    people = list(User.objects.visible_to(request.user).filter(pk__in=ids).order_by("name", "pk"))
    if len(people) != len(ids):
        raise Http404
    return people


def address_back(request: HttpRequest) -> str:
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return back if safe else reverse("home:index")


@login_required
@require_POST
def issue(request: HttpRequest) -> HttpResponseBase:
    """Says whom codes will be issued to and what that does; issues none yet."""
    people = people_chosen(request)
    if not people or len(people) > MOST:
        messages.error(
            request,
            _("Please choose at least one person.")
            if not people
            else _("At most %(count)d people at a time. Please choose fewer.") % {"count": MOST},
        )
        return redirect(address_back(request))
    check_can_issue(request.user, people)  # type: ignore[arg-type]
    context = {
        "people": people,
        "new": sum(person.activated_at is None for person in people),
        "used": sum(person.activated_at is not None for person in people),
        "days": settings.CREDENTIAL_DAYS,
        "next": address_back(request),
    }
    return render(request, "credentials/issue.html", context)


@login_required
@require_POST
def slips(request: HttpRequest) -> HttpResponse:
    people = people_chosen(request)
    if not people:
        raise Http404
    try:
        issued = credential_issue(actor=request.user, people=people, request=request)  # type: ignore[arg-type]
    except CredentialError as problem:
        messages.error(request, str(problem))
        return redirect(address_back(request))
    context = {"slips": slips_of(issued, request), "next": address_back(request)}
    response = render(request, "credentials/slips.html", context)
    add_never_cache_headers(response)
    return response


def slips_of(issued: list[Issued], request: HttpRequest) -> list[dict[str, Any]]:
    """What is printed for each person: address, QR code, code in groups."""
    ties = Membership.objects.current().filter(user__in=[one.person.pk for one in issued])
    # The home branch goes before where somebody learns, and that before where they float.
    order = (Kind.HOST, Kind.LEARNER, Kind.HOME)
    branches = {
        tie.user_id: tie.organization.name
        for tie in sorted(
            ties.select_related("organization"), key=lambda tie: order.index(tie.kind)
        )
    }
    site = (
        settings.WAGTAILADMIN_BASE_URL if settings.PRODUCTION else request.build_absolute_uri("/")
    )
    address = site.rstrip("/") + reverse("account_first")
    return [
        {
            "person": one.person,
            "branch": branches.get(one.person.pk, ""),
            "code": one.code,
            "groups": one.code.split("-"),
            "expires_at": one.expires_at,
            "address": address,
            "qr": qr(f"{address}#{quote(one.person.username, safe='')}/{one.code}", "slip-qr"),
        }
        for one in issued
    ]
