"""What "my page" shows of a person: account, branch, posts."""

from __future__ import annotations

from typing import Any

from lms.classes.cards import managed_classes
from organizations.models import Membership, Organization, Post


def me_context(*, user: Any) -> dict[str, Any]:
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
            "phone_masked": phone_masked(user.phone),
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
        "managed_classes": managed_classes(user=user),
    }


def phone_masked(phone: str | None) -> str:
    """The first three and the last four digits: enough to recognise one's own number."""
    if not phone or len(phone) < 8:
        return ""
    return f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}"


def unit_names(organization: Organization) -> list[str]:
    """From the prefecture down to the unit."""
    return [*organization.get_ancestors().values_list("name", flat=True), organization.name]
