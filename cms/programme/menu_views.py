"""Menus for everybody who is signed in; who speaks for a branch orders one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cms.cards import lecture_cards
from cms.models import LecturePage
from cms.programme.forms import OrderForm
from cms.programme.models import Menu
from cms.programme.ordering import MOST_LECTURES, OrderError, left_out, menu_lectures, menu_order
from cms.programme.permissions import can_hold, check_can_hold
from cms.sequences import cards_in_row


@never_cache
@login_required
@require_safe
def menu_list(request: HttpRequest) -> HttpResponse:
    """Grouped by audience; menus without a published lecture are left out."""
    menus = (
        Menu.objects.visible_to(request.user)
        .select_related("audience", "organization")
        .annotate(lecture_count=Count("items", filter=Q(items__lecture__live=True)))
        .filter(lecture_count__gt=0)
        .order_by("audience__position", "audience__name", "title", "pk")
    )
    context = {"nav": "library", "menus": menus}
    return render(request, "programme/menu_list.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def menu(request: HttpRequest, pk: int) -> HttpResponse:
    """What is on it; a POST orders it."""
    menus = Menu.objects.visible_to(request.user).select_related("audience", "organization")
    found: Menu = get_object_or_404(menus, pk=pk)
    today = timezone.localdate()
    form = None
    if request.method == "POST":
        check_can_hold(request.user)
    if can_hold(request.user):
        form = OrderForm(request.POST or None, user=request.user, today=today)
        if request.method == "POST" and form.is_valid():
            try:
                programme = menu_order(
                    menu=found,
                    organization=form.unit(),
                    on=form.cleaned_data["on"],
                    user=request.user,
                    today=today,
                )
            except OrderError as problem:
                form.add_error("on", str(problem))
            else:
                text = _("Ordered for %(day)s. You can still change the programme.")
                messages.success(request, text % {"day": date_format(programme.on, "DATE_FORMAT")})
                if number := left_out(found, programme):
                    text = ngettext(
                        "A programme has at most %(most)s lectures, so %(n)s from the end of this "
                        "menu is not in it. You can exchange lectures.",
                        "A programme has at most %(most)s lectures, so %(n)s from the end of this "
                        "menu are not in it. You can exchange lectures.",
                        number,
                    )
                    messages.warning(request, text % {"most": MOST_LECTURES, "n": number})
                return redirect("programme:programme", programme.pk)
    context: dict[str, Any] = {"nav": "library", "menu": found, "form": form}
    context["lectures"] = lecture_cards(_lectures(found), request=request)
    cards_in_row(context["lectures"], "menu", pk)
    status = 422 if form is not None and form.errors else 200
    return render(request, "programme/menu.html", context, status=status)


def _lectures(menu: Menu) -> list[LecturePage]:
    keys = list(menu_lectures(menu))
    found = LecturePage.objects.for_cards().in_bulk(keys)
    return [found[key] for key in keys if key in found]
