"""Messages in WeCom (企业微信), from the application that people also sign in with.

Source: developer.work.weixin.qq.com, documents 91039 (gettoken) and 90236 (message/send): with
`enable_duplicate_check` the same words to the same person within `duplicate_check_interval` (at
most four hours) arrive once. The number of tokens a day is limited, so one is kept in the cache as
long as it is valid, under the key that signing in uses.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import requests
from django.conf import settings
from django.core.cache import cache

from notices.channels import Letter
from notices.errors import Refused, SendError, Unsure
from notices.lost_calls import lost_call

STALE = (40014, 42001)  # the token ran out before its time
NOBODY = (40003, 60111, 81013)  # no such person, or one outside the application's range
SPARE_SECONDS = 300
INTERVAL = 4 * 3600
TIMEOUT = 10


class WeComChannel:
    # A little less than what the far end remembers.
    repeats_within = dt.timedelta(seconds=INTERVAL - 600)

    def __init__(self) -> None:
        self.app = settings.SOCIALACCOUNT_PROVIDERS["wecom"]["APPS"][0]
        self.base = self.app["settings"]["api_url"].rstrip("/")

    def send(self, letter: Letter) -> None:
        body = {
            "touser": letter.to,
            "msgtype": "text",
            "agentid": int(self.app["settings"]["agent_id"]),
            # With the time, so that the same words about a later matter are no repetition.
            "text": {"content": f"{letter.text}\n{letter.told}\n{letter.url}"},
            "enable_duplicate_check": 1,
            "duplicate_check_interval": INTERVAL,
        }
        answer = self._send(body, self._token())
        if answer.get("errcode") in STALE:
            answer = self._send(body, self._token(fresh=True))
        code = answer.get("errcode")
        if code in NOBODY or (code == 0 and answer.get("invaliduser")):
            raise Refused("WeCom knows nobody of this name")
        if code != 0:
            raise SendError(f"errcode {code}")

    def _token(self, *, fresh: bool = False) -> str:
        corp, secret = self.app["client_id"], self.app["secret"]
        whose = hashlib.sha256(f"{corp}:{secret}".encode()).hexdigest()[:32]
        key = f"wecom:token:{whose}"
        known = None if fresh else cache.get(key)
        if known:
            return str(known)
        answer = self._call(
            "GET", "gettoken", unsure=False, params={"corpid": corp, "corpsecret": secret}
        )
        token = answer.get("access_token")
        if answer.get("errcode") or not isinstance(token, str) or not token:
            raise SendError(f"errcode {answer.get('errcode')}")
        cache.set(key, token, max(int(answer.get("expires_in") or 0) - SPARE_SECONDS, 1))
        return token

    def _send(self, body: dict[str, Any], token: str) -> dict[str, Any]:
        return self._call(
            "POST", "message/send", unsure=True, params={"access_token": token}, json=body
        )

    def _call(self, verb: str, call: str, *, unsure: bool, **parts: Any) -> dict[str, Any]:
        """The answer's object; what fails once the words are on their way is unsure."""
        lost: type[SendError] = Unsure if unsure else SendError
        try:
            response = requests.request(
                verb, f"{self.base}/cgi-bin/{call}", timeout=TIMEOUT, allow_redirects=False, **parts
            )
        except requests.RequestException as problem:
            raise lost_call(problem) from None
        if response.status_code != 200:
            raise lost(f"HTTP {response.status_code}")
        try:
            answer = response.json()
        except ValueError:
            raise lost("no JSON") from None
        if not isinstance(answer, dict):
            raise lost("no JSON object")
        return answer
