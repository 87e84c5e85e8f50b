"""My data: what is kept about me and why, correcting it, taking it along, deleting it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lms.home.my_data import data_export, printed
from lms.home.my_data_forms import EraseForm, PhoneCodeForm, PhoneForm, WishForm
from organizations.models import Correction
from organizations.people.masking import masked_phone
from organizations.privacy import holdings
from organizations.privacy.corrections import CorrectionError, correction_ask
from organizations.privacy.erasing import EraseError, person_erase
from organizations.privacy.own_phone import (
    PhoneError,
    code_confirm,
    code_send,
    must_confirm,
    own_phone_change,
    waiting_phone,
)
from organizations.signin.second_factor.recent import recent_sign_in_required

PAGE = 20
GET_OR_POST = ["GET", "HEAD", "POST"]


@never_cache
@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    found = [
        {"name": name, "section": section, "count": section.count}
        for name, section in holdings.sections(person=request.user)
    ]
    return render(request, "privacy/my_data.html", {"nav": "me", "found": found})


@never_cache
@require_safe
@login_required
def section(request: HttpRequest, name: str) -> HttpResponse:
    found = holdings.section(name, person=request.user)
    if found is None:
        raise Http404
    rows: Any = found.rows  # counts itself and gives slices, as a paginator asks
    page = Paginator(rows, PAGE).get_page(request.GET.get("p"))
    context = {
        "nav": "me",
        "name": name,
        "section": found,
        "page_obj": page,
        "rows": printed(found, page.object_list),
    }
    return render(request, "privacy/my_data_section.html", context)


@never_cache
@require_http_methods(GET_OR_POST)
@recent_sign_in_required
def phone(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    form = PhoneForm(request.POST or None, initial={"phone": user.phone or ""})
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["phone"]
        try:
            if must_confirm(number):
                code_send(request, number)
                return redirect("my_data:phone_code")
            own_phone_change(person=user, phone=number, request=request)
        except PhoneError as problem:
            form.add_error("phone", str(problem))
        else:
            messages.success(request, _("Your phone number was changed."))
            return redirect("my_data:index")
    return render(request, "privacy/my_phone.html", {"nav": "me", "form": form})


@never_cache
@require_http_methods(GET_OR_POST)
@recent_sign_in_required
def phone_code(request: HttpRequest) -> HttpResponse:
    number = waiting_phone(request)
    if not number:
        return redirect("my_data:phone")
    form = PhoneCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            code_confirm(request, form.cleaned_data["code"])
        except PhoneError as problem:
            form.add_error("code", str(problem))
        else:
            messages.success(request, _("Your phone number was changed."))
            return redirect("my_data:index")
    context = {"nav": "me", "form": form, "phone": masked_phone(number)}
    return render(request, "privacy/my_phone_code.html", context)


@never_cache
@require_http_methods(GET_OR_POST)
@login_required
def correct(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    form = WishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            correction_ask(person=user, text=form.cleaned_data["text"], request=request)
        except CorrectionError as problem:
            form.add_error("text", str(problem))
        else:
            messages.success(request, _("Sent. The answer will appear here."))
            return redirect("my_data:correct")
    wishes = Correction.objects.filter(user=user)[:PAGE]
    return render(request, "privacy/my_wishes.html", {"nav": "me", "form": form, "wishes": wishes})


@never_cache
@require_http_methods(GET_OR_POST)
@recent_sign_in_required
def export(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "privacy/my_export.html", {"nav": "me"})
    content = data_export(person=request.user, request=request)
    day = timezone.localdate()
    return HttpResponse(
        content,
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="my-data-{day:%Y%m%d}.zip"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@never_cache
@require_http_methods(GET_OR_POST)
@recent_sign_in_required
def erase(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    form = EraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person_erase(actor=user, person=user, reason="", request=request)
        except EraseError as problem:
            form.add_error(None, str(problem))
        else:
            logout(request)
            return redirect("my_data:erased")
    return render(request, "privacy/my_erase.html", {"nav": "me", "form": form})


@never_cache
@require_safe
def erased(request: HttpRequest) -> HttpResponse:
    """What a person without an account reads last."""
    return render(request, "privacy/my_erased.html")
