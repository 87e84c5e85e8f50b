"""tus 1.0.0 over HTTP: core, creation, checksum, expiration, termination.

Reads headers, makes one call of `uploads`, answers. Source of every status and header:
https://tus.io/protocols/resumable-upload. Somebody else's transfer is answered like none.
Errors are JSON: `message` is a sentence for the person, `code` is for programs.
"""

from __future__ import annotations

import contextlib
import socket
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views import View

from media_pipeline.models import Upload
from media_pipeline.tus_protocol import (
    ALGORITHMS,
    CHUNK_TYPE,
    EXTENSIONS,
    VERSION,
    HeaderError,
    clean_fingerprint,
    clean_name,
    parse_checksum,
    parse_metadata,
    parse_number,
)
from media_pipeline.upload_errors import (
    ChecksumMismatch,
    DiskFull,
    MoreThanAnnounced,
    OffsetConflict,
    StorageTrouble,
    TooManyUnfinished,
    UploadBusy,
    UploadError,
    UploadExpired,
    UploadInterrupted,
    UploadRefused,
    UploadTooLarge,
    UploadUnknown,
)
from media_pipeline.uploads import (
    upload_append,
    upload_create,
    upload_resolve,
    upload_terminate,
)

MayUpload = Callable[[HttpRequest], None]
# The first class that fits decides, so the special stand before the general.
STATUS: Sequence[tuple[type[UploadError], int]] = (
    (UploadUnknown, 404),
    (UploadExpired, 410),
    (OffsetConflict, 409),
    (UploadBusy, 423),
    (UploadTooLarge, 413),
    (MoreThanAnnounced, 413),
    (UploadRefused, 422),
    (TooManyUnfinished, 429),
    (ChecksumMismatch, 460),
    (StorageTrouble, 503),
    (DiskFull, 507),
    (UploadInterrupted, 400),
)
# A phone that has left its network says nothing more; its thread and lock must not wait for it.
SILENCE_SECONDS = 20.0


def tus_urls(may_upload: MayUpload) -> list[URLPattern]:
    """The addresses of the endpoint; `may_upload` raises PermissionDenied for who may not."""
    return [
        path("", UploadsView.as_view(may_upload=may_upload), name="tus"),
        path("<uuid:upload_id>", UploadView.as_view(), name="tus_upload"),
    ]


class TusView(View):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = self.refusal(request) or super().dispatch(request, *args, **kwargs)
        except HeaderError as problem:
            response = self.problem(400, "header", broken_request(), detail=str(problem))
        except PermissionDenied as problem:
            response = self.problem(403, "forbidden", str(problem))
        except UploadError as problem:
            status = next(status for kind, status in STATUS if isinstance(problem, kind))
            response = self.problem(status, problem.code, problem.message)
            if isinstance(problem, OffsetConflict | UploadInterrupted):
                response["Upload-Offset"] = str(problem.offset)
            if isinstance(problem, ChecksumMismatch):
                response.reason_phrase = "Checksum Mismatch"
        response["Tus-Resumable"] = VERSION
        response["Cache-Control"] = "no-store"
        return response

    def refusal(self, request: HttpRequest) -> HttpResponse | None:
        """What keeps a request from being looked at; OPTIONS is for everybody."""
        if request.method == "OPTIONS":
            return None
        if request.headers.get("Tus-Resumable") != VERSION:
            response = self.problem(412, "version", broken_request())
            response["Tus-Version"] = VERSION
            return response
        if not request.user.is_authenticated:
            return self.problem(401, "signed_out", _("Please sign in again; then it goes on."))
        return None

    def problem(self, status: int, code: str, message: str, **detail: str) -> HttpResponse:
        if self.request.method == "HEAD":
            return HttpResponse(status=status)
        return JsonResponse({"message": message, "code": code, **detail}, status=status)

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = HttpResponse(status=204)
        response["Tus-Version"] = VERSION
        response["Tus-Extension"] = EXTENSIONS
        response["Tus-Max-Size"] = str(settings.UPLOAD_MAX_BYTES)
        response["Tus-Checksum-Algorithm"] = ",".join(ALGORITHMS)
        return response


class UploadsView(TusView):
    may_upload: MayUpload | None = None

    def post(self, request: HttpRequest) -> HttpResponse:
        assert self.may_upload is not None
        self.may_upload(request)
        if "Upload-Defer-Length" in request.headers:
            raise HeaderError("Upload-Defer-Length is not offered.")
        length = parse_number("Upload-Length", request.headers.get("Upload-Length"))
        raw = request.headers.get("Upload-Metadata", "")
        metadata = parse_metadata(raw)
        upload = upload_create(
            owner=request.user,
            length=length,
            original_name=clean_name(metadata.get("filename", "")),
            fingerprint=clean_fingerprint(metadata.get("fingerprint", "")),
            metadata=raw,
        )
        response = HttpResponse(status=201)
        # A path without a host stays right behind any proxy.
        response["Location"] = f"{request.path}{upload.pk}"
        return described(response, upload)


class UploadView(TusView):
    def head(self, request: HttpRequest, upload_id: uuid.UUID) -> HttpResponse:
        try:
            upload = upload_resolve(upload_id=upload_id, owner=request.user)
        except (DiskFull, StorageTrouble) as problem:
            # All of it is here. On any other error tus-js-client sends the whole film again.
            raise UploadBusy from problem
        response = HttpResponse()
        response["Upload-Length"] = str(upload.length)
        if upload.metadata:
            response["Upload-Metadata"] = upload.metadata
        return described(response, upload)

    def patch(self, request: HttpRequest, upload_id: uuid.UUID) -> HttpResponse:
        if request.content_type != CHUNK_TYPE:
            return self.problem(415, "content_type", broken_request())
        if not request.META.get("CONTENT_LENGTH"):
            return self.problem(411, "length", broken_request())
        with impatient(request):
            upload = upload_append(
                upload_id=upload_id,
                owner=request.user,
                offset=parse_number("Upload-Offset", request.headers.get("Upload-Offset")),
                stream=request,
                length=parse_number("Content-Length", request.META["CONTENT_LENGTH"]),
                checksum=parse_checksum(request.headers.get("Upload-Checksum")),
            )
        return described(HttpResponse(status=204), upload)

    def delete(self, request: HttpRequest, upload_id: uuid.UUID) -> HttpResponse:
        upload_terminate(upload_id=upload_id, owner=request.user)
        return HttpResponse(status=204)


def described(response: HttpResponse, upload: Upload) -> HttpResponse:
    """The headers that every successful answer about a transfer carries."""
    response["Upload-Offset"] = str(upload.offset)
    if upload.state == Upload.State.RECEIVING:
        response["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    if upload.asset_id:
        response["Lectern-Asset"] = str(upload.asset_id)
    return response


def broken_request() -> str:
    return _("The browser sent something the server does not understand. Please reload the page.")


@contextlib.contextmanager
def impatient(request: HttpRequest) -> Iterator[None]:
    """Read the body with a limit on silence, where the server lends its socket (gunicorn).

    gunicorn closes a connection whose body could not be read, so what a silent client may still
    send is not taken for the next request.
    """
    line: socket.socket | None = request.META.get("gunicorn.socket")
    if line is None:
        yield
        return
    before = line.gettimeout()
    line.settimeout(SILENCE_SECONDS)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            line.settimeout(before)
