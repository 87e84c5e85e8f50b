"""Photos and PDFs that prove hours learnt elsewhere: looked at before they are kept, in a storage
that only the ledger's own views hand out.

A photo is drawn anew, which leaves behind whatever was hidden in it, the place where it was taken
among that. A PDF is never opened here: it must look like one, carry no programs, and is handed
out as a download that no browser runs.
"""

from __future__ import annotations

import io
import re
import uuid
import warnings
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 60_000_000
# Of what cannot be read at a smaller size, as a JPEG can.
MOST_PIXELS_WHOLE = 24_000_000
LONGEST_SIDE = 2200
# What makes a PDF do something when it is opened.
ACTIVE = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|AA)\b")
# Pictures and fonts: compressed, so that any letters may stand in them by chance.
STREAM = re.compile(rb"\bstream\r?\n.*?\bendstream\b", re.DOTALL)


class FileRefused(Exception):
    """This is no evidence that can be kept; the message says what to do."""


@dataclass(frozen=True)
class Checked:
    content: bytes
    suffix: str


def evidence_checked(file: UploadedFile) -> Checked:
    if (file.size or 0) > MOST_BYTES:
        raise FileRefused(_("The file is larger than 10 MB. Please take a smaller photo."))
    content = file.read()
    if not content:
        raise FileRefused(_("The file is empty."))
    if content.startswith(b"%PDF-"):
        return _pdf(content)
    return _photo(content)


def _pdf(content: bytes) -> Checked:
    if b"%%EOF" not in content[-2048:]:
        raise FileRefused(_("This PDF is not whole. Please save it again."))
    said = STREAM.sub(b"", content)
    if ACTIVE.search(said) or b"/Encrypt" in said:
        raise FileRefused(
            _("This PDF is locked or contains programs. Please take a photo of the paper instead.")
        )
    return Checked(content, ".pdf")


def _photo(content: bytes) -> Checked:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as image:
                most = MOST_PIXELS if image.format == "JPEG" else MOST_PIXELS_WHOLE
                if image.width * image.height > most:
                    raise FileRefused(_("The photo is too large. Please take a smaller one."))
                image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                drawn = image.convert("RGB")
                drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                drawn = ImageOps.exif_transpose(drawn)
    except FileRefused:
        raise
    except (OSError, ValueError, SyntaxError, ArithmeticError, Warning) as problem:
        # Image.DecompressionBombError is a plain Exception of its own.
        raise FileRefused(_not_readable()) from problem
    except Image.DecompressionBombError as problem:
        raise FileRefused(_not_readable()) from problem
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=85)
    return Checked(out.getvalue(), ".jpg")


def _not_readable() -> str:
    return _("This is neither a photo (JPEG, PNG) nor a PDF that can be read.")


def claims_storage() -> Storage:
    return storages["claims"]


def file_put(checked: Checked) -> str:
    """Store it under a name that nobody guesses; returns the name."""
    name = f"{uuid.uuid4().hex}{checked.suffix}"
    return claims_storage().save(name, ContentFile(checked.content))


def file_remove(name: str) -> None:
    if name:
        claims_storage().delete(name)


def file_response(name: str, stem: str) -> FileResponse:
    """A stored photo to be shown, or a PDF to be kept; neither runs anything in the browser."""
    is_photo = name.endswith(".jpg")
    response = FileResponse(
        claims_storage().open(name, "rb"),
        as_attachment=not is_photo,
        filename=f"{stem}{'.jpg' if is_photo else '.pdf'}",
        content_type="image/jpeg" if is_photo else "application/pdf",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
