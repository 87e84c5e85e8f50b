"""What needs Django, run as a process of its own with the site's settings.

`begin` makes the uploader and prints a session; `finish` makes recordings of transfers whose last
byte came and whose end was cut off, as the schedule does within the hour; `end` sweeps as it
does, only later, and prints all rows and files. `watch` opens play sessions, `watched` prints what
is known of them.
"""

import datetime as dt
import json
import sys
from pathlib import Path

import django


def begin() -> None:
    from django.test import Client

    from tests.factories import OrganizationFactory, UserFactory

    branch = OrganizationFactory(parent=OrganizationFactory(city=True))
    client = Client()
    client.force_login(UserFactory(secretary=True, unit=branch, is_demo=True))
    print(client.cookies["sessionid"].value)


def finish() -> None:
    from media_pipeline.uploads import uploads_finish

    uploads_finish()


def end() -> None:
    from django.conf import settings
    from django.utils import timezone

    from media_pipeline.leftovers import attempts_sweep, folders_sweep
    from media_pipeline.models import Package, TranscodeJob, Upload, VideoAsset
    from media_pipeline.uploads import uploads_expire

    later = timezone.now() + dt.timedelta(days=3)
    attempts_sweep(now=timezone.now())
    uploads_expire(later)
    folders_sweep(now=later)
    folders = {
        name: sorted(path.name for path in Path(folder).iterdir()) if Path(folder).exists() else []
        for name, folder in {
            "packages": settings.MEDIA_ROOT / "packages",
            "originals": settings.MEDIA_ROOT / "originals",
            "work": settings.WORK_ROOT,
            "incoming": settings.INCOMING_ROOT,
        }.items()
    }
    found = {
        "assets": list(VideoAsset.objects.values()),
        "jobs": list(TranscodeJob.objects.values()),
        "packages": list(Package.objects.values()),
        "uploads": list(Upload.objects.exclude(asset__isnull=False).values("id", "state")),
        "folders": folders,
    }
    print(json.dumps(found, default=str))


def watch(people: str, seconds: str) -> None:
    """Open a play session of one lecture for each of so many people; prints their tokens."""
    from lms.watching.play import play_session_open
    from tests.factories import LecturePageFactory, UserFactory

    lecture = LecturePageFactory(asset__duration=float(seconds))
    watchers = UserFactory.create_batch(int(people), is_demo=True)
    print(json.dumps([play_session_open(user=one, lecture=lecture).token for one in watchers]))


def watched() -> None:
    """Every play session, completion and doubt."""
    from lms.watching.models import Completion, PlaySession
    from lms.watching.rederiving import completions_doubts

    sessions = {
        row.pk.hex: {"seen": bytes(row.seen).hex(), "accepted": row.accepted}
        for row in PlaySession.objects.all()
    }
    completed = list(Completion.objects.values_list("user_id", flat=True))
    doubts = [doubt.text() for doubt in completions_doubts()]
    print(json.dumps({"sessions": sessions, "completed": completed, "doubts": doubts}))


if __name__ == "__main__":
    django.setup()
    act, *words = sys.argv[1:]
    acts = {"begin": begin, "finish": finish, "end": end, "watch": watch, "watched": watched}
    acts[act](*words)
