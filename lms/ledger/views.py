"""Statements of hours: one's own, and those of people within the scope of who looks after them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lms.ledger.books import rules_known
from lms.ledger.models import ExternalClaim
from lms.ledger.permissions import can_keep_ledger, claim_units
from lms.ledger.rules import Kind, rule_in_force
from lms.ledger.statements import person_statement, years_of
from lms.watching.permissions import can_void
from organizations.models import User
from organizations.people.person_page import person_read, view_record
from organizations.people.viewer import Viewer
from organizations.permissions import can_keep_person
from organizations.scope import home_branch


@never_cache
@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    claims = ExternalClaim.objects.filter(user=user).order_by("-claimed_at")[:20]
    context = _context(request, user.pk) | {
        "name": str(user),
        "is_own": True,
        "branch": home_branch(user),
        "claims": claims,
        "can_claim": home_branch(user) is not None,
    }
    return render(request, "ledger/statement.html", context)


@never_cache
@require_safe
@login_required
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """For who has the person in scope; looking is logged, as on the person's page."""
    viewer = Viewer.of(request)
    found: User = person_read(viewer, pk)
    if not viewer.is_self(found):
        view_record(request=request, person=found)
    in_clear = viewer.is_self(found) or can_keep_person(request.user, found)
    branch = home_branch(found)
    context = _context(request, found.pk) | {
        "name": str(found) if in_clear else viewer.name(found, branch.pk if branch else None),
        "person": found,
        "is_own": False,
        "branch": branch,
        "can_void": can_void(request.user, found),
    }
    return render(request, "ledger/statement.html", context)


def _context(request: HttpRequest, user_id: int) -> dict[str, Any]:
    today = timezone.localdate()
    years = years_of(user_id, today=today)
    known = {str(year): year for year in years}
    asked = request.GET.get("year", str(years[0]))
    if asked not in known:
        raise Http404
    year = known[asked]
    rule = rule_in_force(rules_known().values(), today)
    return {
        "nav": "me",
        "statement": person_statement(user_id=user_id, year=year),
        "years": years,
        "today": today,
        "rule": rule,
        "bands": rule.bands[Kind.SELF_STUDY],
        "keeps_ledger": can_keep_ledger(request.user),
        "decides": bool(claim_units(request.user)),
    }
