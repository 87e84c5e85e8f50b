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
from lms.home.elder import is_elder
from organizations.models import Post


def site(request: HttpRequest) -> dict[str, Any]:
    """The variables of base.html: `portal`, `elder`, `nav`, `can_upload`, `can_manage`.

    Not `site`: allauth's views put an object of that name over it.
    """
    return {
        "portal": settings.SITE_FIELDS | {"demo": settings.DEMO},
        "elder": SimpleLazyObject(partial(is_elder, request)),
        "nav": "",
        "can_upload": SimpleLazyObject(lambda: not _roles(request).isdisjoint(UPLOADERS)),
        "can_manage": SimpleLazyObject(lambda: not _roles(request).isdisjoint(PUBLISHERS)),
    }


def _roles(request: HttpRequest) -> set[str]:
    """The roles of the person's present posts: one query a request, for both questions."""
    cached: set[str] | None = getattr(request, "_lectern_roles", None)
    if cached is None:
        user = getattr(request, "user", None)
        cached = set()
        if user is not None and user.is_authenticated and user.is_active:
            cached = set(Post.objects.current().filter(user=user).values_list("role", flat=True))
        request._lectern_roles = cached  # type: ignore[attr-defined]
    return cached
