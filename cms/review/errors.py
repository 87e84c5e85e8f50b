"""What stands in the way of an act of review; the message is for the person."""

from django.utils.translation import gettext as _


class ReviewError(Exception):
    """The act is not possible as things stand."""


class ReviewConflict(ReviewError):
    """Somebody else was faster, or what was looked at is not what is there any more."""


def already_decided(name: str, what: str) -> ReviewConflict:
    text = _(
        "%(name)s has decided this review just before: %(what)s. Your decision was not written."
    )
    return ReviewConflict(text % {"name": name, "what": what})


def version_changed() -> ReviewConflict:
    return ReviewConflict(
        _(
            "A new version of the recording has arrived meanwhile. Please look at it before you "
            "decide; nothing was written."
        )
    )


def words_changed() -> ReviewConflict:
    return ReviewConflict(
        _(
            "Captions or chapters were changed while you had this page open. Please open it again "
            "and read them; nothing was written."
        )
    )


def version_on_its_way() -> ReviewConflict:
    return ReviewConflict(
        _(
            "The author is uploading a new version of the recording. The review rests until it is "
            "here; nothing was written, and your comments are kept."
        )
    )
