"""Signed addresses: one table of cases, walked against the embedded view and a real nginx."""

import datetime as dt
import http.client
import http.server
import json
import os
import re
import shutil
import string
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.test import Client

from media_pipeline.delivery import sign_prefix
from tests.services import accepts_tcp, free_port, wait_for

# Serving asks no database; the end of a response looks after an open connection, if there is one.
pytestmark = pytest.mark.django_db

KEYS = {"a": "key-a-0123456789abcdef0123456789abcdef", "b": "key_b_fedcba9876543210"}
PACKAGE, FOREIGN = "pkg_AAAAAAAAAAAAAAAAAAAA", "pkg_BBBBBBBBBBBBBBBBBBBB"
SEGMENT = bytes(range(256)) * 40
FILES = {
    "master.m3u8": b"#EXTM3U\n",
    "360p/index.m3u8": b"#EXTM3U\n",
    "360p/init.mp4": b"init",
    "360p/seg_00000.m4s": SEGMENT,
    "storyboard.vtt": b"WEBVTT\n",
    "poster.jpg": b"\xff\xd8\xff",
}


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two packages and, beside them, files that nobody may ever get."""
    root = tmp_path_factory.mktemp("delivery")
    for key in (PACKAGE, FOREIGN):
        for name, content in FILES.items():
            path = root / "media" / "packages" / key / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    (root / "media" / "originals").mkdir()
    (root / "media" / "originals" / "source").write_bytes(b"secret")
    (root / "media" / "packages" / "loose").write_bytes(b"secret")
    (root / "static").mkdir()
    (root / "static" / "base.css").write_bytes(b"body{}")
    root.chmod(0o755)
    return root


class Application(http.server.BaseHTTPRequestHandler):
    """Stands behind nginx and tells what reached it."""

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        said = {"headers": dict(self.headers), "body": len(self.rfile.read(length))}
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PATCH = answer

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def application() -> Iterator[http.server.HTTPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Application)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def nginx(site: Path, application: http.server.HTTPServer) -> Iterator[int]:
    """deploy/nginx.conf in a real nginx on a private port; yields the port."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    port = free_port()
    template = (Path(django_settings.BASE_DIR) / "deploy" / "nginx.conf").read_text()
    names = {
        "LECTERN_LISTEN": f"127.0.0.1:{port}",
        "LECTERN_SERVER_NAME": "localhost",
        "LECTERN_UPSTREAM": f"127.0.0.1:{application.server_port}",
        "LECTERN_EXTRA": f"{site}/extra/*.conf",
        "LECTERN_PACKAGES": f"{site}/media/packages",
        "LECTERN_STATIC": f"{site}/static",
        "LECTERN_LOG": f"{site}/access.log",
        "DELIVERY_KEY_A": KEYS["a"],
        "DELIVERY_KEY_B": KEYS["b"],
    }
    for name, value in names.items():
        template = template.replace(f"${{{name}}}", value)
    assert re.search(r"\$\{[A-Z]", template) is None
    (site / "lectern.conf").write_text(template)
    temp = "".join(
        f"{kind}_temp_path {site}/temp/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (site / "temp").mkdir()
    user = "user root;\n" if os.geteuid() == 0 else ""
    (site / "nginx.conf").write_text(
        f"{user}daemon off;\nworker_processes 1;\npid {site}/nginx.pid;\n"
        f"error_log {site}/start.log;\nevents {{}}\n"
        f"http {{\n{temp}include {site}/lectern.conf;\n}}\n"
    )
    process = subprocess.Popen([program, "-p", str(site), "-c", str(site / "nginx.conf")])
    try:
        wait_for(lambda: process.poll() is not None or accepts_tcp(port), seconds=20, what="nginx")
        assert process.poll() is None, (site / "start.log").read_text()
        yield port
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(params=["embedded", "nginx"])
def ask(request: pytest.FixtureRequest, site: Path, settings: Any) -> Ask:
    sign_with_test_keys(settings)
    if request.param == "nginx":
        port = request.getfixturevalue("nginx")
        return partial(ask_nginx, port)
    embed(settings, site)
    return ask_embedded


def sign_with_test_keys(settings: Any) -> None:
    settings.DELIVERY_KEYS = KEYS
    settings.DELIVERY_ACTIVE_KEY = "a"
    settings.DELIVERY_LIFETIME = 7200


def embed(settings: Any, site: Path) -> None:
    sign_with_test_keys(settings)
    settings.STORAGES = {
        **settings.STORAGES,
        "recordings": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(site / "media"), "base_url": None},
        },
    }


