"""A small browser's part in Python: sign in by the form, upload by tus 1.0.

Chunks carry checksums; after a fault the upload goes on where the server says it stands.
"""

import base64
import hashlib
import http.cookiejar
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

CHUNK_BYTES = 2 * 1024 * 1024
ATTEMPTS = 8


class UploadRefused(RuntimeError):
    """The site said no; the message is its own answer."""


@dataclass(frozen=True)
class Session:
    opener: urllib.request.OpenerDirector
    cookies: http.cookiejar.CookieJar

    @property
    def csrf(self) -> str:
        return next((c.value or "" for c in self.cookies if c.name == "csrftoken"), "")


def sign_in(site: str, username: str, password: str) -> Session:
    """Sign in through the site's own form."""
    cookies = http.cookiejar.CookieJar()
    session = Session(
        urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies)), cookies
    )
    page = f"{site}/accounts/login/"
    session.opener.open(page, timeout=60).close()
    fields = {"login": username, "password": password, "csrfmiddlewaretoken": session.csrf}
    body = urllib.parse.urlencode(fields).encode()
    with session.opener.open(page, data=body, timeout=60) as answer:
        if answer.url.startswith(page):
            raise UploadRefused(f"{username} could not sign in at {site}")
    return session


@dataclass(frozen=True)
class TusClient:
    site: str
    session: Session

    def upload(self, path: Path) -> str:
        """Send the file; return the id of the recording that the site made of it."""
        size = path.stat().st_size
        name = base64.b64encode(path.name.encode()).decode()
        headers = self.request(
            "POST",
            f"{self.site}/uploads/",
            {"Upload-Length": str(size), "Upload-Metadata": f"filename {name}"},
        )
        url = urllib.parse.urljoin(f"{self.site}/uploads/", headers["Location"])
        offset, failures = 0, 0
        with path.open("rb") as source:
            while offset < size:
                source.seek(offset)
                try:
                    headers = self.send(url, offset, source.read(CHUNK_BYTES))
                except (urllib.error.URLError, OSError):
                    failures += 1
                    if failures >= ATTEMPTS:
                        raise
                    time.sleep(min(4.0, 0.25 * 2**failures))
                    headers = self.request("HEAD", url, {})
                offset = int(headers["Upload-Offset"])
        return str(headers["Lectern-Asset"])

    def send(self, url: str, offset: int, chunk: bytes) -> Message:
        checksum = base64.b64encode(hashlib.sha256(chunk).digest()).decode()
        headers = {
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": str(offset),
            "Upload-Checksum": f"sha256 {checksum}",
        }
        return self.request("PATCH", url, headers, chunk)

    def request(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None = None
    ) -> Message:
        ours = {"Tus-Resumable": "1.0.0", "X-CSRFToken": self.session.csrf, "Referer": url}
        request = urllib.request.Request(  # noqa: S310  (our own site)
            url, data=body, method=method, headers={**ours, **headers}
        )
        try:
            with self.session.opener.open(request, timeout=60) as answer:
                return answer.headers
        except urllib.error.HTTPError as problem:
            if problem.code in (409, 423, 460) or problem.code >= 500:
                raise
            raise UploadRefused(problem.read().decode(errors="replace")) from problem
