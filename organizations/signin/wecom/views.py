"""To WeCom and back; 404 when it is not configured."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from organizations.signin.wecom.provider import WeComAdapter


def _or_404(view: Any) -> Any:
    @login_not_required
    def wrapped(request: HttpRequest) -> HttpResponseBase:
        try:
            response: HttpResponseBase = view(request)
        except SocialApp.DoesNotExist as missing:
            raise Http404 from missing
        return response

    return wrapped


login = _or_404(OAuth2LoginView.adapter_view(WeComAdapter))
callback = _or_404(OAuth2CallbackView.adapter_view(WeComAdapter))
