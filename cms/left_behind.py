"""What does not come along when a lecture gets another recording.

Captions, chapters and a chosen picture belong to a recording: the words of one film would stand at
the wrong seconds of another. Whoever looks after the lecture is told so, until the new one has its
own.
"""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cms.models import LecturePage
from media_pipeline.models import VideoAsset


def left_behind_text(lecture: Any) -> str:
    """A sentence or two; "" when nothing is missing. The lecture comes from
    `with_what_is_left_behind`.
    """
    if lecture is None:
        return ""
    names = (
        (lecture.captions_left, _("captions")),
        (lecture.chapters_left, _("chapters")),
        (lecture.picture_left, _("the chosen picture")),
    )
    left = [str(name) for is_left, name in names if is_left]
    if not left:
        return ""
    return _(
        "This lecture has a new recording. What belongs to the former one is not taken over: "
        "%(what)s. Please set it for the new recording."
    ) % {"what": pgettext("list", ", ").join(left)}


def left_behind_at(asset: VideoAsset, lecture: Any) -> str:
    """As `left_behind_text`, for the recording that its lecture shows; other versions miss nothing
    that could be added now.
    """
    return left_behind_text(lecture) if lecture and lecture.asset_id == asset.pk else ""


def left_behind(lecture: LecturePage) -> str:
    """The same for any lecture."""
    found = LecturePage.objects.with_what_is_left_behind().filter(pk=lecture.pk)
    return left_behind_text(found.first())
