"""Messages as text messages: by the one way that sign-in codes take as well (`sms`)."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from notices.channels import Letter
from notices.sms import NOTICE, Message, backend


class SmsChannel:
    @property
    def repeats_within(self) -> dt.timedelta:
        """A setting: only the operator knows whether its gateway drops an {id} it has seen."""
        return dt.timedelta(seconds=settings.SMS_GATEWAY["REMEMBERS"])

    def send(self, letter: Letter) -> None:
        text = f"【{settings.WAGTAIL_SITE_NAME}】{letter.text} {letter.url}"
        values = {"id": letter.key, "words": letter.text, "url": letter.url}
        backend().send(Message(letter.to, text, values, kind=NOTICE))
