"""The embedded delivery of media: the addresses that nginx serves in production.

Same rules as deploy/nginx.conf, one table of cases tests both. No session, no query, no file in
memory; who may watch was decided when the address was signed.
"""

import datetime as dt
import posixpath
from collections.abc import Iterator
from typing import IO, Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt

from media_pipeline import store
from media_pipeline.byte_ranges import RangeNotSatisfiable, Span, read_range
from media_pipeline.delivery import ADDRESS, ROOT, Verdict, verify

BLOCK_BYTES = 256 * 1024
MIME_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/mp4",
    ".mp4": "video/mp4",
    ".vtt": "text/vtt; charset=utf-8",
    ".jpg": "image/jpeg",
    ".zip": "application/zip",
}
# A playlist of an unfinished package grows under the same address; everything else is final.
GROWING = ".m3u8"
CACHE_GROWING = "private, no-cache"
CACHE_FINAL = "private, max-age=31536000, immutable"


@csrf_exempt  # a POST is answered 405 here, as nginx does, not 403 by the CSRF check
def serve_media(request: HttpRequest) -> HttpResponseBase:
    """One file of a package: 200, 206, 304, 403, 404, 405, 410 or 416."""
    path = _resolved(request.path_info)
    if path is None:
        return _refused(400)
    if not path.startswith(ROOT):
        return _refused(404)
    address = ADDRESS.fullmatch(path)
    if address is None:
        return _refused(403)
    verdict = verify(address["token"], address["package"], now=timezone.now())
    if verdict is not Verdict.OPEN:
        return _refused(410 if verdict is Verdict.EXPIRED else 403)
    if request.method not in ("GET", "HEAD"):
        return _refused(405)
    file = _StoredFile.find(f"{store.package_folder(address['package'])}/{address['path']}")
    if file is None:
        return _refused(404)
    return _answer(request, file)


def _resolved(path: str) -> str | None:
    """The path without empty and dot segments, as nginx sees it; None if it climbs too high."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            if not kept:
                return None
            kept.pop()
        elif segment not in ("", "."):
            kept.append(segment)
    resolved = "/" + "/".join(kept)
    ends_in_folder = path.endswith(("/", "/.", "/.."))
    return resolved + "/" if kept and ends_in_folder else resolved


def _refused(status: int) -> HttpResponse:
    response = HttpResponse(status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


class _StoredFile:
    """A file of the storage with what its headers say."""

    def __init__(self, name: str, size: int, modified: dt.datetime) -> None:
        self.name = name
        self.size = size
        self.modified = int(modified.timestamp())

    @classmethod
    def find(cls, name: str) -> "_StoredFile | None":
        if name.endswith("/"):
            return None
        storage = store.recordings()
        local = store.local_path(name)
        if local is not None and not local.is_file():
            return None
        try:
            return cls(name, storage.size(name), storage.get_modified_time(name))
        except OSError:
            return None

    @property
    def etag(self) -> str:
        return f'"{self.modified:x}-{self.size:x}"'

    @property
    def last_modified(self) -> str:
        return http_date(self.modified)

    def is_known_to(self, request: HttpRequest) -> bool:
        """Whether the client's own copy is this one (304)."""
        if tags := request.headers.get("If-None-Match"):
            known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
            return "*" in known or self.etag in known
        return request.headers.get("If-Modified-Since") == self.last_modified

    def range_for(self, request: HttpRequest) -> Span | None:
        condition = request.headers.get("If-Range")
        if condition is not None and condition not in (self.etag, self.last_modified):
            return None
        return read_range(request.headers.get("Range", ""), self.size)


def _answer(request: HttpRequest, file: _StoredFile) -> HttpResponseBase:
    extension = posixpath.splitext(file.name)[1]
    headers = {
        "Content-Type": MIME_TYPES.get(extension, "application/octet-stream"),
        "ETag": file.etag,
        "Last-Modified": file.last_modified,
        "Cache-Control": CACHE_GROWING if extension == GROWING else CACHE_FINAL,
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    if file.is_known_to(request):
        return HttpResponse(status=304, headers=headers)
    try:
        asked = file.range_for(request)
    except RangeNotSatisfiable:
        refused = _refused(416)
        refused["Content-Range"] = f"bytes */{file.size}"
        return refused
    span = asked or Span(0, file.size)
    headers["Content-Length"] = str(span.length)
    if asked is not None:
        headers["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{file.size}"
    status = 200 if asked is None else 206
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    try:
        blocks = _Blocks(file.name, span)
    except OSError:  # gone since we looked
        return _refused(404)
    return StreamingHttpResponse(blocks, status=status, headers=headers)


class _Blocks:
    """The bytes of a span, block by block; the server closes it, also when the client left."""

    def __init__(self, name: str, span: Span) -> None:
        self.left = span.length
        self.file: IO[Any] = store.recordings().open(name, "rb")
        self.file.seek(span.start)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        block: bytes = self.file.read(min(BLOCK_BYTES, self.left)) if self.left else b""
        if not block:
            raise StopIteration
        self.left -= len(block)
        return block

    def close(self) -> None:
        self.file.close()
