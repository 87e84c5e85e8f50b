"""What a person reads about a recording: why it was refused, how far it is, how long it takes.

Sentences only. Codes come from `ffmpeg.refusals`, `ffmpeg.runner` and `jobs`; what is wrong with
a transfer, not with a recording, has its sentences in `upload_errors`.
"""

import math

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from media_pipeline.models import TranscodeJob, VideoAsset

GIGABYTE = 1024**3

CHOOSE_ANOTHER = gettext_noop(
    "This file is neither a video nor a sound recording. Please choose a recording from your "
    "phone and upload it again."
)
SENTENCES = {
    # Refused: the file itself is the trouble.
    "empty": gettext_noop(
        "This file is empty. Please record or export the video again, then upload it."
    ),
    "too_large": gettext_noop(
        "This file is larger than %(limit)s. Please shorten the video or export it smaller, "
        "then upload it again."
    ),
    "not_media": CHOOSE_ANOTHER,
    "image": gettext_noop(
        "This file is a picture. Please choose a recorded video or a sound recording and upload "
        "it again."
    ),
    "playlist": gettext_noop(
        "This file is only a list of addresses and holds no video. Please upload the video file "
        "itself."
    ),
    "damaged": gettext_noop(
        "This recording is damaged or incomplete. Please check that it plays on your phone, then "
        "upload it again."
    ),
    "nothing_recorded": gettext_noop(
        "There is neither picture nor sound in this file. Please check on your phone what was "
        "recorded, then upload it again."
    ),
    "too_long": gettext_noop(
        "This recording is longer than %(hours)s hours. Please cut it into parts and upload them "
        "one by one."
    ),
    "too_short": gettext_noop(
        "This recording is too short, less than one second. Please record it again and upload it."
    ),
    "too_big_picture": gettext_noop(
        "The picture of this video is too large to be processed. Please export it as 4K or "
        "smaller, then upload it again."
    ),
    "too_many_pictures": gettext_noop(
        "This video has far more pictures a second than any screen shows. Please export it with 30 "
        "or 60 pictures a second, then upload it again."
    ),
    "unsupported": gettext_noop(
        "This kind of file cannot be processed. Please export a video as MP4, a sound recording "
        "as MP3, then upload it again."
    ),
    # Failed: our side, or a file that no attempt got through.
    "worker_lost": gettext_noop(
        "Processing broke off several times. Please check that the video plays on your phone and "
        "upload it again; if it happens again, tell the administrator."
    ),
    "exit": gettext_noop(
        "Something in this recording cannot be processed. Please export it again as an MP4 file "
        "and upload the new one."
    ),
    "stalled": gettext_noop(
        "Processing got stuck on this video several times. Please export it again and upload the "
        "new file."
    ),
    "disk_full": gettext_noop(
        "The server has too little room right now. Processing goes on by itself as soon as there "
        "is room; you need not upload again."
    ),
    "unread": gettext_noop(
        "The server had trouble reading this video from its disk; the video itself is not to "
        "blame. Please try once more; if it fails again, tell the administrator."
    ),
    "original_missing": gettext_noop(
        "The uploaded file is not on the server any more. Please upload it again."
    ),
    "too_slow": gettext_noop(
        "This video takes too long to process. Please export it again with a smaller picture and "
        "upload the new file."
    ),
    # Files given to the import command.
    "file_missing": gettext_noop("This file does not exist or cannot be read. Please check it."),
    "not_stored": gettext_noop(
        "The storage cannot take this video right now. Please look into the log, then bring the "
        "video in again."
    ),
    "no_worker": gettext_noop(
        "No worker has taken this video in time. Please check that the worker runs."
    ),
}
SENTENCES |= dict.fromkeys(
    ("cpu_limit", "memory_limit", "output_limit", "process_limit"), SENTENCES["too_slow"]
)
SENTENCES |= {"crashed": SENTENCES["exit"], "killed": SENTENCES["worker_lost"]}
FALLBACK = gettext_noop(
    "This video could not be processed. Please try once more; if it fails again, export it as an "
    "MP4 file and upload that, or tell the administrator."
)

