"""The one list of those responsible, and answering. Names are masked until they are opened."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cms.enquiries.answering import enquiry_answer, enquiry_close, enquiry_propose
from cms.enquiries.forms import AnswerForm
from cms.enquiries.models import ANSWERERS, Enquiry
from cms.enquiries.permissions import can_answer, can_propose, check_can_open_desk
from cms.enquiries.wording import EnquiryError
from organizations import scope
from organizations.permissions import units_path_covers

PAGE = 30
ACTS = {"answer": enquiry_answer, "close": enquiry_close, "propose": enquiry_propose}


@never_cache
@login_required
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What waits, the oldest first; what is done, the latest first."""
    check_can_open_desk(request.user)
    kind = request.GET.get("kind", "")
    kind = kind if kind in Enquiry.Kind.values else ""
    is_done = request.GET.get("done") == "1"
    rows = Enquiry.objects.to_answer_by(request.user)
    rows = rows.exclude(state=Enquiry.State.OPEN) if is_done else rows.filter(state="open")
    rows = rows.filter(kind=kind) if kind else rows
    rows = rows.order_by("-answered_at", "-pk") if is_done else rows.order_by("sent_at", "pk")
    asked = ("done=1&" if is_done else "") + (f"kind={kind}&" if kind else "")
    rows = rows.select_related("lecture", "organization", "sender")
    page: Any = Paginator(rows, PAGE).get_page(request.GET.get("p"))
    answered = scope.managed_units(request.user, roles=ANSWERERS)
    # Whoever is asked about an own lecture and answers nowhere does not learn who asks.
    page.object_list = [
        {"enquiry": one, "has_sender": units_path_covers(answered, one.organization)}
        for one in page.object_list
    ]
    context = {
        "nav": "me",
        "page_obj": page,
        "kinds": Enquiry.Kind.choices,
        "kind": kind,
        "is_done": is_done,
        "query_prefix": asked,
    }
    return render(request, "enquiries/desk.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def enquiry(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them; a POST acts, named by `act`."""
    check_can_open_desk(request.user)
    rows = Enquiry.objects.to_answer_by(request.user)
    rows = rows.select_related("lecture", "organization", "sender", "proposed_by")
    found: Enquiry = get_object_or_404(rows, pk=pk)
    may_answer, may_propose = can_answer(request.user, found), can_propose(request.user, found)
    form = AnswerForm(request.POST or None, initial={"text": found.proposal})
    if request.method == "POST":
        _check_act(request.POST.get("act", ""), may_answer=may_answer, may_propose=may_propose)
        if _is_done(request, found, form):
            return redirect("enquiries:desk")
    context = {
        "nav": "me",
        "enquiry": found,
        "form": form,
        "may_answer": may_answer,
        "may_propose": may_propose and not may_answer,
    }
    status = 422 if form.errors else 200
    return render(request, "enquiries/enquiry.html", context, status=status)


def _check_act(act: str, *, may_answer: bool, may_propose: bool) -> None:
    if act not in ACTS:
        raise Http404
    if not (may_propose if act == "propose" else may_answer):
        raise PermissionDenied(_("Only the reviewers and curators responsible answer this."))


def _is_done(request: HttpRequest, found: Enquiry, form: forms.Form) -> bool:
    if not form.is_valid():
        return False
    act: Any = ACTS[request.POST["act"]]
    try:
        act(actor=request.user, enquiry=found, text=form.cleaned_data["text"], request=request)
    except EnquiryError as refusal:
        form.add_error("text", str(refusal))
        return False
    said = {
        "answer": _("The answer is published.") if found.is_question else _("The answer is sent."),
        "close": _("It is closed; the sender reads the reason."),
        "propose": _("Thank you. Those responsible decide about your answer."),
    }
    messages.success(request, said[request.POST["act"]])
    return True
