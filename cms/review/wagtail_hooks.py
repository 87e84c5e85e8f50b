"""What reviewing adds to Wagtail's admin: a way to the queue, its count, the state of a lecture."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.admin.menu import MenuItem
from wagtail.models import Page

from cms.models import LecturePage
from cms.review.gate import is_taken_down, waits_text
from cms.review.lines import lines_kept_by
from cms.review.models import Review
from cms.review.rounds import draft_followed

# Wagtail's own acts on workflows: deciding happens on the page of the review.
OFF_THE_MENU = {"action-submit", "action-restart-workflow", "action-cancel-workflow"}


@hooks.register("register_admin_menu_item")
def queue_item() -> MenuItem:
    return MenuItem(
        gettext_lazy("Reviews"),
        reverse("review:queue"),
        name="reviews",
        icon_name="circle-check",
        order=105,
    )


class LinesItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(lines_kept_by(request.user))


@hooks.register("register_settings_menu_item")
def lines_item() -> MenuItem:
    return LinesItem(
        gettext_lazy("Levels of review"),
        reverse("review:lines"),
        name="review-lines",
        icon_name="site",
        order=100,
    )


class ReviewItem(ActionMenuItem):
    """The button that leads from the editor to the review, or to taking down and bringing back."""

    name = "action-review"
    icon_name = "circle-check"

    def is_shown(self, context: dict[str, Any]) -> bool:
        return isinstance(context.get("page"), LecturePage)

    def get_url(self, context: dict[str, Any]) -> str:
        page = context["page"]
        if page.live or is_taken_down(page):
            return reverse("review:take_down", args=[page.pk])
        review = Review.objects.filter(lecture=page.pk).first()
        return reverse("review:sheet", args=[review.pk]) if review else reverse("review:queue")

    def render_html(self, parent_context: dict[str, Any]) -> str:
        page = parent_context["page"]
        self.label = _("Take down") if page.live else _("To the review")
        if is_taken_down(page):
            self.label = _("Taken down: bring it back")
        return str(super().render_html(parent_context))


@hooks.register("register_page_action_menu_item")
def review_item() -> ActionMenuItem:
    return ReviewItem(order=5)


@hooks.register("construct_page_action_menu")
def no_foreign_acts(items: list[Any], request: HttpRequest, context: dict[str, Any]) -> None:
    items[:] = [item for item in items if item.name not in OFF_THE_MENU]


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
def saved(request: HttpRequest, page: Page) -> None:
    """Drafts made here are reviewed as those that were handed in; a new recording, anew."""
    lecture = page.specific
    if isinstance(lecture, LecturePage):
        followed = draft_followed(lecture, user=request.user, now=timezone.now())
        if waits := waits_text(lecture, now=timezone.now()):
            messages.info(request, waits)
        elif followed is not None:
            messages.info(request, _("It is in review now. The final review publishes it."))
