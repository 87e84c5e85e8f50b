"""Notices of a menu that can be ordered, and of a branch's programme on its day."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cms.handbills import Handbill, handbill_page
from cms.models import LecturePage
from cms.programme.models import Menu, Programme
from cms.programme.ordering import menu_lectures


@never_cache
@login_required
@require_safe
def menu_handbill(request: HttpRequest, pk: int) -> HttpResponse:
    menus = Menu.objects.visible_to(request.user).select_related("audience", "organization")
    menu = get_object_or_404(menus, pk=pk)
    keys = list(menu_lectures(menu))
    titles = dict(LecturePage.objects.live().filter(pk__in=keys).values_list("pk", "title"))
    bill = Handbill(
        kind=_("Menu of lectures"),
        title=menu.title,
        facts=[(_("For"), menu.audience.name)],
        lines=[titles[key] for key in keys if key in titles],
        call=_("Scan the code or open the link; your branch secretary can order it."),
        path=reverse("programme:menu", args=[pk]),
        sender=menu.organization.name if menu.organization else "",
    )
    return handbill_page(request, bill, nav="library")


@never_cache
@login_required
@require_safe
def programme_handbill(request: HttpRequest, pk: int) -> HttpResponse:
    programmes = Programme.objects.visible_to(request.user).select_related("organization")
    programme = get_object_or_404(programmes, pk=pk)
    items = programme.items.filter(lecture__live=True).order_by("position", "pk")
    unit = programme.organization.name
    bill = Handbill(
        kind=_("Watching lectures together"),
        title=programme.title,
        facts=[(_("Day"), date_format(programme.on, "DATE_FORMAT")), (_("Unit"), unit)],
        lines=list(items.values_list("lecture__title", flat=True)),
        call=_("Please come; whoever cannot may scan the code and see what is shown."),
        path=reverse("programme:programme", args=[pk]),
        sender=unit,
    )
    return handbill_page(request, bill, nav="library")
