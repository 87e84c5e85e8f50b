"""Captions of a recording: bringing, replacing, vouching for and deleting them.

Every act is one transaction with its entry in the log. Who may do it is decided above.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from audit.log import record
from media_pipeline.captions.cues import write_vtt
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.captions.reading import read_captions
from media_pipeline.models import VideoAsset


@transaction.atomic
def captions_put(*, asset: VideoAsset, data: bytes, actor: Any, now: dt.datetime) -> CaptionTrack:
    """Take a file as the captions of the recording, in place of those there were.

    Raises CaptionFault; nothing has changed then.
    """
    track = _store(asset, data, source=CaptionTrack.Source.UPLOADED, actor=actor, now=now)
    record("captions.put", actor=actor, target=asset, cues=track.cues)
    return track


@transaction.atomic
def captions_recognised(*, asset: VideoAsset, data: bytes, now: dt.datetime) -> CaptionTrack | None:
    """Take what a recogniser heard, through the same parser; never in place of a person's work."""
    present = CaptionTrack.objects.select_for_update().filter(asset=asset).first()
    if present is not None and not present.is_unchecked:
        return None
    track = _store(asset, data, source=CaptionTrack.Source.RECOGNISED, actor=None, now=now)
    record("captions.recognise", target=asset, cues=track.cues)
    return track


@transaction.atomic
def captions_vouch(*, asset: VideoAsset, actor: Any, now: dt.datetime) -> bool:
    """A person has read what a machine heard; False when there is nothing to vouch for."""
    unchecked = CaptionTrack.objects.filter(
        asset=asset, source=CaptionTrack.Source.RECOGNISED, checked_at=None
    )
    if not unchecked.update(checked_at=now, added_by=actor):
        return False
    record("captions.vouch", actor=actor, target=asset)
    return True


@transaction.atomic
def captions_delete(*, asset: VideoAsset, actor: Any) -> bool:
    if not CaptionTrack.objects.filter(asset=asset).delete()[0]:
        return False
    record("captions.delete", actor=actor, target=asset)
    return True


def _store(
    asset: VideoAsset, data: bytes, *, source: str, actor: Any, now: dt.datetime
) -> CaptionTrack:
    cues = read_captions(data, duration=asset.duration)
    track, _ = CaptionTrack.objects.update_or_create(
        asset=asset,
        defaults={
            "text": write_vtt(cues),
            "cues": len(cues),
            "source": source,
            "checked_at": None,
            "added_by": actor,
            "added_at": now,
        },
    )
    return track
