"""Signing in with the identity of an organisation, by OpenID Connect.

Stricter than allauth's own provider, which trusts the token endpoint's TLS: the signature of the
id token is always verified, it was made for this very sign-in (nonce), the issuer is the one that
was configured, and what the user-info endpoint says belongs to the same subject. No claim is
kept: the subject alone names an identity.
"""

from __future__ import annotations

import secrets
from typing import Any

import requests
from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

# Public keys sign, shared secrets do not: a token "signed" with a public key is refused.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")


class OidcAdapter(OpenIDConnectOAuth2Adapter):
    # What this browser's sign-in asked the id token to hold; set on the way back.
    nonce = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        config: dict[str, Any] = super().openid_config
        wanted = self.get_provider().app.settings["server_url"]
        if str(config.get("issuer", "")).rstrip("/") != wanted:
            raise OAuth2Error("The issuer is not the one that was configured.")
        return config

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        try:
            subject = self._decode_id_token(app, kwargs["response"]["id_token"])
            if not self.nonce or subject["nonce"] != self.nonce:
                raise OAuth2Error("The token was made for another sign-in.")
            data = {"id_token": subject}
            if self.openid_config.get("userinfo_endpoint"):
                data["userinfo"] = self._fetch_user_info(token.token)
                if data["userinfo"]["sub"] != subject["sub"]:
                    raise OAuth2Error("The user info is about somebody else.")
            token.token = token.token_secret = ""  # served its purpose; kept nowhere
            return self.get_provider().sociallogin_from_response(request, data)
        except (KeyError, TypeError, ValueError) as problem:
            raise OAuth2Error("The answer is incomplete.") from problem

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        config = self.openid_config
        claims: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=config["jwks_uri"],
            issuer=config["issuer"],
            audience=app.client_id,
            lookup_kid=_key,
        )
        return claims


def _key(keys: dict[str, Any], kid: str) -> Any:
    if any(key.get("alg", "RS256") not in ALGORITHMS for key in keys["keys"] if key["kid"] == kid):
        raise OAuth2Error("The signing algorithm is not accepted.")
    return jwtkit.lookup_kid_jwk(keys, kid)


class OidcProvider(OpenIDConnectProvider):
    oauth2_adapter_class = OidcAdapter

    def redirect(
        self,
        request: HttpRequest,
        process: str,
        next_url: Any = None,
        data: Any = None,
        **kwargs: Any,
    ) -> HttpResponseBase:
        nonce = secrets.token_urlsafe(24)
        kwargs["auth_params"] = {**kwargs.get("auth_params", {}), "nonce": nonce}
        # Kept with the state, in this browser's session.
        response: HttpResponseBase = super().redirect(
            request, process, next_url, data, nonce=nonce, **kwargs
        )
        return response

    def sociallogin_from_response(self, request: HttpRequest, response: dict[str, Any]) -> Any:
        login = super().sociallogin_from_response(request, response)
        login.claims = {**response["id_token"], **response.get("userinfo", {})}
        return login

    def extract_uid(self, data: dict[str, Any]) -> str:
        return str(data["id_token"]["sub"])

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        return []


class BackView(OAuth2CallbackView):
    adapter: OidcAdapter

    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        state, response = super()._get_state(request, provider)
        self.adapter.nonce = (state or {}).get("nonce", "")
        return state, response


@login_not_required
def login(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    return _view(OAuth2LoginView, request, provider_id)


@login_not_required
def callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    return _view(BackView, request, provider_id)


def _view(view: Any, request: HttpRequest, provider_id: str) -> HttpResponseBase:
    try:
        adapter = OidcAdapter(request, provider_id)
        provider = adapter.get_provider()
    except SocialApp.DoesNotExist as missing:
        raise Http404 from missing
    if not isinstance(provider, OidcProvider):
        raise Http404
    try:
        response: HttpResponseBase = view.adapter_view(adapter)(request)
    except (OAuth2Error, requests.RequestException, KeyError) as problem:
        return render_authentication_error(request, provider, exception=problem)
    return response
