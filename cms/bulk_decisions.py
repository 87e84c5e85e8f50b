"""Deciding about several lectures at once in the admin's lists, and about one from its menu.

The same page asks in both cases; the act is `cms.decisions`, once for each lecture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from wagtail.admin.views.pages.bulk_actions.page_bulk_action import PageBulkAction
from wagtail.admin.widgets.button import Button
from wagtail.models import Page

from cms.decisions import lecture_decide, lecture_undecide
from cms.models import LecturePage
from cms.permissions import can_decide
from cms.sharing.embed_views import share_url
from cms.standing import FLAGS, Standing

Kind = Standing.Kind


class Decision(PageBulkAction):
    """Subclasses name the state, whether it begins or ends, and the words."""

    template_name = "cms/admin/confirm_decision.html"
    kind: str
    begins = True
    question: Promise
    done: Any

    def check_perm(self, page: Page) -> bool:
        lecture = page.specific
        return (
            isinstance(lecture, LecturePage)
            and (lecture.live or not self.begins)
            and can_decide(self.request.user, lecture, self.kind)
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = {"action_name": self.display_name, "question": self.question}
        return {**super().get_context_data(**kwargs), **words}

    def get_execution_context(self) -> dict[str, Any]:
        return {"user": self.request.user, "kind": self.kind, "begins": self.begins}

    @classmethod
    def execute_action(
        cls, objects: Iterable[Page], *, user: Any, kind: str, begins: bool, **kwargs: Any
    ) -> tuple[int, int]:
        act = lecture_decide if begins else lecture_undecide
        return sum(act(lecture=page.specific, kind=kind, user=user) for page in objects), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        return str(self.done % {"count": num_parent_objects})


class IntoLibrary(Decision):
    kind = Kind.LIBRARY
    action_type = "library"
    action_priority = 50
    display_name = _("Take into the library")
    aria_label = _("Take the chosen lectures into the library")
    question = _("Take these lectures into the resource library?")
    done = ngettext_lazy(
        "%(count)s lecture was taken into the library.",
        "%(count)s lectures were taken into the library.",
        "count",
    )


class OutOfLibrary(Decision):
    kind = Kind.LIBRARY
    begins = False
    action_type = "library_end"
    action_priority = 51
    display_name = _("Take out of the library")
    aria_label = _("Take the chosen lectures out of the library")
    question = _("Take these lectures out of the resource library? They stay published.")
    done = ngettext_lazy(
        "%(count)s lecture was taken out of the library.",
        "%(count)s lectures were taken out of the library.",
        "count",
    )


class IntoPremium(Decision):
    kind = Kind.PREMIUM
    action_type = "premium"
    action_priority = 52
    display_name = _("Choose as premium")
    aria_label = _("Choose the lectures as premium")
    question = _("Choose these lectures as premium?")
    done = ngettext_lazy(
        "%(count)s lecture is premium now.", "%(count)s lectures are premium now.", "count"
    )


class OutOfPremium(Decision):
    kind = Kind.PREMIUM
    begins = False
    action_type = "premium_end"
    action_priority = 53
    display_name = _("No longer premium")
    aria_label = _("End that the chosen lectures are premium")
    question = _("Shall these lectures no longer be premium? They stay published.")
    done = ngettext_lazy(
        "%(count)s lecture is no longer premium.",
        "%(count)s lectures are no longer premium.",
        "count",
    )


class OpenToPublic(Decision):
    kind = Kind.OPEN
    action_type = "open"
    action_priority = 54
    display_name = _("Open to the public")
    aria_label = _("Open the chosen lectures to the public")
    question = _(
        "Open these lectures to everybody, without signing in? Sites of units that are allowed to "
        "can then show them."
    )
    done = ngettext_lazy(
        "%(count)s lecture is open to the public now.",
        "%(count)s lectures are open to the public now.",
        "count",
    )


class NoLongerOpen(Decision):
    kind = Kind.OPEN
    begins = False
    action_type = "open_end"
    action_priority = 55
    display_name = _("No longer open to the public")
    aria_label = _("End that the chosen lectures are open to the public")
    question = _(
        "Shall these lectures no longer be open to the public? They stay published for members; "
        "other sites stop showing them."
    )
    done = ngettext_lazy(
        "%(count)s lecture is no longer open to the public.",
        "%(count)s lectures are no longer open to the public.",
        "count",
    )


DECISIONS = (
    IntoLibrary,
    OutOfLibrary,
    IntoPremium,
    OutOfPremium,
    OpenToPublic,
    NoLongerOpen,
)


def decision_buttons(
    page: Page, user: Any, next_url: str | None = None, **kwargs: Any
) -> Iterator[Button]:
    """For one lecture: those of the decisions that would change something."""
    lecture = page.specific
    if not isinstance(lecture, LecturePage):
        return
    if url := share_url(user, lecture):
        yield Button(_("For other sites"), url, icon_name="code", priority=60)
    mine = [kind for kind in FLAGS if can_decide(user, lecture, kind)]
    if not mine:
        return
    held = set(Standing.objects.open().filter(lecture=lecture).values_list("kind", flat=True))
    for decision in DECISIONS:
        changes = decision.begins != (decision.kind in held)
        if decision.kind in mine and changes and (lecture.live or not decision.begins):
            where = reverse(
                "wagtail_bulk_action", args=["wagtailcore", "page", decision.action_type]
            )
            back = next_url or reverse("wagtailadmin_pages:edit", args=[lecture.pk])
            yield Button(
                decision.display_name,
                f"{where}?{urlencode({'id': lecture.pk, 'next': back})}",
                icon_name="pick" if decision.begins else "cross",
                priority=decision.action_priority,
            )