STEPS = {
    "copy": gettext_noop("being fetched"),
    "probe": gettext_noop("being checked"),
    "preview": gettext_noop("being made ready for a first look"),
    "sound": gettext_noop("having its sound made ready"),
    "encode": gettext_noop("being converted"),
    "package": gettext_noop("being put together"),
    "verify": gettext_noop("being verified"),
    "store": gettext_noop("being saved"),
}
# The check of a recording; all other steps make it ready.
CHECK_STEPS = {"", "copy", "probe"}


def sentence(reason: str) -> str:
    """One plain sentence or two for a refusal or failure code: what is wrong and what to do."""
    return _(SENTENCES.get(reason, FALLBACK)) % {
        "limit": size_text(settings.UPLOAD_MAX_BYTES),
        "hours": f"{settings.MEDIA_MAX_SECONDS / 3600:g}",
    }


def advice(asset: VideoAsset) -> str:
    """What to do about a recording that was given up, besides what its sentence says."""
    if asset.state != VideoAsset.State.FAILED:
        return ""
    return _(
        "It was tried several times. You can have it processed once more without sending it again."
    )


def size_text(size: int) -> str:
    if size >= GIGABYTE:
        return f"{size / GIGABYTE:.3g} GB"
    return f"{max(1, round(size / 1024**2))} MB"


def state_text(asset: VideoAsset, job: TranscodeJob | None = None) -> str:
    """A few words on where the recording stands, for instance "being converted, 45%"."""
    if asset.state == VideoAsset.State.READY:
        return _("ready")
    if asset.state == VideoAsset.State.REFUSED:
        return _("did not pass the check")
    if asset.state == VideoAsset.State.FAILED:
        return _("could not be processed")
    if job is None or job.state == TranscodeJob.State.QUEUED:
        return _queued_text(job)
    words = _(STEPS.get(job.step, STEPS["probe"]))
    if job.progress > 0 and job.step not in CHECK_STEPS:
        return _("%(step)s, %(percent)s%%") % {
            "step": words,
            "percent": percent_of(job),
        }
    return words


def _queued_text(job: TranscodeJob | None) -> str:
    if job is not None and job.reason == "disk_full":
        return _("waiting for room on the server")
    if job is not None and job.reason and job.attempt:
        return _("waiting for another try")
    if job is not None and job.progress > 0:
        return _("waiting to go on at %(percent)s%%") % {"percent": percent_of(job)}
    return _("waiting in the queue")


def percent_of(job: TranscodeJob) -> int:
    """Whole percents; a hundred is only what is published."""
    return min(99, math.floor(job.progress * 100))


def outlook_text(job: TranscodeJob | None) -> str:
    """What is to be expected: how long it still takes, or how many tries are left."""
    if job is None or not (job.state == TranscodeJob.State.QUEUED and job.reason and job.attempt):
        return remaining_text(job)
    return _("%(done)s of %(all)s tries are used up") % {
        "done": job.attempt,
        "all": job.max_attempts,
    }


def remaining_text(job: TranscodeJob | None) -> str:
    """For instance "about 3 minutes left"; empty while that is a guess."""
    if job is None or job.state != TranscodeJob.State.RUNNING or job.seconds_left is None:
        return ""
    seconds = job.seconds_left
    if seconds < 50:
        return _("less than a minute left")
    minutes = math.ceil(seconds / 60)
    if minutes < 100:
        return ngettext(
            "about %(minutes)s minute left", "about %(minutes)s minutes left", minutes
        ) % {"minutes": minutes}
    hours = math.ceil(minutes / 60)
    return ngettext("about %(hours)s hour left", "about %(hours)s hours left", hours) % {
        "hours": hours
    }
