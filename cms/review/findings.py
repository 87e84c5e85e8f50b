"""What the checks found in a recording, in plain words, for its author and its reviewers.

They advise and refuse nothing: what cannot be used at all was refused by the pipeline before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from cms.durations import duration_text
from media_pipeline.models import VideoAsset

# A voice at an arm's length from a phone measures -20 to -30 LUFS; below this it is hard to follow
# before it is amplified, and noisy afterwards. At the lower end of the scale there is nothing.
QUIET_LUFS, SILENT_LUFS = -36.0, -69.0
# Mean brightness of half of the pictures, of 255: a room with the light off.
DARK = 45.0
KNOWN = (VideoAsset.State.PROCESSING, VideoAsset.State.READY)


@dataclass(frozen=True)
class Finding:
    code: str
    text: str


def findings_of(asset: VideoAsset, *, has_captions: bool) -> list[Finding]:
    """The remarks about a recording, none when all is well.

    Length, sound and orientation are known once it was probed, loudness and brightness when it is
    finished; before that nothing is said of them.
    """
    if asset.state not in KNOWN or asset.duration is None:
        return []
    found = [*_about_length(asset), *_about_sound(asset), *_about_picture(asset)]
    if asset.is_ready and not has_captions and asset.has_audio:
        found.append(
            Finding(
                "no_captions",
                _(
                    "There are no captions. With them, people who hear badly can follow; a caption "
                    "file can be added here until the review is through."
                ),
            )
        )
    return found


def _about_length(asset: VideoAsset) -> list[Finding]:
    advised = settings.LECTURE_ADVISED_SECONDS
    if asset.duration is None or asset.duration <= advised:
        return []
    text = _(
        "It is %(length)s long; micro lectures are at most %(advised)s. Please cut it, or hand it "
        "in in parts."
    )
    words = {"length": duration_text(asset.duration), "advised": duration_text(advised)}
    return [Finding("too_long", text % words)]


def _about_sound(asset: VideoAsset) -> list[Finding]:
    silent = asset.loudness is not None and asset.loudness <= SILENT_LUFS
    if not asset.has_audio or silent:
        return [
            Finding(
                "no_sound",
                _(
                    "There is no sound in it. Please check whether the microphone was off, and "
                    "record it again."
                ),
            )
        ]
    if asset.loudness is not None and asset.loudness < QUIET_LUFS:
        return [
            Finding(
                "quiet",
                _(
                    "The voice is very quiet. It was made louder, but the noise with it; please "
                    "put the phone nearer next time."
                ),
            )
        ]
    return []


def _about_picture(asset: VideoAsset) -> list[Finding]:
    found = []
    if asset.is_portrait:
        found.append(
            Finding(
                "sideways",
                _(
                    "It was recorded upright. On a television it will be small; please hold the "
                    "phone sideways next time."
                ),
            )
        )
    if asset.brightness is not None and asset.brightness < DARK:
        found.append(
            Finding(
                "dark",
                _(
                    "The picture is very dark. Please switch on the light, or do not record "
                    "against the window."
                ),
            )
        )
    return found


def captioned(assets: Any) -> set[Any]:
    """The ids of those that have captions; one query."""
    from media_pipeline.captions.models import CaptionTrack

    ids = [asset.pk for asset in assets]
    return set(CaptionTrack.objects.filter(asset__in=ids).values_list("asset_id", flat=True))
