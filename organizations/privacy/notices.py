"""What the ground floor's messages keep about people; and where a person is reached, which only the
account knows.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.utils.translation import gettext as _

from notices.channels import EMAIL, SMS, WECOM, label_of, reached_by
from notices.models import ChannelChoice, Delivery, Message
from organizations.privacy.holdings import QueryRows, Section, register
from organizations.privacy.retention import Kind, cleaned, period_text
from organizations.privacy.rules import Fate, declare


def contribute() -> None:
    reached_by(SMS, lambda person: person.phone or "")
    reached_by(EMAIL, lambda person: person.email or "")
    reached_by(WECOM, wecom_name)
    declare(
        "notices.Message",
        {"recipient": Fate.DELETE},
        rest=(
            *("cause", "subject", "text", "values", "path", "edition", "told_at", "read_at"),
            *("expires_at", "withdrawn_at"),
        ),
        why="A message is its recipient's alone; its deliveries go with it.",
    )
    declare("notices.ChannelChoice", {"person": Fate.DELETE}, rest=("channel", "chosen_at"))
    register("notices", notices)
    register("notice-channels", channels)
    cleaned(Kind.NOTICES, old_messages)


def wecom_name(person: Any) -> str:
    """The userid by which the person signs in from WeCom."""
    found = SocialAccount.objects.filter(user=person.pk, provider=WECOM)
    uid: str | None = found.values_list("uid", flat=True).first()
    return uid or ""


def old_messages(before: dt.datetime) -> Any:
    """Told before then, whether read or not; not while one of them is being sent."""
    return Message.objects.filter(told_at__lt=before).exclude(
        deliveries__state=Delivery.State.SENDING
    )


def notices(person: Any) -> Section:
    return Section(
        title=_("Messages to you"),
        why=_("So that you hear what happened with your own matters, and what is still to do."),
        kept=period_text(Kind.NOTICES),
        labels={
            "told": _("Told"),
            "words": _("Message"),
            "read": _("Read"),
            "sent": _("Also sent by"),
        },
        rows=QueryRows(
            Message.objects.filter(recipient=person).prefetch_related("deliveries"),
            lambda one: {
                "told": one.told_at,
                "words": one.words,
                "read": one.read_at,
                "sent": [
                    f"{label_of(sent.channel)}: {sent.get_state_display()}"
                    for sent in one.deliveries.all()
                ],
            },
        ),
        icon="info",
    )


def channels(person: Any) -> Section:
    return Section(
        title=_("Ways by which you want messages"),
        why=_("You chose them yourself; without a choice messages stand here only."),
        kept=_("Until you change your choice or delete your data."),
        labels={"channel": _("Way"), "chosen": _("Chosen")},
        rows=QueryRows(
            ChannelChoice.objects.filter(person=person).order_by("channel"),
            lambda one: {"channel": label_of(one.channel), "chosen": one.chosen_at},
        ),
        icon="phone",
    )
