"""Why a transfer cannot go on. Each error carries a code and the sentence that a person reads.

Which HTTP status answers which error is decided in `tus`. What is wrong with the recording
itself has its sentences in `messages`; here is only what is wrong with the transfer.
"""

from __future__ import annotations

from django.utils.translation import gettext as _


class UploadError(Exception):
    """The transfer cannot go on; `message` says what happened and what to do."""

    code = "upload"

    @property
    def message(self) -> str:
        return _("The upload could not be continued. Please choose the video again.")

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class UploadRefused(UploadError):
    """The file is not wanted; nothing of it is kept. Its sentence is that of the refusal."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self._message = message

    @property
    def message(self) -> str:
        return self._message


class UploadTooLarge(UploadRefused):
    """Larger than the site takes."""


class MoreThanAnnounced(UploadError):
    """The request brings more bytes than the file was announced with."""

    code = "more_than_announced"

    @property
    def message(self) -> str:
        return _("The request brought more than the whole video. Please choose the video again.")


class UploadUnknown(UploadError):
    """No such transfer, or somebody else's."""

    code = "unknown"

    @property
    def message(self) -> str:
        return _("This upload does not exist any more. Please choose the video again.")


class UploadExpired(UploadError):
    """Nothing arrived for so long that the bytes were given up."""

    code = "expired"

    @property
    def message(self) -> str:
        return _("This upload was left for too long. Please choose the video again.")


class UploadBusy(UploadError):
    """Another request is writing to the same transfer."""

    code = "busy"

    @property
    def message(self) -> str:
        return _("The previous part is still being received. It goes on in a moment.")


class OffsetConflict(UploadError):
    """The client believes in another offset than the server; `offset` is the true one."""

    code = "offset"

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset

    @property
    def message(self) -> str:
        return _("Part of the video had already arrived. It goes on from there.")


class ChecksumMismatch(UploadError):
    """The body is not what its checksum says; nothing of it was kept."""

    code = "checksum"

    @property
    def message(self) -> str:
        return _("Part of the video was damaged on its way. It is sent again.")


class UploadInterrupted(UploadError):
    """The body ended before its announced length; `offset` is what is kept."""

    code = "interrupted"

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset

    @property
    def message(self) -> str:
        return _("The connection was interrupted. It goes on from where it stopped.")


class DiskFull(UploadError):
    """Too little room for the bytes that were announced."""

    code = "disk_full"

    @property
    def message(self) -> str:
        return _(
            "The server has too little room for this video right now. "
            "Please try again later or tell the administrator."
        )


class StorageTrouble(UploadError):
    """All bytes are here, and the storage cannot take them over at the moment."""

    code = "storage"

    @property
    def message(self) -> str:
        return _(
            "Your video has arrived in full, but the server cannot put it away right now. "
            "It is tried again by itself; nothing has to be sent again."
        )


class TooManyUnfinished(UploadError):
    """The owner's unfinished transfers together are larger than one person may keep."""

    code = "too_many_unfinished"

    @property
    def message(self) -> str:
        return _(
            "You have too many unfinished uploads. "
            "Please finish or discard one of them under My submissions first."
        )
