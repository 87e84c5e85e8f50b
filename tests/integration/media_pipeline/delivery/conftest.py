"""One site of packages behind each way of delivery: Django itself, nginx with a folder, nginx with
an S3-compatible store. All servers are real and live as long as the test run.
"""

import http.client
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from django.test import Client

from tests.front import Front, Store, nginx

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
# Longer than two pieces of nginx's cache and no multiple of one.
FILM = bytes(range(251)) * 10_000


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


Ask = Callable[..., Answer]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two packages and, beside them, files that nobody may ever get."""
    root = tmp_path_factory.mktemp("delivery")
    for key in (PACKAGE, FOREIGN):
        for name, content in {**FILES, "progressive.mp4": FILM}.items():
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

    seen: list[str] = []

    def answer(self) -> None:
        self.seen.append(self.path)
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


@pytest.fixture(scope="session")
def application() -> Iterator[http.server.HTTPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Application)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def folder_front(site: Path, application: http.server.HTTPServer) -> Iterator[Front]:
    with nginx(
        site / "folder-front",
        upstream=application.server_port,
        keys=KEYS,
        packages=site / "media" / "packages",
        static=site / "static",
    ) as front:
        yield front


@pytest.fixture(scope="session")
def store(site: Path, s3: Store) -> Store:
    """The same files as objects."""
    store = s3.with_bucket("delivery")
    client = s3_client(store)
    for path in (site / "media").rglob("*"):
        if path.is_file():
            name = path.relative_to(site / "media").as_posix()
            client.put_object(Bucket=store.bucket, Key=name, Body=path.read_bytes())
    return store


def s3_client(store: Store) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=f"http://{store.host}",
        aws_access_key_id=store.key,
        aws_secret_access_key=store.secret,
        region_name="us-east-1",
        config=Config(request_checksum_calculation="when_required"),
    )


@pytest.fixture(scope="session")
def store_front(site: Path, store: Store, application: http.server.HTTPServer) -> Iterator[Front]:
    with nginx(
        site / "store-front", upstream=application.server_port, keys=KEYS, store=store
    ) as front:
        yield front


@pytest.fixture(params=["embedded", "folder", "store"])
def ask(request: pytest.FixtureRequest, site: Path, settings: Any) -> Ask:
    sign_with_test_keys(settings)
    if request.param != "embedded":
        front: Front = request.getfixturevalue(f"{request.param}_front")
        return partial(ask_nginx, front.port)
    embed(settings, site)
    return ask_embedded


@pytest.fixture(params=["folder", "store"])
def front(request: pytest.FixtureRequest, settings: Any) -> Front:
    """nginx alone, both ways."""
    sign_with_test_keys(settings)
    found: Front = request.getfixturevalue(f"{request.param}_front")
    return found


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
