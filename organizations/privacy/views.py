"""Pages of keepers: the wishes of their people, and erasing somebody."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from audit.log import record
from organizations import scope
from organizations.models import Correction, User
from organizations.permissions import ROSTER_KEEPERS, can_see_person
from organizations.privacy.corrections import (
    CorrectionError,
    check_can_answer,
    correction_answer,
    corrections_for,
)
from organizations.privacy.erasing import EraseError, check_can_erase, person_erase
from organizations.privacy.forms import AnswerForm, EraseForm
from organizations.signin.second_factor.recent import recent_sign_in_required

PAGE = 30


@never_cache
@require_safe
@login_required
def corrections(request: HttpRequest) -> HttpResponse:
    """Names masked, words not shown: opening one is logged."""
    if not scope.holds_post(request.user, *ROSTER_KEEPERS):
        raise PermissionDenied(_("Wishes to correct data are answered by those who keep a roster."))
    page = Paginator(corrections_for(request.user), PAGE).get_page(request.GET.get("p"))
    return render(request, "privacy/corrections.html", {"nav": "me", "page_obj": page})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def correction(request: HttpRequest, pk: int) -> HttpResponse:
    wish = corrections_for(request.user).filter(pk=pk).first()
    if wish is None:
        raise Http404
    check_can_answer(request.user, wish)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            correction_answer(
                actor=request.user, correction=wish, request=request, **form.cleaned_data
            )
        except CorrectionError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("The answer was sent."))
            return redirect("privacy:corrections")
    elif request.method != "POST":
        record("person.view", target=wish.user, request=request, correction=wish.pk)
    is_open = wish.state == Correction.State.OPEN
    context = {"nav": "me", "wish": wish, "form": form, "is_open": is_open}
    return render(request, "privacy/correction.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@recent_sign_in_required
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    person = get_object_or_404(User, pk=pk, erased_at__isnull=True)
    if user.pk == person.pk:
        return redirect("my_data:erase")
    if not can_see_person(user, person):
        raise Http404
    check_can_erase(user, person)
    form = EraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person_erase(
                actor=user, person=person, reason=form.cleaned_data["reason"], request=request
            )
        except EraseError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("The person's data were deleted."))
            return redirect("units:branch")
    return render(
        request, "privacy/erase_person.html", {"nav": "me", "person": person, "form": form}
    )
