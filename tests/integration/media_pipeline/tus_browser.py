"""A browser's part of tus over Django's test client, for the tests of the endpoint."""

import base64
import hashlib
from typing import Any

from django.test import Client

CHUNK = "application/offset+octet-stream"
# The head of an MP4, which the first look accepts, and then anything.
FILM = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + bytes(range(256)) * 64


def metadata(**values: str) -> str:
    return ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items()
    )


def checksum(body: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, body).digest()).decode()}"


class TusBrowser:
    def __init__(self, user: Any = None, **options: Any) -> None:
        self.client = Client(**options)
        if user is not None:
            self.client.force_login(user)

    def call(
        self,
        method: str,
        url: str,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        content_type: str = "",
    ) -> Any:
        return self.client.generic(
            method,
            url,
            body,
            content_type=content_type or "text/plain",
            headers={"Tus-Resumable": "1.0.0", **(headers or {})},
        )

    def create(self, length: int | str = len(FILM), **values: str) -> Any:
        headers = {"Upload-Length": str(length)}
        if values:
            headers["Upload-Metadata"] = metadata(**values)
        return self.call("POST", "/uploads/", headers)

    def begun(self, length: int = len(FILM), **values: str) -> str:
        answer = self.create(length, **values)
        assert answer.status_code == 201, answer.content
        return str(answer["Location"])

    def head(self, url: str) -> Any:
        return self.call("HEAD", url)

    def patch(self, url: str, offset: int | str, body: bytes, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.call("PATCH", url, {"Upload-Offset": str(offset), **named}, body, CHUNK)

    def bare_patch(self, url: str, offset: int, *, length: str) -> Any:
        """A chunk without a body, with any Content-Length."""
        headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset)}
        extra = {"CONTENT_TYPE": CHUNK, "CONTENT_LENGTH": length}
        return self.client.generic("PATCH", url, headers=headers, **extra)

    def delete(self, url: str) -> Any:
        return self.call("DELETE", url)
