"""Why a file is refused. Codes only: the sentences for people live above, with gettext."""

from collections.abc import Mapping
from enum import StrEnum


class Refusal(StrEnum):
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_MEDIA = "not_media"
    IMAGE = "image"
    PLAYLIST = "playlist"
    DAMAGED = "damaged"
    NOTHING_RECORDED = "nothing_recorded"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    TOO_BIG_PICTURE = "too_big_picture"
    TOO_MANY_PICTURES = "too_many_pictures"
    UNSUPPORTED = "unsupported"


class MediaRefused(Exception):
    """The file itself is the trouble, so trying again cannot help.

    `params` are values for the sentence, as far as the code has any: too_large `bytes`,
    `limit_bytes`; too_long `seconds`, `limit_seconds`; too_short `seconds`; too_big_picture
    `width`, `height`; unsupported `what`. `detail` is for the log.
    """

    def __init__(
        self,
        code: Refusal,
        params: Mapping[str, int | float | str] | None = None,
        *,
        detail: str = "",
    ) -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.params = dict(params or {})
        self.detail = detail
