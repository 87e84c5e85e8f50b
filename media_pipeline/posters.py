"""The picture of a recording, changed by a person.

Every package has the best picture of its film (`poster_choice`). Another one is taken out of the
same package, and the film says that it counts (`VideoAsset.poster`); the first stays in reserve.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import math
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from audit.log import record
from media_pipeline import store
from media_pipeline.chore_models import Chore
from media_pipeline.chores import Stop, chore_ask, chore_work
from media_pipeline.delivery import POSTER, PROGRESSIVE
from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.bubblewrap import Files
from media_pipeline.ffmpeg.frames import picture_command
from media_pipeline.ffmpeg.runner import run
from media_pipeline.manifest import manifest_note
from media_pipeline.models import VideoAsset

ASKED_PER_SWEEP = 50
WALL_SECONDS = 300


class NoSuchMoment(ValueError):
    """The second lies outside the recording."""


def posters_sweep() -> int:
    """A recording that was made anew (by `media_audit --repair`) has the picture that a person
    chose taken anew.
    """
    lost = VideoAsset.objects.ready().exclude(Q(package=None) | Q(poster=""))
    lost = lost.exclude(poster__startswith=F("package_id"))
    taken = Chore.objects.filter(kind=Chore.Kind.POSTER_FRAME, asset__in=lost)
    asked = 0
    for chore in taken.select_related("asset", "asked_by").order_by("pk").iterator():
        package = chore.asset.package_id
        if chore.wish.get("package") == package:
            continue  # asked already; what failed three times is not asked for ever
        wish = {**chore.wish, "package": package}
        now = timezone.now()
        chore_ask(asset=chore.asset, kind=chore.kind, wish=wish, now=now, actor=chore.asked_by)
        asked += 1
        if asked == ASKED_PER_SWEEP:
            break
    return asked


@transaction.atomic
def poster_choose(*, asset: VideoAsset, second: float, actor: Any, now: dt.datetime) -> Chore:
    """Take the picture at `second` as the poster, in the background. Raises NoSuchMoment."""
    if not math.isfinite(second) or not 0 <= second <= (asset.duration or 0):
        raise NoSuchMoment(second)
    second = round(min(second, max(0.0, (asset.duration or 0) - 0.1)), 3)
    chore = chore_ask(
        asset=asset,
        kind=Chore.Kind.POSTER_FRAME,
        wish={"second": second, "package": asset.package_id},
        now=now,
        actor=actor,
    )
    record("poster.choose", actor=actor, target=asset, second=round(second))
    return chore


@chore_work(Chore.Kind.POSTER_FRAME)
def take(chore: Chore, should_stop: Stop) -> dict[str, Any]:
    asset = chore.asset
    # Of whichever package is published by now: all show the same film.
    with _film(asset, chore) as film:
        _take(chore, film, chore.wish["second"], should_stop)
    return {}


def _take(chore: Chore, film: Path, second: float, should_stop: Stop) -> None:
    asset = chore.asset
    folder = store.chore_scratch("poster", chore.pk)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        picture = folder / "poster.jpg"
        command = picture_command(film, picture, second=second, binary=_binary())
        files = Files(reads=(film,), writes=folder)
        run(command, files=files, should_stop=should_stop, wall_seconds=WALL_SECONDS)
        if not picture.is_file():
            raise NoSuchMoment(second)
        # A name of its own for every moment: browsers keep what they once fetched.
        name = f"poster_{round(second * 1000):09d}.jpg"
        stored = f"{store.package_folder(str(asset.package_id))}/{name}"
        if not store.recordings().exists(stored):
            with picture.open("rb") as file:
                store.recordings().save(stored, File(file))
        manifest_note(store.package_folder(str(asset.package_id)), [name])
    finally:
        store.folder_delete(folder)
    before = asset.poster
    poster = f"{asset.package_id}/{name}"
    VideoAsset.objects.filter(pk=asset.pk, package=asset.package_id).update(poster=poster)
    package, _, old = before.partition("/")
    if package == asset.package_id and old not in ("", name, POSTER):
        with contextlib.suppress(OSError):
            store.recordings().delete(f"{store.PACKAGES}/{before}")
            manifest_note(store.package_folder(package), [old])


@contextlib.contextmanager
def _film(asset: VideoAsset, chore: Chore) -> Any:
    """The film with every picture, here."""
    name = f"{store.package_folder(str(asset.package_id))}/{PROGRESSIVE}"
    copy = store.chore_scratch("film", chore.pk) / PROGRESSIVE
    try:
        with store.file_here(name, copy, on_copy=lambda: None) as film:
            yield film
    finally:
        store.folder_delete(copy.parent)


def _binary() -> str:
    return ffmpeg_binary(settings.FFMPEG_BINARY)
