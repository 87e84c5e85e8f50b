"""Claims of hours learnt elsewhere: the member's form, the list of who decides, one claim."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lms.ledger import claims as acts
from lms.ledger.claims import (
    WAITING,
    ClaimError,
    check_can_answer_claim,
    claim_change,
    claim_make,
    claim_mark,
)
from lms.ledger.evidence_files import claims_storage, file_response
from lms.ledger.forms import ClaimForm
from lms.ledger.models import ExternalClaim
from lms.ledger.permissions import can_approve_claim, can_check_claim, claim_units
from lms.watching.reasons import ReasonForm
from organizations import scope
from organizations.models import Organization
from organizations.people.person_page import view_record
from organizations.people.viewer import Viewer
from organizations.permissions import passes

State = ExternalClaim.State
PER_PAGE = 30


def claims_visible_to(user: Any) -> QuerySet[ExternalClaim]:
    """One's own, and those of the units that one speaks for."""
    within = scope.units_filter(claim_units(user), field="organization")
    rows = ExternalClaim.objects.filter(Q(user=user) | within)
    return rows.select_related("user", "organization")


@never_cache
@require_safe
@login_required
def claims(request: HttpRequest) -> HttpResponse:
    """What waits for who looks, oldest first; then what was decided."""
    user: Any = request.user
    units = claim_units(user)
    if not units:
        raise PermissionDenied(_("This is for the secretary of the branch and those above."))
    rows = claims_visible_to(user).exclude(user=user).order_by("claimed_at", "pk")
    decided = request.GET.get("state") == "decided"
    chosen = rows.exclude(state__in=WAITING) if decided else rows.filter(state__in=WAITING)
    page = Paginator(chosen.reverse() if decided else chosen, PER_PAGE).get_page(
        request.GET.get("p")
    )
    viewer = Viewer.of(request)
    shown = [
        {
            "claim": one,
            "name": viewer.name(one.user, one.organization_id),
            "mine": not decided and _turn(user, one, units),
        }
        for one in page
    ]
    context = {
        "nav": "me",
        "page": page,
        "rows": shown,
        "decided": decided,
        "query_prefix": "state=decided&" if decided else "",
    }
    return render(request, "ledger/claims.html", context)


def _turn(user: Any, claim: ExternalClaim, units: list[Organization]) -> bool:
    can = can_check_claim if claim.state == State.CHECKING else can_approve_claim
    return can(user, claim, units)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def claim_new(request: HttpRequest) -> HttpResponse:
    if scope.home_branch(request.user) is None:
        raise PermissionDenied(_("Hours are claimed by people who belong to a branch."))
    today = timezone.localdate()
    form = ClaimForm(request.POST or None, request.FILES or None, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            made = claim_make(user=request.user, wish=form.cleaned_data["wish"], **form.facts())
        except ClaimError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Handed in. Your branch looks at it, then the county."))
            return redirect("ledger:claim", made.pk)
    return _form_page(request, form, title=_("Claim hours learnt elsewhere"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def claim_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(ExternalClaim, pk=pk, user=request.user)
    kept = ExternalClaim.objects.get(pk=pk)
    today = timezone.localdate()
    form = ClaimForm(request.POST or None, request.FILES or None, today=today, instance=kept)
    if request.method == "POST" and form.is_valid():
        try:
            claim_change(claim=found, user=request.user, **form.facts())
        except ClaimError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Handed in again. Your branch looks at it."))
            return redirect("ledger:claim", pk)
    return _form_page(request, form, title=_("Change the claim"), claim=found)


def _form_page(request: HttpRequest, form: ClaimForm, **more: Any) -> HttpResponse:
    status = 422 if form.errors else 200
    context = {"nav": "me", "form": form, **more}
    return render(request, "ledger/claim_form.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(claims_visible_to(request.user), pk=pk)
    is_own = found.user_id == request.user.pk
    form = ReasonForm()
    if request.method == "POST":
        answer = _act(request, found)
        if answer is not None:
            return answer
        form = ReasonForm(request.POST)
    if not is_own:
        view_record(request=request, person=found.user)
    viewer = Viewer.of(request)
    user = request.user
    context = {
        "nav": "me",
        "claim": found,
        "mark": claim_mark(found),
        "name": viewer.name(found.user, found.organization_id),
        "is_own": is_own,
        "form": form,
        "can_change": is_own and found.state in acts.STEPS["change"][0],
        "can_withdraw": is_own and found.state in acts.STEPS["withdraw"][0],
        "can_check": found.state == State.CHECKING and can_check_claim(user, found),
        "can_approve": found.state == State.APPROVING and can_approve_claim(user, found),
        "can_send_back": found.state in WAITING and passes(check_can_answer_claim, user, found),
        "can_refuse": found.state in acts.STEPS["refuse"][0]
        and passes(check_can_answer_claim, user, found),
        "is_photo": found.file.endswith(".jpg"),
    }
    status = 422 if form.errors else 200
    return render(request, "ledger/claim.html", context, status=status)


def _act(request: HttpRequest, found: ExternalClaim) -> HttpResponse | None:
    """Do what was asked; None when a reason is missing."""
    act, user = request.POST.get("act", ""), request.user
    try:
        if request.POST.get("seen") != claim_mark(found):
            raise ClaimError(_("The claim was changed meanwhile. Please look at it again."))
        if act == "withdraw":
            acts.claim_withdraw(claim=found, user=user)
        elif act == "check":
            acts.claim_check(claim=found, actor=user)
        elif act == "approve":
            acts.claim_approve(claim=found, actor=user)
        elif act in ("send_back", "refuse"):
            form = ReasonForm(request.POST)
            if not form.is_valid():
                return None
            decide = acts.claim_send_back if act == "send_back" else acts.claim_refuse
            decide(claim=found, actor=user, reason=form.cleaned_data["reason"].strip())
        else:
            raise Http404
    except ClaimError as problem:
        messages.error(request, str(problem))
        return redirect("ledger:claim", found.pk)
    messages.success(request, DONE[act])
    own = found.user_id == user.pk
    return (
        redirect("ledger:claim", found.pk) if own or act == "refuse" else redirect("ledger:claims")
    )


@never_cache
@require_safe
@login_required
def evidence(request: HttpRequest, pk: int) -> FileResponse:
    """The photo, or the PDF as a download; looking at somebody else's is logged."""
    found = get_object_or_404(claims_visible_to(request.user), pk=pk)
    if found.user_id != request.user.pk:
        view_record(request=request, person=found.user)
    if not found.file or not claims_storage().exists(found.file):
        raise Http404
    return file_response(found.file, f"evidence-{found.pk}")


DONE = {
    "withdraw": gettext_lazy("The claim is withdrawn."),
    "check": gettext_lazy("Checked; the county decides now."),
    "approve": gettext_lazy("Approved. The hours stand in the statement."),
    "send_back": gettext_lazy("Sent back. The person reads the reason and can change the claim."),
    "refuse": gettext_lazy("Refused. The person reads the reason."),
}
