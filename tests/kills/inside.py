"""What needs Django, run as a process of its own with the site's settings.

`begin` makes the uploader and prints a session; `end` sweeps as the schedule does, only later, and
prints all rows and files.
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


if __name__ == "__main__":
    django.setup()
    {"begin": begin, "end": end}[sys.argv[1]]()
