"""What was noticed about a viewing, in words: what was seen, and how it comes about honestly."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cms.durations import duration_text
from lms.watching.models import ViewingCheck

What = ViewingCheck.What


def check_said(check: ViewingCheck) -> str:
    """One or two sentences that state what was seen, without judging it."""
    facts = check.facts
    length = duration_text(facts.get("seconds", 0))
    match check.what:
        case What.CUT:
            return _(
                "One message of the player claimed %(length)s more than the server's clock "
                "allowed. That was not accepted and does not count."
            ) % {"length": length}
        case What.SIDE_BY_SIDE if facts.get("apart"):
            return _(
                "Two viewings ran at the same time in different places, side by side for "
                "%(length)s."
            ) % {"length": length}
        case What.SIDE_BY_SIDE:
            return _(
                "Two viewings ran at the same time on one device, side by side for %(length)s."
            ) % {"length": length}
        case What.CADENCE:
            return _(
                "The player sent %(beats)s messages, one every %(length)s almost to the tenth of a "
                "second, without a pause, a jump or an end."
            ) % {"beats": facts.get("beats", 0), "length": length}
        case What.LONG_DAY:
            return _("Something new was watched for %(length)s of one day.") % {"length": length}
        case _:
            return _("%(people)s people began to learn on the same device within ten minutes.") % {
                "people": facts.get("people", 0)
            }


def check_perhaps(check: ViewingCheck) -> str:
    """How it comes about without anybody doing wrong."""
    match check.what:
        case What.CUT:
            return _(
                "Whoever watched for more than half an hour without a signal sends so much at once."
            )
        case What.SIDE_BY_SIDE:
            return _("The film may have run on in another room, or somebody else used the account.")
        case What.CADENCE:
            return _("A page that was killed in the middle of a film looks the same.")
        case What.LONG_DAY:
            return _("Somebody else may have used the account as well.")
        case _:
            return _(
                "On the computer of a village or branch this is usual: one after the other signs "
                "in there."
            )
