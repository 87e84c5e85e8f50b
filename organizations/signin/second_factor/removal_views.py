"""Taking away somebody's factors when a phone was lost: a security administrator, within scope.

The person then sets up a new one at the next sign-in, for which a one-time code may be needed.
"""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from audit import log
from organizations import scope
from organizations.models import Membership, Post, User
from organizations.signin import sessions
from organizations.signin.second_factor.recent import recent_sign_in_required


def people_in_hand(user: Any) -> Any:
    """Accounts whose factors this security administrator looks after: own unit and below."""
    paths = scope.outermost(
        {unit.path for unit in scope.managed_units(user, roles=(Post.Role.SECURITY,))}
    )
    inside = scope.NOTHING
    for path in paths:
        inside |= scope.subtree(path, "organization")
    members = Membership.objects.current().filter(inside).values("user")
    holders = Post.objects.current().filter(inside).values("user")
    tied = User.objects.filter(pk__in=members) | User.objects.filter(pk__in=holders)
    # A post above the unit is out of reach, also of who looks after the branch at home.
    beyond = Post.objects.current().exclude(inside).values("user")
    return tied.exclude(pk__in=beyond).exclude(pk=user.pk)


@transaction.atomic
def factors_remove(*, actor: Any, person: User, request: HttpRequest | None = None) -> int:
    """Remove every factor of a person and end their sessions; returns how many factors."""
    if not people_in_hand(actor).filter(pk=person.pk).exists():
        raise PermissionDenied(_("This is for the security administrator of the person's unit."))
    kinds = sorted(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    Authenticator.objects.filter(user=person).delete()
    sessions.sessions_end_all(user=person, actor=actor, why="factors removed", request=request)
    log.record("second_factor.remove", actor=actor, target=person, request=request, kinds=kinds)
    return len(kinds)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@recent_sign_in_required
def person_factors(request: HttpRequest, pk: int) -> HttpResponseBase:
    if not scope.holds_post(request.user, Post.Role.SECURITY):
        raise PermissionDenied(_("This is for the security administrator of the person's unit."))
    person = get_object_or_404(people_in_hand(request.user), pk=pk)
    if request.method == "POST":
        factors_remove(actor=request.user, person=person, request=request)
        messages.success(request, _("Removed. The next sign-in leads to setting up a new one."))
        return redirect("security:person_factors", pk=pk)
    factors = Authenticator.objects.filter(user=person).order_by("pk")
    return render(request, "security/person_factors.html", {"person": person, "factors": factors})
