"""The sentences of the upload page's script; {names} in braces are filled in by the browser."""

from django.utils.translation import gettext as _


def upload_texts() -> dict[str, str]:
    return {
        "checking": _("Looking at the recording…"),
        "uploading": _("The recording is being sent. You can fill in the form meanwhile."),
        "resuming": _("Part of it had already arrived. It goes on at {percent}."),
        "paused": _("Paused, {percent} sent."),
        "offline": _("No connection, {percent} sent. It goes on by itself when the line is back."),
        "slow": _("The line is weak, {percent} sent. It is being tried again."),
        "finishing": _("Everything is sent. The recording is being checked."),
        "processing": _("The recording is sent. You can submit it now; the rest goes by itself."),
        "ready": _("The recording is ready and can be watched."),
        "alreadySent": _("This recording was sent before and need not be sent again."),
        "alreadySubmitted": _("This recording was handed in before. You find it in the list."),
        "failed": _("The recording could not be processed."),
        "tooLarge": _("This file is larger than {limit}. Please export the video smaller."),
        "empty": _("This file is empty. Please record or export the video again."),
        "unreadable": _("The recording cannot be read any more. Please choose it again."),
        "unsupported": _("This browser cannot send recordings. Please use another one."),
        "trouble": _("The upload was interrupted. Please try again."),
        "leave": _("The recording is still being sent."),
        "sent": _("{done} of {total}"),
        "rate": _("{rate} a second"),
        "secondsLeft": _("less than a minute left"),
        "minutesLeft": _("about {n} min left"),
        "hoursLeft": _("about {n} h left"),
        "draftSaved": _("What you typed was saved at {time}."),
        "draftKept": _("No connection; what you typed is kept on this phone."),
        "counted": _("{n} of {limit}"),
        "tooMany": _("{n} of {limit}, please shorten it"),
        "announced": _("Reviewing rests until the new version is here."),
        "separator": " · ",
    }
