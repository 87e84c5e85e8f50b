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
from django.db.models import F, Q
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
from media_pipeline.manifest import manifest_note
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
    return len(assets) + _taken_again()


def _taken_again() -> int:
    """A recording that was made anew (by `media_audit --repair`) has its picture taken anew: the
    moment that a person chose, else the best one.
    """
    asked = 0
    lost = VideoAsset.objects.ready().exclude(Q(package=None) | Q(poster=""))
    for asset in lost.exclude(poster__startswith=F("package_id"))[:ASKED_PER_SWEEP]:
        kinds = (Chore.Kind.POSTER_FRAME, Chore.Kind.POSTER_PICK)
        found = {chore.kind: chore for chore in asset.chores.filter(kind__in=kinds)}
        chore = found.get(kinds[0]) or found.get(kinds[1])
        if chore is None or chore.wish.get("package") == asset.package_id:
            continue  # asked already; what failed three times is not asked for ever
        wish = {**chore.wish, "package": asset.package_id}
        chore_ask(asset=asset, kind=chore.kind, wish=wish, now=timezone.now(), actor=chore.asked_by)
        asked += 1
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
            _take(chore, film, seconds[0], should_stop)
    return {"seconds": seconds}


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
