"""What "my page" shows of a person: account, branch, posts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from cms.programme.permissions import HOLDERS
from lms.classes.cards import managed_classes
from lms.gatherings.permissions import DECIDERS, DECIDING
from lms.ledger.permissions import KEEPERS as LEDGER_KEEPERS
from lms.ledger.permissions import can_keep_ledger
from lms.watching.models import ViewingCheck
from lms.watching.permissions import VOIDERS
from organizations import scope
from organizations.models import Membership, Organization, Post
from organizations.people.masking import masked_phone
from organizations.people.viewer import Viewer


def me_context(*, user: Any, request: HttpRequest) -> dict[str, Any]:
    membership = (
        Membership.objects.current()
        .filter(user=user, kind=Membership.Kind.HOME)
        .select_related("organization")
        .first()
    )
    posts = Post.objects.current().filter(user=user).select_related("organization")
    return {
        "person": {
            "name": user.get_short_name(),
            "account": user.get_username(),
            "phone_masked": masked_phone(user.phone),
            "organization_path": unit_names(membership.organization) if membership else [],
            "organization_since": membership.valid_from if membership else None,
            "posts": [
                {
                    "title": post.get_role_display(),
                    "organization_name": post.organization.name,
                    "since": post.valid_from,
                }
                for post in posts.order_by("organization__path", "role")
            ],
        },
        "links": _links(Viewer.of(request), has_branch=membership is not None),
        "managed_classes": managed_classes(user=user),
    }


def _links(viewer: Viewer, *, has_branch: bool) -> dict[str, Any]:
    """Where the person's posts lead; empty when they lead nowhere."""
    outermost = scope.outermost({unit.path for unit in viewer.managed})
    rosters = {unit.path: unit for unit in viewer.managed if unit.path in outermost}
    keeps_branch = any(unit.kind == Organization.Kind.BRANCH for unit in viewer.managed)
    links = {
        "branch": has_branch or keeps_branch,
        "rosters": [rosters[path] for path in outermost],
        "keeps": bool(viewer.kept),
        "holds": any(post.role in HOLDERS for post in viewer.posts),
        "decides": any(
            post.role in DECIDERS and post.organization.kind in DECIDING for post in viewer.posts
        ),
        "figures": bool(viewer.managed),
        "claims": any(post.role in LEDGER_KEEPERS for post in viewer.posts),
        "ledger": can_keep_ledger(viewer.user),
        **_checks(viewer),
        "audits": any(post.role == Post.Role.AUDITOR for post in viewer.posts),
    }
    return links if any(links.values()) else {}


def _checks(viewer: Viewer) -> dict[str, Any]:
    """Whether the person looks at viewings that stood out, and how many wait."""
    if not viewer.units(VOIDERS):
        return {"checks": False}
    waiting = ViewingCheck.objects.visible_to(viewer.user).open().count()
    return {"checks": True, "checks_waiting": waiting}


def unit_names(organization: Organization) -> list[str]:
    """From the prefecture down to the unit."""
    return [*organization.get_ancestors().values_list("name", flat=True), organization.name]
