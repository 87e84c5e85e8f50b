"""What this house adds to Wagtail's admin, and what of it stays out of sight.

Each hook makes one call or filters one list. What a keeper may do with a page is in
`cms.editing`, how pages are listed in `cms.explorer`.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.home import LockedPagesPanel, RecentEditsPanel
from wagtail.models import Page
from wagtail.permissions import page_permission_policy

from cms.absent_apps import absent_endpoints
from cms.bulk_decisions import DECISIONS, decision_buttons
from cms.curating import curated
from cms.dashboard import AwaitingPanel, DeskPanel
from cms.explorer import explorer, lecture_list
from cms.lecture_chooser import lecture_chooser
from cms.left_behind import left_behind
from cms.models import LecturePage
from cms.publishing import unready
from cms.recording_chooser import recording_chooser
from cms.recording_queue import recording_queue

# Reports without meaning here: no workflow yet, one page type, nothing that ages.
REPORTS = {"locked-pages", "site-history"}
# Help leads to Wagtail's own sites.
HIDDEN = {"help"}


@hooks.register("register_admin_viewset")
def viewsets() -> list[Any]:
    return [explorer, lecture_list, lecture_chooser, recording_chooser, recording_queue, curated]


hooks.register("construct_admin_api", absent_endpoints)
hooks.register("register_page_listing_more_buttons", decision_buttons)
hooks.register("register_page_header_buttons", decision_buttons)
for decision in DECISIONS:
    hooks.register("register_bulk_action", decision)


@hooks.register("register_admin_menu_item")
def figures_item() -> MenuItem:
    """The page of figures is the product's own, for phones too."""
    url = reverse_lazy("cms:figures")
    label = _("Figures of the library")
    return MenuItem(label, url, name="library-figures", icon_name="table", order=140)


@hooks.register("construct_main_menu")
def main_menu(request: HttpRequest, items: list[Any]) -> None:
    items[:] = [item for item in items if item.name not in HIDDEN]


@hooks.register("construct_reports_menu")
def reports_menu(request: HttpRequest, items: list[Any]) -> None:
    items[:] = [item for item in items if item.name in REPORTS]


@hooks.register("construct_homepage_panels")
def homepage(request: HttpRequest, panels: list[Any]) -> None:
    panels[:] = [DeskPanel(), AwaitingPanel(), RecentEditsPanel(), LockedPagesPanel()]


@hooks.register("construct_homepage_summary_items", order=1000)
def homepage_summary(request: HttpRequest, items: list[Any]) -> None:
    items.clear()


@hooks.register("construct_page_chooser_queryset")
def page_chooser(pages: Any, request: HttpRequest) -> Any:
    """Wagtail's chooser would list every page of the site."""
    return pages & page_permission_policy.explorable_instances(request.user)


@hooks.register("construct_page_action_menu")
def action_menu(items: list[Any], request: HttpRequest, context: dict[str, Any]) -> None:
    """Publishing is what keepers open a lecture for, so it is the first button."""
    items.sort(key=lambda item: item.name != "action-publish")


@hooks.register("after_publish_page")
def what_is_left_behind(request: HttpRequest, page: Page) -> None:
    text = left_behind(page) if isinstance(page, LecturePage) else ""
    if text:
        messages.warning(request, text)


@hooks.register("before_bulk_action")
def bulk_publish(
    request: HttpRequest, action_type: str, objects: list[Page], action: Any
) -> HttpResponse | None:
    """The editor's form says what is missing; the bulk action has no form."""
    problem = unready(objects) if action_type == "publish" else ""
    if action_type == "unpublish":
        problem = gettext(
            "Lectures are taken down one by one, each with its reason, from their editor."
        )
    if not problem:
        return None
    messages.error(request, problem)
    return redirect(action.next_url)


@hooks.register("insert_global_admin_css")
def admin_css() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("css/admin.css"))


@hooks.register("insert_global_admin_js")
def admin_js() -> str:
    return format_html('<script type="module" src="{}"></script>', static("js/admin/start.js"))