def ask_nginx(port: int, path: str, method: str = "GET", **headers: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        response = connection.getresponse()
        body = response.read()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, body)
    finally:
        connection.close()


def ask_embedded(path: str, method: str = "GET", **headers: str) -> Answer:
    # An empty host keeps the client from joining the path to its own address, dots and all.
    client = Client(headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = client.generic(method, path)
    body = b"".join(response) if response.streaming else response.content
    return Answer(response.status_code, {k.lower(): v for k, v in response.items()}, body)


def now() -> dt.datetime:
    return dt.datetime.fromtimestamp(int(time.time()), dt.UTC)


def prefix(package: str = PACKAGE, **options: Any) -> str:
    return sign_prefix(package, now=options.pop("now", now()), **options).prefix


def token(package: str = PACKAGE) -> str:
    return prefix(package).split("/")[2]


@dataclass
class Case:
    name: str
    path: Callable[[], str]
    status: int
    body: bytes | None = None
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)


def flipped(text: str) -> str:
    swap = {"A": "B"}
    return swap.get(text, "A")


def forged() -> str:
    kid, expires, signature = token().split(".")
    return f"/v/{kid}.{expires}.{flipped(signature[0])}{signature[1:]}/{PACKAGE}/master.m3u8"


def longer_lived() -> str:
    kid, expires, signature = token().split(".")
    return f"/v/{kid}.{int(expires) + 1}.{signature}/{PACKAGE}/master.m3u8"


def other_key_id(kid: str) -> str:
    return f"/v/{kid}.{token().split('.', 1)[1]}/{PACKAGE}/master.m3u8"


def expired() -> str:
    return prefix(now=now() - dt.timedelta(hours=3)) + "master.m3u8"


def ranged(value: str) -> dict[str, str]:
    return {"Range": value}


