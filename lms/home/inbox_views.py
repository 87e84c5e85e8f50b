"""One's own messages, and the ways by which they come as well. Nobody sees anybody else's."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lms.home.mail_address import (
    MailError,
    address_in,
    address_keep,
    confirmation_send,
    letter_use,
)
from notices.channels import EMAIL
from notices.choosing import ways_choose, ways_of
from notices.inbox import messages_of, messages_seen
from organizations.signin.second_factor.recent import recent_sign_in_required

PAGE = 20


class AddressForm(forms.Form):
    address = forms.EmailField(
        label=gettext_lazy("Mail address"),
        max_length=120,
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email"}),
    )


@never_cache
@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """The latest first. What stands on the page counts as read from now on."""
    page: Any = Paginator(messages_of(request.user), PAGE).get_page(request.GET.get("p"))
    page.object_list = list(page.object_list)
    response = render(
        request,
        "inbox/inbox.html",
        {"nav": "me", "page_obj": page, "query_prefix": "", "ways": ways_of(request.user)},
    )
    if request.method == "GET":
        messages_seen(user=request.user, messages=page.object_list)
    return response


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ways(request: HttpRequest) -> HttpResponse:
    """By which ways messages come as well; a POST chooses, or acts on the mail address."""
    form = AddressForm()
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act == "address":
            form = AddressForm(request.POST)
            if _is_sent(request, form):
                return redirect("inbox:ways")
        elif act == "no_address":
            address_keep(person=request.user, address="", request=request)
            messages.success(request, _("The address is removed."))
            return redirect("inbox:ways")
        else:
            ways_choose(person=request.user, wanted=request.POST.getlist("ways"))
            messages.success(request, _("Your choice is kept."))
            return redirect("inbox:ways")
    rows = ways_of(request.user)
    context = {
        "nav": "me",
        "ways": rows,
        "form": form,
        "has_mail": any(one.channel == EMAIL for one in rows),
    }
    return render(request, "inbox/ways.html", context, status=422 if form.errors else 200)


def _is_sent(request: HttpRequest, form: AddressForm) -> bool:
    if not form.is_valid():
        return False
    try:
        address = form.cleaned_data["address"]
        confirmation_send(person=request.user, address=address, request=request)
    except MailError as problem:
        form.add_error("address", str(problem))
        return False
    messages.success(
        request, _("A letter is on its way to you. Please open the page that it names.")
    )
    return True


@never_cache
@login_required
@recent_sign_in_required
@require_http_methods(["GET", "HEAD", "POST"])
def mail(request: HttpRequest, token: str) -> HttpResponse:
    """Where the letter leads: a POST keeps the address. Only soon after signing in: what is read on
    a forgotten screen is not sent elsewhere from then on.
    """
    address = address_in(token, person=request.user)
    if request.method == "POST" and address:
        address_keep(person=request.user, address=address, request=request)
        letter_use(token)
        messages.success(request, _("Messages now come to you by mail as well."))
        return redirect("inbox:ways")
    status = 200 if address else 404
    return render(request, "inbox/mail.html", {"nav": "me", "address": address}, status=status)
