"""Searches for a whole phone or code in lists that mask them: whoever asks often enough would find
out what the mask hides, so they are counted while names are masked.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from audit import log
from audit.models import AuditEntry
from organizations.auditing.denials import may_be_noted, named_path
from organizations.people.viewer import Viewer
from organizations.people.wish import RosterWish
from organizations.signin.limits import Held, search_take, wait_words


def search_held(request: HttpRequest, viewer: Viewer, wish: RosterWish) -> str:
    """Why nothing is looked for now, as a sentence; empty where the search may go on. Logged."""
    sought = wish.phone or wish.code
    if not sought or viewer.is_open:
        return ""
    try:
        search_take(viewer.user, sought)
    except Held as held:
        if may_be_noted("access.deny", viewer.user.pk, "searches"):
            log.record(
                "access.deny",
                request=request,
                result=AuditEntry.Result.DENIED,
                path=named_path(request),
                reason="searches",
            )
        return _(
            "You have searched for many phones and codes. Please try again in %(wait)s, search by "
            "name, or show the names first: the search is free then."
        ) % {"wait": wait_words(held.seconds)}
    return ""
