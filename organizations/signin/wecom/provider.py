"""WeCom as one of allauth's providers: where people are sent, and who came back.

Differs from OAuth 2 in names and in order: the code is exchanged for the member directly, with a
token that belongs to the application.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialToken
from allauth.socialaccount.providers.base import ProviderAccount
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter
from allauth.utils import get_request_param
from django.http import HttpRequest, HttpResponseRedirect

from organizations.signin.wecom.client import WeCom


class WeComAdapter(OAuth2Adapter):
    provider_id = "wecom"
    access_token_url = ""  # see get_access_token_data

    def get_access_token_data(
        self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: Any = None
    ) -> dict[str, Any]:
        """Who it is. There is no token of the person, and the application's goes no further."""
        with get_adapter().get_requests_session() as session:
            wecom = WeCom(
                session,
                api_url=app.settings["api_url"],
                corp_id=app.client_id,
                secret=app.secret,
            )
            return {"userid": wecom.userid(get_request_param(request, "code") or "")}

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        return SocialToken(token="")

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        return self.get_provider().sociallogin_from_response(request, kwargs["response"])


class WeComProvider(OAuth2Provider):
    id = "wecom"
    name = "WeCom"
    account_class = ProviderAccount
    oauth2_adapter_class = WeComAdapter

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = self.app.name

    def redirect(
        self,
        request: HttpRequest,
        process: str,
        next_url: Any = None,
        data: Any = None,
        **kwargs: Any,
    ) -> HttpResponseRedirect:
        """To the page with the code to scan; inside WeCom's own browser to the silent consent."""
        state = self.stash_redirect_state(request, process, next_url, data)
        where = self.app.settings
        back = self.get_oauth2_adapter(request).get_callback_url(request, self.app)
        common = {"appid": self.app.client_id, "redirect_uri": back, "state": state}
        if "wxwork" in request.headers.get("User-Agent", "").lower():
            query = {
                **common,
                "response_type": "code",
                "scope": "snsapi_base",
                "agentid": where["agent_id"],
            }
            address = f"{where['client_url']}/connect/oauth2/authorize?{urlencode(query)}"
            return HttpResponseRedirect(f"{address}#wechat_redirect")
        query = {"login_type": "CorpApp", **common, "agentid": where["agent_id"]}
        return HttpResponseRedirect(f"{where['web_url']}/wwlogin/sso/login?{urlencode(query)}")

    def sociallogin_from_response(self, request: HttpRequest, response: dict[str, Any]) -> Any:
        login = super().sociallogin_from_response(request, response)
        login.claims = {"userid": response["userid"]}
        return login

    def extract_uid(self, data: dict[str, Any]) -> str:
        return f"{self.app.client_id}/{data['userid']}"

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}


provider_classes = [WeComProvider]
