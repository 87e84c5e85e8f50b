"""One's own mail address: kept when a letter to it was answered, so that nobody enters another's.

The letter holds a random name, valid for a day and once, that only its account can use: addresses
of pages stand in logs. Each sending counts for the account, the mailbox and the network.
"""

from __future__ import annotations

import hashlib
import secrets
import smtplib
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from audit.log import record
from notices import channels
from notices.choosing import ways_choose, ways_of
from organizations.models import User
from organizations.signin.counters import count
from organizations.signin.limits import network

LIFETIME = 24 * 3600
A_DAY = 5  # letters for one account
FROM_A_NETWORK = 50  # a village shares one address


class MailError(Exception):
    """The address was not taken; the message is for the person."""


def confirmation_send(*, person: Any, address: str, request: HttpRequest) -> None:
    """Send the letter. Raises MailError."""
    if channels.EMAIL not in channels.offered():
        raise MailError(_("This site sends no mail."))
    mailbox = hashlib.sha256(address.lower().encode()).hexdigest()
    for whose, most in (
        (f"person:{person.pk}", A_DAY),
        (f"mailbox:{mailbox}", A_DAY),
        (f"place:{network(request)}", FROM_A_NETWORK),
    ):
        if count(f"mail-address:{whose}", LIFETIME) > most:
            raise MailError(_("Too many letters were sent today. Please try again tomorrow."))
    token = secrets.token_urlsafe(24)
    cache.set(_kept(token), {"person": person.pk, "address": address}, LIFETIME)
    url = f"{settings.WAGTAILADMIN_BASE_URL.rstrip('/')}{reverse('inbox:mail', args=[token])}"
    site = settings.SITE_FIELDS["name"]
    text = _(
        "Somebody entered this address to receive messages of %(site)s. If it was you, please open "
        "this page while you are signed in and confirm it, within a day. If not, do nothing."
    )
    letter = EmailMessage(
        subject=_("%(site)s: please confirm your address") % {"site": site},
        body=f"{text % {'site': site}}\n\n{url}\n",
        to=[address],
    )
    try:
        letter.send()
    except (smtplib.SMTPException, OSError, UnicodeError) as problem:
        raise MailError(
            _("The letter could not be sent. Please check the address, or try again later.")
        ) from problem


def address_in(token: str, *, person: Any) -> str:
    """The address that a letter carries to this account; "" when it is not theirs or too old."""
    said = cache.get(_kept(token))
    return str(said["address"]) if said and said["person"] == person.pk else ""


def letter_use(token: str) -> None:
    """A letter is answered once."""
    cache.delete(_kept(token))


def _kept(token: str) -> str:
    return f"mail-address:letter:{hashlib.sha256(token.encode()).hexdigest()}"


@transaction.atomic
def address_keep(*, person: Any, address: str, request: HttpRequest | None = None) -> None:
    """From now on messages come by mail as well. An empty address removes the present one."""
    User.objects.filter(pk=person.pk).update(email=address)
    person.email = address
    chosen = {way.channel for way in ways_of(person) if way.chosen} - {channels.EMAIL}
    ways_choose(person=person, wanted=chosen | ({channels.EMAIL} if address else set()))
    record("data.correct", actor=person, target=person, request=request, fields=["email"])
