"""Members are told what became of their claims of hours learnt elsewhere."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lms.ledger.models import ExternalClaim
from notices.causes import Cause, declare
from notices.telling import tell, untell

CLAIM = declare(
    Cause(
        code="claim",
        label=_("Claimed hours"),
        icon="clock",
        texts={
            "check": _(
                "Your branch has checked your claim “%(title)s”. It is now with the county."
            ),
            "approve": _("Your claim “%(title)s” was approved: %(hours)s hours."),
            "send_back": _(
                "Your claim “%(title)s” was sent back. Please read why, change it and hand it in "
                "again."
            ),
            "refuse": _("Your claim “%(title)s” was refused. Please read why."),
        },
    )
)


def claim_tell(claim: ExternalClaim, act: str) -> None:
    """After an act of whoever checks or approves; the member's own acts take back what was said."""
    if act not in CLAIM.texts:
        claim_untell(claim)
        return
    tell(
        to=[claim.user_id],
        cause=CLAIM.code,
        text=act,
        subject=_matter(claim),
        path=reverse("ledger:claim", args=[claim.pk]),
        values={"title": claim.title, "hours": f"{claim.hours.normalize():f}"},
    )


def claim_untell(claim: ExternalClaim) -> None:
    untell(cause=CLAIM.code, subject=_matter(claim))


def _matter(claim: ExternalClaim) -> str:
    return f"claim:{claim.pk}"
