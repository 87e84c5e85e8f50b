"""Refusals inside Wagtail's admin, for the log.

Wagtail answers them with a redirect to the admin's home instead of a 403, so nothing further out
can tell them from any other redirect.
"""

from django.http import HttpRequest, HttpResponseBase
from wagtail.admin import auth

from organizations.auditing.denials import denial_record


def refusals_noted() -> None:
    """From now on every such answer leaves an entry. Called once, at the start."""
    answer = auth.permission_denied

    def noted(request: HttpRequest) -> HttpResponseBase:
        denial_record(request)
        response: HttpResponseBase = answer(request)
        return response

    auth.permission_denied = noted
