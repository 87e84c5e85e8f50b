"""The picture of a recording: looked for by the worker, changed by a person.

All pictures come out of the recording's own finished package. The film says which one counts
(`VideoAsset.poster`); the package's first one stays in reserve.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import statistics
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils import timezone

from audit.log import record
from media_pipeline import store
from media_pipeline.chore_models import Chore
from media_pipeline.chores import Stop, chore_ask, chore_work
from media_pipeline.delivery import POSTER, PROGRESSIVE
from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.bubblewrap import Files
from media_pipeline.ffmpeg.frames import look_command, picture_command
from media_pipeline.ffmpeg.poster_choice import candidates, read_looks
from media_pipeline.ffmpeg.runner import run
from media_pipeline.models import VideoAsset

MOST_LOOKS = 120
ASKED_PER_SWEEP = 50
WALL_SECONDS = 300


class NoSuchMoment(ValueError):
    """The second lies outside the recording."""


def posters_sweep() -> int:
    """Have a picture looked for in every finished recording that nobody looked at."""
    waiting = (
        VideoAsset.objects.ready()
        .exclude(package=None)
        .exclude(chores__kind=Chore.Kind.POSTER_PICK)
        .order_by("-ready_at")[:ASKED_PER_SWEEP]
    )
    assets = list(waiting)
    for asset in assets:
        chore_ask(asset=asset, kind=Chore.Kind.POSTER_PICK, wish={}, now=timezone.now())
    return len(assets)


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


def poster_candidates(asset: VideoAsset) -> list[float]:
    """Seconds of pictures that would do, best first; empty while nobody has looked."""
    chore = Chore.objects.filter(asset=asset, kind=Chore.Kind.POSTER_PICK).first()
    found: list[float] = chore.result.get("seconds", []) if chore else []
    return found


@chore_work(Chore.Kind.POSTER_PICK)
def pick(chore: Chore, should_stop: Stop) -> dict[str, Any]:
    """Look across the film; without a person's choice the best picture becomes the poster."""
    asset = chore.asset
    with _film(asset, chore) as film:
        every = max(1.0, (asset.duration or 0) / MOST_LOOKS)
        looked = run(
            look_command(film, every=every, binary=_binary()),
            files=Files(reads=(film,)),
            should_stop=should_stop,
            wall_seconds=WALL_SECONDS,
        )
        looks = read_looks(looked.stdout.decode("utf-8", "replace"))
        found = candidates(looks)
        seconds = [round(look.second, 3) for look in found]
        if looks:
            brightness = round(statistics.median(look.mean for look in looks), 1)
            VideoAsset.objects.filter(pk=asset.pk).update(brightness=brightness)
        chosen = Chore.objects.filter(asset=asset, kind=Chore.Kind.POSTER_FRAME).exists()
        if seconds and not chosen:
            _take(asset, film, seconds[0], should_stop)
    return {"seconds": seconds}


@chore_work(Chore.Kind.POSTER_FRAME)
def take(chore: Chore, should_stop: Stop) -> dict[str, Any]:
    asset = chore.asset
    if chore.wish["package"] != asset.package_id:
        return {}  # meanwhile the recording was made anew
    with _film(asset, chore) as film:
        _take(asset, film, chore.wish["second"], should_stop)
    return {}


def _take(asset: VideoAsset, film: Path, second: float, should_stop: Stop) -> None:
    folder = store.scratch(f"poster-{asset.pk}")
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
    finally:
        store.folder_delete(folder)
    before = asset.poster
    poster = f"{asset.package_id}/{name}"
    VideoAsset.objects.filter(pk=asset.pk, package=asset.package_id).update(poster=poster)
    _, _, old = before.partition("/")
    if old and before != poster and old != POSTER:
        with contextlib.suppress(OSError):
            store.recordings().delete(f"{store.PACKAGES}/{before}")


@contextlib.contextmanager
def _film(asset: VideoAsset, chore: Chore) -> Any:
    """The film with every picture, here."""
    name = f"{store.package_folder(str(asset.package_id))}/{PROGRESSIVE}"
    copy = store.scratch(f"film-{chore.pk}") / PROGRESSIVE
    try:
        with store.file_here(name, copy, on_copy=lambda: None) as film:
            yield film
    finally:
        store.folder_delete(copy.parent)


def _binary() -> str:
    return ffmpeg_binary(settings.FFMPEG_BINARY)
