"""Proving oneself again before a sensitive act: `@recent_sign_in_required` for any view.

A password or any factor within ACCOUNT_REAUTHENTICATION_TIMEOUT counts, the sign-in itself too.
Otherwise the person is asked, and the request goes on where it was; a form that was posted is
kept in the session meanwhile and carried out afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.app_settings import REAUTHENTICATION_TIMEOUT
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase

from organizations.signin.second_factor import evidence
from organizations.signin.second_factor.methods import records_of

View = Callable[..., HttpResponseBase]


def signed_in_recently(request: HttpRequest, *, now: float | None = None) -> bool:
    moment = time.time() if now is None else now
    return moment - evidence.last_proof(records_of(request)) < REAUTHENTICATION_TIMEOUT


def recent_sign_in_required(view: View) -> View:
    """For views that change how somebody signs in, or that open very personal data."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not signed_in_recently(request):
            # allauth's middleware keeps the request and leads to `security:confirm`.
            raise ReauthenticationRequired
        return view(request, *args, **kwargs)

    return guarded
