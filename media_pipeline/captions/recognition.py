"""Speech recognition, where an installation has one: off unless SPEECH_RECOGNISER names it.

The name is a dotted path to a callable like `Recogniser`. It gets the voice of a finished
recording as a WAV of 16 kHz in mono, in the background, and answers with SRT or WebVTT. The answer
goes through the parser of uploaded files and is shown as unchecked until a person has read it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from media_pipeline import store
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.captions.tracks import captions_recognised
from media_pipeline.chore_models import Chore
from media_pipeline.chores import Stop, chore_ask, chore_work
from media_pipeline.delivery import SOUND
from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.bubblewrap import Files
from media_pipeline.ffmpeg.frames import voice_command
from media_pipeline.ffmpeg.runner import run
from media_pipeline.models import VideoAsset
from media_pipeline.pulse import connections_refresh

LANGUAGE = "zh"
# Recordings that one round of the sweep puts into the queue.
ASKED_PER_SWEEP = 50


class Recogniser(Protocol):
    def __call__(self, audio: Path, *, language: str, should_stop: Stop) -> str | bytes:
        """The captions of `audio` as SRT or WebVTT. What it raises is tried again, three times."""


def recognition_sweep() -> int:
    """Ask for the captions of recordings that have none yet, and were never asked for."""
    if not settings.SPEECH_RECOGNISER:
        return 0
    waiting = (
        VideoAsset.objects.ready()
        .filter(has_audio=True, package__light=True, captions=None)
        .exclude(chores__kind=Chore.Kind.SPEECH)[:ASKED_PER_SWEEP]
    )
    assets = list(waiting)
    for asset in assets:
        chore_ask(asset=asset, kind=Chore.Kind.SPEECH, wish={}, now=timezone.now())
    return len(assets)


@chore_work(Chore.Kind.SPEECH)
def recognise(chore: Chore, should_stop: Stop) -> dict[str, Any]:
    asset = chore.asset
    if asset.package_id is None or CaptionTrack.objects.filter(asset=asset).exists():
        return {}
    recogniser: Recogniser = import_string(settings.SPEECH_RECOGNISER)
    folder = store.chore_scratch("speech", chore.pk)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        name = f"{store.package_folder(asset.package_id)}/{SOUND}"
        with store.file_here(name, folder / SOUND, on_copy=lambda: None) as sound:
            voice = folder / "voice.wav"
            command = voice_command(sound, voice, binary=ffmpeg_binary(settings.FFMPEG_BINARY))
            files = Files(reads=(sound,), writes=folder)
            run(command, files=files, should_stop=should_stop, wall_seconds=900)
            heard = recogniser(voice, language=LANGUAGE, should_stop=should_stop)
    finally:
        store.folder_delete(folder)
    data = heard.encode() if isinstance(heard, str) else heard
    connections_refresh()  # it idled for as long as the recogniser listened
    track = captions_recognised(asset=asset, data=data, now=timezone.now())
    return {"cues": track.cues if track else 0}
