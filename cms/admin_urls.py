"""The addresses of Wagtail's admin, with what this house puts in front of them.

Signing in happens on the product's own page, with its limits on attempts. A few of Wagtail's
views answer about any page whose id somebody tries; here they answer only about pages that the
keeper may explore.
"""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import include, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views import chooser
from wagtail.admin.views.bulk_action import index as bulk_action
from wagtail.models import Page
from wagtail.permissions import page_permission_policy

from cms.access import admin_open_to
from cms.explorer import lecture_list_url


def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Where Wagtail sends people without access: to the product's own sign-in page.

    Whoever is signed in already and holds no such post is told so.
    """
    if request.user.is_authenticated:
        if admin_open_to(request.user):
            return redirect("wagtailadmin_home")
        raise PermissionDenied(_("This page is for reviewers and curators."))
    return redirect_to_login(request.GET.get("next", reverse("wagtailadmin_home")))


@require_admin_access
def search(request: HttpRequest) -> HttpResponseBase:
    """The search box beside the menu: the list of lectures finds words inside Chinese text."""
    return redirect(f"{lecture_list_url()}?{urlencode({'q': request.GET.get('q', '')})}")


def explorable(request: HttpRequest, ids: list[str]) -> None:
    """Raise 404 unless the person may explore every one of the pages."""
    if not all(page.isdigit() for page in ids):
        raise Http404
    mine = page_permission_policy.explorable_instances(request.user)
    if mine.filter(pk__in=ids).count() != len(set(map(int, ids))):
        raise Http404


@require_admin_access
def choose_page(request: HttpRequest, parent_page_id: int) -> HttpResponseBase:
    explorable(request, [str(parent_page_id)])
    return chooser.BrowseView.as_view()(request, parent_page_id)


@require_admin_access
def chosen_pages(request: HttpRequest) -> HttpResponseBase:
    explorable(request, request.GET.getlist("id"))
    return chooser.ChosenMultipleView.as_view()(request)


@require_admin_access
def bulk(request: HttpRequest, **where: Any) -> HttpResponseBase:
    """Wagtail names the pages that one may not change; so only pages one knows may be asked for."""
    ids = request.GET.getlist("id")
    if "all" in ids:
        parent = request.GET.get("childOf", "")
        explorable(request, [parent])
        ids = [
            str(pk)
            for pk in Page.objects.get(pk=parent).get_children().values_list("pk", flat=True)
        ]
    explorable(request, ids)
    return bulk_action(request, **where)


urlpatterns = [
    path("login/", sign_in),
    # Wagtail's account page holds pictures and mail settings; the product has a page of its own.
    path("account/", RedirectView.as_view(pattern_name="home:me")),
    path("pages/search/", search),
    path("choose-page/<int:parent_page_id>/", choose_page),
    path("choose-page/chosen-multiple/", chosen_pages),
    path("bulk/<str:app_label>/<str:model_name>/<str:action>/", bulk),
    path("", include(wagtailadmin_urls)),
]
