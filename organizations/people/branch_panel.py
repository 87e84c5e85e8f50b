"""The people of one branch, as its secretary needs them: who is here, who is away, who waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from organizations import scope
from organizations.models import Membership, Organization, Post, Tag
from organizations.people.viewer import Viewer

Kind, Value = Membership.Kind, Tag.Value


@dataclass(frozen=True)
class PanelCount:
    label: str
    count: int
    url: str


def branch_people(user: Any, unit: Organization, request: HttpRequest) -> dict[str, Any]:
    """The variable `panel` of `people/branch_panel.html`; empty for those who do not read the
    unit's roster. Three queries.
    """
    viewer = Viewer.of(request)
    if viewer.user is None or viewer.user.pk != user.pk or not viewer.reads(unit):
        return {}
    roster = reverse("people:list", args=[unit.code])
    ties = Membership.objects.current().filter(scope.subtree(unit.path, "organization"))

    def tagged(value: str) -> Exists:
        return Exists(Tag.objects.current().filter(user=OuterRef("user"), value=value))

    counts = ties.aggregate(
        home=Count("pk", filter=Q(kind=Kind.HOME)),
        away=Count("pk", filter=Q(tagged(Value.FLOATING_OUT), kind=Kind.HOME)),
        here=Count("pk", filter=Q(kind=Kind.HOST)),
        learners=Count("pk", filter=Q(kind=Kind.LEARNER)),
        exempt=Count("pk", filter=Q(tagged(Value.EXEMPT))),
        waiting=Count("pk", filter=Q(user__activated_at__isnull=True)),
    )
    posts = (
        Post.objects.current()
        .filter(organization=unit)
        .select_related("user")
        .order_by("role", "user__name")
    )
    return {
        "unit": unit,
        "roster_url": roster,
        "new_url": reverse("people:new", args=[unit.code]) if viewer.keeps(unit) else "",
        "counts": [
            PanelCount(_("members"), counts["home"], f"{roster}?kind={Kind.HOME}"),
            PanelCount(
                _("floating, away"),
                counts["away"],
                f"{roster}?kind={Kind.HOME}&state={Value.FLOATING_OUT}",
            ),
            PanelCount(_("floating, guests here"), counts["here"], f"{roster}?kind={Kind.HOST}"),
            PanelCount(_("other learners"), counts["learners"], f"{roster}?kind={Kind.LEARNER}"),
            PanelCount(_("exempt"), counts["exempt"], f"{roster}?state={Value.EXEMPT}"),
            PanelCount(_("not activated yet"), counts["waiting"], f"{roster}?account=waiting"),
        ],
        "posts": [
            {
                "title": post.get_role_display(),
                "name": viewer.name(post.user, unit.pk),
                "url": reverse("people:detail", args=[post.user_id]),
            }
            for post in posts
        ],
    }
