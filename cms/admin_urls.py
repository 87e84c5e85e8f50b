"""The addresses of Wagtail's admin, with what this house puts in front of them.

Signing in happens on the product's own page, with its limits on attempts. A few of Wagtail's
views answer about any page whose id somebody tries; here they answer only about pages that the
keeper may explore. None of its lists is handed out as a file.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import include, path, re_path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views import chooser
from wagtail.admin.views.bulk_action import index as bulk_action
from wagtail.admin.views.pages import move
from wagtail.models import Page
from wagtail.permissions import page_permission_policy
from wagtail.utils.urlpatterns import decorate_urlpatterns

from cms.access import admin_open_to
from cms.explorer import lecture_list_url
from cms.history import HistoryView, LockedView
from cms.review.models import Review


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
    if not all(page.isdecimal() and len(page) < 10 for page in ids):
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
def move_confirm(
    request: HttpRequest, page_to_move_id: int, destination_id: int
) -> HttpResponseBase:
    """Wagtail asks whether one may only when the move is confirmed; before, it names any page."""
    explorable(request, [str(page_to_move_id), str(destination_id)])
    page = Page.objects.get(pk=page_to_move_id).specific
    destination = Page.objects.get(pk=destination_id).specific
    if not page.permissions_for_user(request.user).can_move_to(destination):
        raise PermissionDenied
    response: HttpResponseBase = move.move_confirm(request, page_to_move_id, destination_id)
    return response


@require_admin_access
def bulk(request: HttpRequest, **where: Any) -> HttpResponseBase:
    """Wagtail names the pages that one may not change; so only pages one knows may be asked for."""
    if (where["app_label"], where["model_name"]) != ("wagtailcore", "page"):
        raise Http404
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


@require_admin_access
@require_safe
def review_of(request: HttpRequest, page_id: int) -> HttpResponseBase:
    """Wagtail's editor links here for how a lecture fares: its sheet says that."""
    explorable(request, [str(page_id)])
    return redirect("review:sheet", get_object_or_404(Review, lecture=page_id).pk)


def shut(request: HttpRequest, **where: Any) -> HttpResponseBase:
    raise Http404


def exporting_nothing(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Wagtail's spreadsheets leave for no reason given, unmarked and unlogged."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **where: Any) -> HttpResponseBase:
        if "export" in request.GET:
            raise Http404
        return view(request, *args, **where)

    return answered


# Views of Wagtail that this house does not use: accounts and groups are kept in the product and
# follow posts, there is one site, no workflow, no collections, snippets, tags or rich text, and
# pages are neither copied nor made private. Nobody reaches them, whatever Django permissions say.
SHUT = (
    r"^(?:users|groups|sites|collections|workflows|snippets|password_reset|tag-autocomplete"
    r"|choose-(?:external|email|phone|anchor)-link|block-preview|failwhale|test404"
    r"|reports/(?:workflow|workflow_tasks|aging-pages|page-types-usage)"
    r"|pages/workflow|pages/usage|pages/create"
    r"|pages/\d+/(?:copy|convert_alias|privacy|workflow_history|set_position)"
    r"|api/main/pages/(?:find|\d+/action))/"
)

urlpatterns = [
    path("pages/<int:page_id>/workflow_history/", review_of),
    re_path(SHUT, shut),
    path("login/", sign_in),
    # Wagtail's account page holds pictures and mail settings; the product has a page of its own.
    path("account/", RedirectView.as_view(pattern_name="home:me")),
    path("pages/search/", search),
    path("pages/<int:page_to_move_id>/move/<int:destination_id>/confirm/", move_confirm),
    *(
        path(f"reports/{name}/{part}", require_admin_access(view.as_view(results_only=bool(part))))
        for name, view in (("site-history", HistoryView), ("locked", LockedView))
        for part in ("", "results/")
    ),
    path("choose-page/<int:parent_page_id>/", choose_page),
    path("choose-page/chosen-multiple/", chosen_pages),
    path("bulk/<str:app_label>/<str:model_name>/<str:action>/", bulk),
    path("", include(wagtailadmin_urls)),
]
decorate_urlpatterns(urlpatterns, exporting_nothing)
