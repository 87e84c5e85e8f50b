"""What every page knows: the site's fields, the reading mode, what the person may do.

Every value is lazy: the processors run for each template of Wagtail's admin too, and a page that
does not ask costs nothing.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from cms.permissions import PUBLISHERS, UPLOADERS
from cms.review.reviewers import PROOFREADERS
from cms.shelves import SHELF_KINDS
from lms.home.elder import is_elder
from notices.inbox import COUNTED, unread_count
from organizations.people.viewer import Viewer


def site(request: HttpRequest) -> dict[str, Any]:
    """The variables of base.html: `portal`, `elder`, `nav`, `has_units` and what one may do.

    Not `site`: allauth's views put an object of that name over it.
    """
    return {
        "portal": settings.SITE_FIELDS | {"demo": settings.DEMO},
        "elder": SimpleLazyObject(partial(is_elder, request)),
        "nav": "",
        "can_upload": SimpleLazyObject(
            lambda: any(role in UPLOADERS for role, _ in _posts(request))
        ),
        "can_manage": SimpleLazyObject(
            lambda: any(
                role in PUBLISHERS and kind in SHELF_KINDS for role, kind in _posts(request)
            )
        ),
        "can_review": SimpleLazyObject(
            lambda: any(role in PROOFREADERS for role, _ in _posts(request))
        ),
        "unread": SimpleLazyObject(partial(_unread, request)),
        # Holds a post in some unit, so there is a tree and a roster to look at.
        "has_units": SimpleLazyObject(lambda: bool(Viewer.of(request).managed)),
    }


def _unread(request: HttpRequest) -> dict[str, Any]:
    """The number at the bell: one query a page."""
    n = unread_count(request.user)
    return {"n": n, "text": str(n) if n < COUNTED else f"{COUNTED - 1}+"}


def _posts(request: HttpRequest) -> set[tuple[str, str]]:
    """Roles and kinds of unit of the person's present posts: one query for every question."""
    return {(post.role, post.organization.kind) for post in Viewer.of(request).posts}
