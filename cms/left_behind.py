"""What does not come along when a lecture gets another recording.

Captions and a chosen picture belong to a recording: the words of one film would stand at the wrong
seconds of another. Whoever looks after the lecture is told so, until the new one has its own.
"""

from typing import Any

from django.utils.translation import gettext as _

from cms.models import LecturePage
from media_pipeline.models import VideoAsset


def left_behind_text(lecture: Any) -> str:
    """A sentence or two; "" when nothing is missing. The lecture comes from
    `with_what_is_left_behind`.
    """
    if lecture is None or not (lecture.captions_left or lecture.picture_left):
        return ""
    if not lecture.picture_left:
        return _(
            "This lecture has a new recording. The captions belong to the former one and are not "
            "taken over. Please add the captions of the new recording."
        )
    if not lecture.captions_left:
        return _(
            "This lecture has a new recording. The picture that was chosen belongs to the former "
            "one and is not taken over. Please choose a picture of the new recording."
        )
    return _(
        "This lecture has a new recording. Captions and the chosen picture belong to the former "
        "one and are not taken over. Please add captions and choose a picture once more."
    )


def left_behind_at(asset: VideoAsset, lecture: Any) -> str:
    """As `left_behind_text`, for the recording that its lecture shows; other versions miss nothing
    that could be added now.
    """
    return left_behind_text(lecture) if lecture and lecture.asset_id == asset.pk else ""


def left_behind(lecture: LecturePage) -> str:
    """The same for any lecture."""
    found = LecturePage.objects.with_what_is_left_behind().filter(pk=lecture.pk)
    return left_behind_text(found.first())
