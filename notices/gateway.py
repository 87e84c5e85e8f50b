"""Text messages through an operator's HTTP gateway, described by settings alone.

SMS_GATEWAY_URL is posted a JSON body made from SMS_GATEWAY_BODY, a JSON object in whose strings
{phone}, {text} and the values of the message ({code}, {minutes}) are filled in. Messages of the
inbox take SMS_GATEWAY_NOTICE_BODY, with {words}, {url} and an {id} that a repetition keeps.
SMS_GATEWAY_HEADERS carries the secret; SMS_GATEWAY_SUCCESS is "name=value" that the JSON answer
must hold at its top level, empty when the HTTP status says enough.
"""

from __future__ import annotations

from typing import Any

import requests
from django.conf import settings

from notices.errors import Refused, SendError, Unsure
from notices.lost_calls import lost_call
from notices.sms import NOTICE, Message


def filled(template: Any, values: dict[str, str]) -> Any:
    """A JSON template with {name} replaced in its strings, in one pass."""
    if isinstance(template, dict):
        return {key: filled(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, values) for value in template]
    if not isinstance(template, str):
        return template
    parts = template.split("{")
    text = parts[0]
    for part in parts[1:]:
        name, closed, rest = part.partition("}")
        text += values[name] + rest if closed and name in values else "{" + part
    return text


class GatewaySms:
    immediate = False

    def send(self, message: Message) -> None:
        gateway = settings.SMS_GATEWAY
        values = {"phone": message.phone, "text": message.text, **message.values}
        body = gateway["NOTICE_BODY"] if message.kind == NOTICE else gateway["BODY"]
        try:
            answer = requests.post(
                gateway["URL"],
                json=filled(body, values),
                headers=gateway["HEADERS"],
                timeout=gateway["TIMEOUT"],
                allow_redirects=False,
            )
        except requests.RequestException as problem:
            raise lost_call(problem) from None
        _check_status(answer.status_code)
        name, _, wanted = gateway["SUCCESS"].partition("=")
        if name:
            try:
                said = answer.json().get(name)
            except (ValueError, AttributeError):
                raise Unsure("the gateway's answer is no JSON object") from None
            if str(said) != wanted:
                raise SendError(f"the gateway's answer has not {gateway['SUCCESS']}")


def _check_status(status: int) -> None:
    if status < 300:
        return
    said = f"the gateway answered {status}"
    if status in (408, 500, 502, 504):
        raise Unsure(said)  # it broke on the way, or somebody between us gave up waiting
    # A key that ran out, an account without money, an address that moved: ours to mend.
    if 400 <= status < 500 and status not in (401, 402, 403, 404, 407, 429):
        raise Refused(said)
    raise SendError(said)