SEGMENT_PATH = "360p/seg_00000.m4s"
SIZE = len(SEGMENT)
CASES = [
    Case("signed", lambda: prefix() + "master.m3u8", 200, FILES["master.m3u8"]),
    Case("signed in a folder", lambda: prefix() + SEGMENT_PATH, 200, SEGMENT),
    Case("with a query", lambda: prefix() + "master.m3u8?x=1", 200, FILES["master.m3u8"]),
    Case("no token", lambda: f"/v/{PACKAGE}/master.m3u8", 403),
    Case("empty token", lambda: f"/v//{PACKAGE}/master.m3u8", 403),
    Case("only the root", lambda: "/v/", 403),
    Case("forged signature", forged, 403),
    Case("expiry moved", longer_lived, 403),
    Case("expired", expired, 410),
    Case("expired and forged", lambda: expired().replace("/" + PACKAGE, "/" + FOREIGN), 403),
    Case("foreign package", lambda: f"/v/{token()}/{FOREIGN}/master.m3u8", 403),
    Case("signature of the other key", lambda: other_key_id("b"), 403),
    Case("unknown key", lambda: other_key_id("c"), 403),
    Case("key id in capitals", lambda: other_key_id("A"), 403),
    Case("shortened signature", lambda: f"/v/{token()[:-1]}/{PACKAGE}/master.m3u8", 403),
    Case("missing file", lambda: prefix() + "720p/index.m3u8", 404),
    Case("missing package", lambda: prefix("pkg_CCCC") + "master.m3u8", 404),
    Case("a folder", lambda: prefix() + "360p", 404),
    Case("a folder with a slash", lambda: prefix() + "360p/", 404),
    Case("the package itself", prefix, 403),
    Case("a file with a slash", lambda: prefix() + "master.m3u8/", 404),
    Case("dots inside", lambda: prefix() + "360p/../master.m3u8", 200, FILES["master.m3u8"]),
    Case("dots to a foreign package", lambda: f"{prefix()}../{FOREIGN}/master.m3u8", 403),
    Case("dots to a loose file", lambda: f"{prefix()}../loose", 403),
    Case("dots to the originals", lambda: f"{prefix()}../../originals/source", 403),
    Case("dots above the root", lambda: prefix() + "../" * 9 + "etc/passwd", 400),
    Case("encoded dots", lambda: f"{prefix()}%2e%2e/{FOREIGN}/master.m3u8", 403),
    Case("encoded slashes", lambda: f"{prefix()}..%2f{FOREIGN}%2fmaster.m3u8", 403),
    Case("encoded slash inside", lambda: prefix() + "360p%2findex.m3u8", 200),
    Case("encoded letter", lambda: prefix() + "%6daster.m3u8", 200, FILES["master.m3u8"]),
    Case("encoded twice", lambda: f"{prefix()}%252e%252e/{FOREIGN}/master.m3u8", 403),
    Case("backslashes", lambda: f"{prefix()}..%5c{FOREIGN}%5cmaster.m3u8", 403),
    Case("newline", lambda: prefix() + "master.m3u8%0a", 403),
    Case("doubled slash", lambda: prefix() + "/360p//index.m3u8", 200),
    Case("single dot", lambda: prefix() + "./360p/./index.m3u8", 200),
    Case("a Chinese name", lambda: prefix() + "%E5%85%9A%E8%AF%BE.mp4", 403),
    Case("HEAD", lambda: prefix() + SEGMENT_PATH, 200, b"", "HEAD"),
    Case("HEAD without token", lambda: f"/v/{PACKAGE}/master.m3u8", 403, b"", "HEAD"),
    Case("POST", lambda: prefix() + "master.m3u8", 405, None, "POST"),
    Case("DELETE without token", lambda: f"/v/{PACKAGE}/x", 403, None, "DELETE"),
    Case("range", lambda: prefix() + SEGMENT_PATH, 206, SEGMENT[5:10], "GET", ranged("bytes=5-9")),
    Case(
        "open range", lambda: prefix() + SEGMENT_PATH, 206, SEGMENT[9:], "GET", ranged("bytes=9-")
    ),
    Case("suffix", lambda: prefix() + SEGMENT_PATH, 206, SEGMENT[-7:], "GET", ranged("bytes=-7")),
    Case(
        "range of it all", lambda: prefix() + SEGMENT_PATH, 206, SEGMENT, "GET", ranged("bytes=0-")
    ),
    Case(
        "range past the end",
        lambda: prefix() + SEGMENT_PATH,
        206,
        SEGMENT[100:],
        "GET",
        ranged("bytes=100-99999999"),
    ),
    Case("beyond", lambda: prefix() + SEGMENT_PATH, 416, None, "GET", ranged(f"bytes={SIZE}-")),
    Case("backwards", lambda: prefix() + SEGMENT_PATH, 416, None, "GET", ranged("bytes=9-5")),
    Case("no numbers", lambda: prefix() + SEGMENT_PATH, 416, None, "GET", ranged("bytes=-")),
    Case("letters", lambda: prefix() + SEGMENT_PATH, 416, None, "GET", ranged("bytes=a-b")),
    Case("other unit", lambda: prefix() + SEGMENT_PATH, 200, SEGMENT, "GET", ranged("lines=0-1")),
    Case("forged with range", forged, 403, None, "GET", ranged("bytes=0-1")),
    Case(
        "range of an older file",
        lambda: prefix() + SEGMENT_PATH,
        200,
        SEGMENT,
        "GET",
        {"Range": "bytes=0-1", "If_Range": '"old"'},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_embedded_view_and_nginx_agree(case: Case, ask: Ask) -> None:
    answer = ask(case.path(), case.method, **case.headers)
    assert answer.status == case.status
    if case.body is not None:
        assert answer.body == case.body
    if case.status >= 400:
        assert b"secret" not in answer.body


def test_both_keys_open(ask: Ask, settings: Any) -> None:
    settings.DELIVERY_ACTIVE_KEY = "b"
    assert "/v/b." in prefix()
    assert ask(prefix() + "master.m3u8").status == 200


def test_a_key_that_was_taken_away_opens_nothing(settings: Any, ask: Ask, site: Path) -> None:
    path = other_key_id("z")
    settings.DELIVERY_KEYS = {**KEYS, "z": ""}
    assert ask(path).status == 403


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("master.m3u8", "application/vnd.apple.mpegurl"),
        ("360p/init.mp4", "video/mp4"),
        (SEGMENT_PATH, "video/mp4"),
        ("storyboard.vtt", "text/vtt; charset=utf-8"),
        ("poster.jpg", "image/jpeg"),
    ],
)
def test_every_file_has_its_type_and_cannot_be_taken_for_another(
    name: str, kind: str, ask: Ask
) -> None:
    headers = ask(prefix() + name).headers
    assert headers["content-type"] == kind
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_what_is_final_is_kept_and_a_playlist_is_asked_for_again(ask: Ask) -> None:
    segment = ask(prefix() + SEGMENT_PATH).headers["cache-control"]
    assert segment == "private, max-age=31536000, immutable"
    assert ask(prefix() + "master.m3u8").headers["cache-control"] == "private, no-cache"


