"""Messages by mail: one Message-ID at every attempt, and what each failure means."""

import smtplib

import pytest
from django.core import mail
from django.core.mail import EmailMessage

from notices.by_email import EmailChannel
from notices.channels import Letter
from notices.errors import Refused, SendError, Unsure

LETTER = Letter("0001", "reader@example.test", "您的提问已有答复。", "https://example.test/x/")


def test_the_message_id_is_the_key(settings):
    settings.WAGTAILADMIN_BASE_URL = "https://dangke.example.test"
    EmailChannel().send(LETTER)
    EmailChannel().send(LETTER)
    ids = {one.extra_headers["Message-ID"] for one in mail.outbox}
    assert ids == {"<0001@dangke.example.test>"}
    assert mail.outbox[0].to == ["reader@example.test"]
    assert "https://example.test/x/" in mail.outbox[0].body


def test_a_title_with_a_line_break_makes_no_header():
    EmailChannel().send(Letter("1", "a@example.test", "一\nBcc: all@example.test", "https://x/"))
    assert "Bcc" not in mail.outbox[0].message()


@pytest.mark.parametrize(
    ("problem", "error"),
    [
        (smtplib.SMTPRecipientsRefused({"reader@example.test": (550, b"no")}), Refused),
        (smtplib.SMTPRecipientsRefused({"reader@example.test": (450, b"later")}), SendError),
        (smtplib.SMTPSenderRefused(550, b"no", "us@example.test"), SendError),
        (smtplib.SMTPDataError(554, b"no"), Refused),
        (smtplib.SMTPDataError(451, b"later"), SendError),
        (ConnectionRefusedError(), SendError),
        (smtplib.SMTPServerDisconnected("gone"), Unsure),
        (TimeoutError(), Unsure),
    ],
)
def test_a_failure_says_whether_to_try_again(monkeypatch, problem, error):
    def fail(self):
        raise problem

    monkeypatch.setattr(EmailMessage, "send", fail)
    with pytest.raises(SendError) as found:
        EmailChannel().send(LETTER)
    assert type(found.value) is error
    assert "reader" not in str(found.value)
