"""The two calls to WeCom's server that signing in needs.

`gettoken` gives the application's access token, kept for as long as it is valid since the number
of calls is limited; `auth/getuserinfo` tells whose code it was. A code is valid once, for five
minutes. Source: developer.work.weixin.qq.com, documents 91039 and 91023; errcodes 90313.
"""

from __future__ import annotations

import hashlib
from typing import Any

from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.core.cache import cache

# The token ran out or was replaced before its time.
STALE = (40014, 42001)
SPARE_SECONDS = 300
CODE_SECONDS = 300


class WeComError(OAuth2Error):
    """WeCom refused; the text holds its errcode and nothing else."""


class Outsider(WeComError):
    """The person is not a member of this company: WeCom says an openid instead of a userid."""


class WeCom:
    """Calls for one company and secret; `session` is closed by the caller."""

    def __init__(self, session: Any, *, api_url: str, corp_id: str, secret: str) -> None:
        self.session, self.api_url = session, api_url.rstrip("/")
        self.corp_id, self.secret = corp_id, secret
        whose = hashlib.sha256(f"{corp_id}:{secret}".encode()).hexdigest()[:32]
        self.token_key = f"wecom:token:{whose}"
        self.code_key = f"wecom:code:{whose}"

    def userid(self, code: str) -> str:
        """The member whose code this is; raises WeComError, Outsider or RequestException."""
        used = hashlib.sha256(code.encode()).hexdigest()
        if not cache.add(f"{self.code_key}:{used}", 1, CODE_SECONDS):
            raise WeComError("The code was used before.")
        answer = self._user_info(code, self.token())
        if answer.get("errcode") in STALE:
            answer = self._user_info(code, self.token(fresh=True))
        if answer.get("errcode"):
            raise WeComError(f"errcode {answer['errcode']}")
        userid = answer.get("userid") or answer.get("UserId")
        if not isinstance(userid, str) or not userid:
            raise Outsider("No member of this company.")
        return userid

    def token(self, *, fresh: bool = False) -> str:
        known = None if fresh else cache.get(self.token_key)
        if known:
            return str(known)
        answer = self._get("gettoken", corpid=self.corp_id, corpsecret=self.secret)
        token = answer.get("access_token")
        if answer.get("errcode") or not isinstance(token, str) or not token:
            raise WeComError(f"errcode {answer.get('errcode')}")
        lifetime = int(answer.get("expires_in") or 0)
        cache.set(self.token_key, token, max(lifetime - SPARE_SECONDS, 1))
        return token

    def _user_info(self, code: str, token: str) -> dict[str, Any]:
        return self._get("auth/getuserinfo", access_token=token, code=code)

    def _get(self, call: str, **parameters: str) -> dict[str, Any]:
        response = self.session.get(
            f"{self.api_url}/cgi-bin/{call}", params=parameters, allow_redirects=False
        )
        try:
            answer = response.json()
        except ValueError as problem:
            raise WeComError("No JSON.") from problem
        if response.status_code != 200 or not isinstance(answer, dict):
            raise WeComError(f"HTTP {response.status_code}")
        return answer
