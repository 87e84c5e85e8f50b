"""Text messages through an operator's HTTP gateway, described by settings alone.

SMS_GATEWAY_URL is posted a JSON body made from SMS_GATEWAY_BODY, a JSON object in whose strings
{phone}, {text} and the values of the message ({code}, {minutes}) are filled in;
SMS_GATEWAY_HEADERS carries the secret; SMS_GATEWAY_SUCCESS is "name=value" that the JSON answer
must hold at its top level, empty when the HTTP status says enough.
"""

from __future__ import annotations

from typing import Any

import requests
from django.conf import settings

from notices.sms import Message, SmsError


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
        try:
            answer = requests.post(
                gateway["URL"],
                json=filled(gateway["BODY"], values),
                headers=gateway["HEADERS"],
                timeout=gateway["TIMEOUT"],
                allow_redirects=False,
            )
        except requests.RequestException as problem:
            # Its text may hold the address with a key in it.
            raise SmsError(type(problem).__name__) from None
        if answer.status_code >= 300:
            raise SmsError(f"the gateway answered {answer.status_code}")
        name, _, wanted = gateway["SUCCESS"].partition("=")
        if name:
            try:
                said = answer.json().get(name)
            except (ValueError, AttributeError):
                raise SmsError("the gateway's answer is no JSON object") from None
            if str(said) != wanted:
                raise SmsError(f"the gateway's answer has not {gateway['SUCCESS']}")