def test_a_refusal_is_not_kept(ask: Ask) -> None:
    assert "max-age" not in ask(forged()).headers.get("cache-control", "")


def test_the_client_s_own_copy_is_not_sent_again(ask: Ask) -> None:
    first = ask(prefix() + SEGMENT_PATH)
    again = ask(prefix() + SEGMENT_PATH, If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    by_date = ask(prefix() + SEGMENT_PATH, If_Modified_Since=first.headers["last-modified"])
    assert by_date.status == 304


def test_a_range_of_the_same_file_goes_on(ask: Ask) -> None:
    first = ask(prefix() + SEGMENT_PATH)
    part = ask(prefix() + SEGMENT_PATH, Range="bytes=10-19", If_Range=first.headers["etag"])
    assert (part.status, part.body) == (206, SEGMENT[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{SIZE}"
    assert part.headers["content-length"] == "10"


def test_what_cannot_be_satisfied_names_the_size(ask: Ask) -> None:
    answer = ask(prefix() + SEGMENT_PATH, Range=f"bytes={SIZE}-")
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


def test_head_names_the_length_without_the_body(ask: Ask) -> None:
    answer = ask(prefix() + SEGMENT_PATH, "HEAD")
    assert answer.headers["content-length"] == str(SIZE)


def test_the_log_holds_no_token(nginx: int, site: Path, settings: Any) -> None:
    sign_with_test_keys(settings)
    signed = prefix()
    ask_nginx(nginx, signed + "master.m3u8", Referer=f"http://localhost{signed}master.m3u8")
    ask_nginx(nginx, "//v//" + signed.removeprefix("/v/") + "master.m3u8")
    ask_nginx(nginx, signed + "missing.m3u8")
    log = site / "access.log"
    wait_for(lambda: "missing.m3u8" in log.read_text(), seconds=5, what="A line in the log")
    assert f"/v/-/{PACKAGE}/master.m3u8" in log.read_text()
    signature = signed.split("/")[2].split(".")[2]
    everything = log.read_text() + (site / "access.log.error").read_text()
    assert signature not in everything
    assert set(everything) <= set(string.printable)


def test_the_application_learns_who_asked_and_how(nginx: int) -> None:
    answer = ask_nginx(nginx, "/library/", X_Forwarded_For="1.2.3.4", X_Forwarded_Proto="https")
    headers = json.loads(answer.body)["headers"]
    assert headers["X-Forwarded-For"] == "127.0.0.1"
    assert headers["X-Forwarded-Proto"] == "http"
    assert headers["Host"] == f"127.0.0.1:{nginx}"


def test_a_piece_of_an_upload_reaches_the_application_whole(nginx: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", nginx, timeout=20)
    connection.request("PATCH", "/uploads/1", body=b"x" * 8 * 1024**2)
    assert json.loads(connection.getresponse().read())["body"] == 8 * 1024**2
    connection.close()


def test_nginx_serves_static_files_itself(nginx: int) -> None:
    answer = ask_nginx(nginx, "/static/base.css")
    assert (answer.status, answer.body) == (200, b"body{}")


def test_the_embedded_view_never_holds_a_file_in_memory(
    site: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed(settings, site)
    monkeypatch.setattr("media_pipeline.views.BLOCK_BYTES", 1000)
    response = Client().get(prefix() + SEGMENT_PATH)
    sizes = [len(block) for block in response]
    assert response.streaming
    assert max(sizes) == 1000
    assert sum(sizes) == SIZE


def test_the_embedded_view_reads_from_a_remote_store(settings: Any, remote_store: Storage) -> None:
    sign_with_test_keys(settings)
    remote_store.save(f"packages/{PACKAGE}/{SEGMENT_PATH}", ContentFile(SEGMENT))
    assert ask_embedded(prefix() + SEGMENT_PATH).body == SEGMENT
    assert ask_embedded(prefix() + SEGMENT_PATH, Range="bytes=-3").body == SEGMENT[-3:]
    assert ask_embedded(prefix() + "missing.m4s").status == 404
