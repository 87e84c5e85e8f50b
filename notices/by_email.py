"""Messages by mail, through the server that Django's EMAIL settings name."""

from __future__ import annotations

import datetime as dt
import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

from notices.channels import Letter
from notices.errors import Refused, SendError, Unsure


class EmailChannel:
    # The Message-ID stays the same, and readers and most servers show one of a kind once.
    repeats_within = dt.timedelta(days=1)

    def send(self, letter: Letter) -> None:
        host = urlsplit(settings.WAGTAILADMIN_BASE_URL).hostname or "localhost"
        message = EmailMessage(
            subject=" ".join(f"{settings.WAGTAIL_SITE_NAME}：{letter.text}".split())[:120],
            body=f"{letter.text}\n\n{letter.url}\n",
            to=[letter.to],
            headers={
                "Message-ID": f"<{letter.key}@{host}>",
                "Auto-Submitted": "auto-generated",
            },
        )
        try:
            message.send()
        except smtplib.SMTPRecipientsRefused as problem:
            codes = [code for code, _said in problem.recipients.values()]
            if codes and all(400 <= code < 500 for code in codes):  # greylisting, a busy mailbox
                raise SendError(f"the mail server answered {codes[0]}") from None
            raise Refused("the mail server refused the address") from None
        except smtplib.SMTPSenderRefused as problem:
            raise SendError(f"the mail server answered {problem.smtp_code}") from None
        except (smtplib.SMTPConnectError, smtplib.SMTPAuthenticationError, ConnectionRefusedError):
            raise SendError("the mail server cannot be reached") from None
        except smtplib.SMTPResponseException as problem:
            if 500 <= problem.smtp_code < 600:
                raise Refused(f"the mail server answered {problem.smtp_code}") from None
            raise SendError(f"the mail server answered {problem.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as problem:
            raise Unsure(type(problem).__name__) from None
