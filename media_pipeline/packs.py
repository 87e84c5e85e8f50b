"""Download packs: one ZIP with a film and what plays it without a network.

Packed by the worker when somebody wants it, stored (a film does not shrink), and handed out by its
signed address, so that length, ranges and resuming are nginx's. Under the same name lies always
the same pack: the name is a digest of what goes in. What the texts say is decided above.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import zipfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File

from media_pipeline import store
from media_pipeline.chore_models import Chore
from media_pipeline.chores import Stop, chore_ask, chore_work
from media_pipeline.delivery import PACK, PROGRESSIVE, sign_prefix
from media_pipeline.ffmpeg.runner import MediaProcessStopped
from media_pipeline.models import VideoAsset

FILM, PICTURE = "video.mp4", "poster.jpg"
# ZIP knows no earlier time, and the same contents are to make the same pack.
EPOCH = (1980, 1, 1, 0, 0, 0)
COPY_BYTES = 1024 * 1024


def pack_ask(
    *, asset: VideoAsset, texts: dict[str, str], poster: str, actor: Any, now: dt.datetime
) -> Chore:
    """Have a pack made of the film, the picture `poster` of its package and `texts` by file name.

    Asking again while it is there changes nothing; other texts make another pack.
    """
    wish = {"package": asset.package_id, "poster": poster, "texts": texts}
    digest = hashlib.sha256(json.dumps(wish, sort_keys=True).encode()).hexdigest()[:12]
    wish["name"] = f"{PACK}{digest}.zip"
    chore = chore_ask(asset=asset, kind=Chore.Kind.PACK, wish=wish, now=now, actor=actor)
    if chore.state == Chore.State.DONE and not store.recordings().exists(_stored(chore)):
        Chore.objects.filter(pk=chore.pk).delete()  # swept meanwhile
        chore = chore_ask(asset=asset, kind=Chore.Kind.PACK, wish=wish, now=now, actor=actor)
    return chore


def pack_url(chore: Chore, *, now: dt.datetime) -> str:
    """The signed address of a finished pack; empty while it is made."""
    if chore.state != Chore.State.DONE:
        return ""
    lifetime = settings.DOWNLOAD_LIFETIME
    return sign_prefix(chore.wish["package"], now=now, lifetime=lifetime).url(chore.wish["name"])


def packs_expire(*, now: dt.datetime) -> int:
    """Remove packs that were made long ago; the next wish makes them again."""
    until = now - dt.timedelta(days=settings.DOWNLOAD_KEEP_DAYS)
    old = Chore.objects.filter(kind=Chore.Kind.PACK, state=Chore.State.DONE, asked_at__lt=until)
    for chore in old:
        store.recordings().delete(_stored(chore))
        chore.delete()
    return len(old)


@chore_work(Chore.Kind.PACK)
def pack(chore: Chore, should_stop: Stop) -> dict[str, Any]:
    stored = _stored(chore)
    local = store.local_path(stored)
    beside = (
        local.with_suffix(".new") if local else store.chore_scratch("pack", chore.pk) / "pack.zip"
    )
    beside.parent.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_STORED) as archive:
            folder = store.package_folder(chore.wish["package"])
            _copy(f"{folder}/{PROGRESSIVE}", archive, FILM, should_stop)
            _copy(f"{folder}/{chore.wish['poster']}", archive, PICTURE, should_stop)
            for name, text in sorted(chore.wish["texts"].items()):
                archive.writestr(_entry(name), text)
        if local:
            os.replace(beside, local)
        elif not store.recordings().exists(stored):
            with beside.open("rb") as file:
                store.recordings().save(stored, File(file))
    finally:
        Path(beside).unlink(missing_ok=True)
    size = store.recordings().size(stored)
    _discard_others(chore)
    return {"bytes": size}


def _copy(source: str, archive: zipfile.ZipFile, name: str, should_stop: Stop) -> None:
    info = _entry(name)
    info.file_size = store.recordings().size(source)  # beyond 2 GB the head looks different
    with store.recordings().open(source, "rb") as file, archive.open(info, "w") as entry:
        while block := file.read(COPY_BYTES):
            if should_stop():
                raise MediaProcessStopped
            entry.write(block)


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, EPOCH)
    info.compress_type = zipfile.ZIP_STORED
    info.external_attr = 0o644 << 16
    return info


def _discard_others(chore: Chore) -> None:
    """A pack with last week's captions is nobody's any more."""
    folder = store.package_folder(chore.wish["package"])
    for name in store.recordings().listdir(folder)[1]:
        if name.startswith(PACK) and name != chore.wish["name"]:
            store.recordings().delete(f"{folder}/{name}")


def _stored(chore: Chore) -> str:
    return f"{store.package_folder(chore.wish['package'])}/{chore.wish['name']}"
