"""The page on which a security administrator takes away somebody's factors.

The person then sets up a new one at the next sign-in, for which a one-time code may be needed.
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from organizations import scope
from organizations.models import Post
from organizations.people.person_page import view_record
from organizations.signin.second_factor.recent import recent_sign_in_required
from organizations.signin.second_factor.removal import factors_remove, people_in_hand


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def person_factors(request: HttpRequest, pk: int) -> HttpResponseBase:
    # Before a proof is asked for, so that no form of somebody without the post is kept.
    if not scope.holds_post(request.user, Post.Role.SECURITY):
        raise PermissionDenied(_("This is for the security administrator of the person's unit."))
    return _factors(request, pk)


@recent_sign_in_required
def _factors(request: HttpRequest, pk: int) -> HttpResponseBase:
    person = get_object_or_404(people_in_hand(request.user), pk=pk)
    view_record(request=request, person=person)
    if request.method == "POST":
        factors_remove(actor=request.user, person=person, request=request)
        messages.success(request, _("Removed. The next sign-in leads to setting up a new one."))
        return redirect("security:person_factors", pk=pk)
    factors = Authenticator.objects.filter(user=person).order_by("pk")
    return render(request, "security/person_factors.html", {"person": person, "factors": factors})
