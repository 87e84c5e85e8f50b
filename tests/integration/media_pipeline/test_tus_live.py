"""The tus endpoint behind real sockets: a stock client, broken lines, a killed server."""

import contextlib
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.parse
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from tusclient.client import TusClient

from media_pipeline import incoming
from media_pipeline.models import Upload, VideoAsset
from tests.factories import UserFactory
from tests.integration.media_pipeline.tus_browser import CHUNK, FILM
from tests.services import accepts_tcp, free_port, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "a1" * 16
BIG = FILM + os.urandom(3_000_000)


@pytest.fixture
def headers():
    """What the browser of a signed-in secretary sends along."""
    client = Client()
    client.force_login(UserFactory(secretary=True))
    session = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    cookie = f"{django_settings.SESSION_COOKIE_NAME}={session}; csrftoken={TOKEN}"
    return {"Cookie": cookie, "X-CSRFToken": TOKEN}


def uploader(site, headers, content=BIG, **options):
    client = TusClient(f"{site}/uploads/", headers={**headers, "Referer": site})
    return client.uploader(
        file_stream=io.BytesIO(content), metadata={"filename": "课.mp4"}, **options
    )


def request(url, headers, method, path, body=b"", length=None, **more):
    """An HTTP request as bytes, with any Content-Length."""
    address = urllib.parse.urlsplit(url)
    lines = {
        "Host": address.netloc,
        "Tus-Resumable": "1.0.0",
        "Referer": url,
        "Content-Length": str(len(body) if length is None else length),
        "Connection": "close",
        **headers,
        **more,
    }
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items())
    line = socket.create_connection((address.hostname, address.port), timeout=20)
    try:
        line.sendall(head.encode() + b"\r\n" + body)
    except BaseException:
        line.close()
        raise
    return line


def answer(line):
    """Status and headers of the answer."""
    with line, line.makefile("rb") as file:
        status = int(file.readline().split()[1])
        rows = iter(lambda: file.readline().decode().strip(), "")
        return status, {k.lower(): v for k, v in (row.split(": ", 1) for row in rows)}


def offset_of(url, headers, path):
    status, found = answer(request(url, headers, "HEAD", path))
    assert status == 200
    return int(found["upload-offset"])


def create(url, headers, length):
    status, found = answer(
        request(url, headers, "POST", "/uploads/", **{"Upload-Length": str(length)})
    )
    assert status == 201
    return found["location"]


def patch(url, headers, path, offset, body, length=None, **more):
    named = {"Content-Type": CHUNK, "Upload-Offset": str(offset), **more}
    return request(url, headers, "PATCH", path, body, length, **named)


def received(path):
    part = incoming.part_path(path.rsplit("/", 1)[-1])
    return part.stat().st_size if part.exists() else 0


def stored(settings):
    asset = VideoAsset.objects.get()
    assert (Path(settings.MEDIA_ROOT) / asset.original_key).read_bytes() == BIG


def test_a_stock_client_uploads_with_checksums(live_server, headers, settings):
    uploader(live_server.url, headers, chunk_size=500_000, upload_checksum=True).upload()
    stored(settings)


def test_a_stock_client_goes_on_where_it_stopped(live_server, headers, settings):
    first = uploader(live_server.url, headers, chunk_size=500_000)
    first.upload(stop_at=1_000_000)
    second = uploader(live_server.url, headers, chunk_size=500_000, url=first.url)
    assert second.offset == 1_000_000
    second.upload()
    stored(settings)


def test_a_line_cut_in_mid_chunk_keeps_what_arrived(live_server, headers, settings):
    path = create(live_server.url, headers, len(BIG))
    line = patch(live_server.url, headers, path, 0, BIG[:1_000_000], length=len(BIG))
    line.close()
    wait_for(
        lambda: offset_of(live_server.url, headers, path) == 1_000_000,
        seconds=10,
        what="Keeping the bytes of the broken request",
    )
    status, _ = answer(patch(live_server.url, headers, path, 1_000_000, BIG[1_000_000:]))
    assert status == 204
    stored(settings)


def test_of_two_chunks_at_once_one_wins(live_server, headers, settings):
    path = create(live_server.url, headers, len(BIG))
    together = threading.Barrier(2)
    outcomes = []

    def send():
        together.wait(10)
        try:
            outcomes.append(answer(patch(live_server.url, headers, path, 0, BIG))[0])
        except ConnectionError:
            outcomes.append(423)  # turned away while it was still sending

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(outcomes) == 2
    assert 204 in outcomes
    assert set(outcomes) <= {204, 409, 423}
    assert outcomes.count(204) == 1
    stored(settings)


@contextlib.contextmanager
def gunicorn(settings):
    """The web server of `make run` on the test's database and folders; address and process."""
    port = free_port()
    database = connection.settings_dict
    url = (
        f"sqlite:///{database['NAME']}"
        if connection.vendor == "sqlite"
        else f"postgres://{database['USER']}:{database['PASSWORD']}@{database['HOST']}"
        f":{database['PORT']}/{database['NAME']}"
    )
    argv = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}"]
    argv += ["--worker-class", "gthread", "--workers", "1", "--threads", "4"]
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "SECRET_KEY": settings.SECRET_KEY,
        "LECTERN_VAR": str(settings.LECTERN_VAR),
        "PYTHONWARNINGS": "ignore",
    }
    process = subprocess.Popen(
        argv,
        env=environment,
        cwd=settings.BASE_DIR,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: accepts_tcp(port), seconds=60, what="gunicorn's start")
        yield f"http://127.0.0.1:{port}", process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_killed_server_leaves_an_upload_that_goes_on(headers, settings):
    with gunicorn(settings) as (url, process):
        path = create(url, headers, len(BIG))
        assert answer(patch(url, headers, path, 0, BIG[:400_000]))[0] == 204
        line = patch(url, headers, path, 400_000, BIG[400_000:1_400_000], len(BIG) - 400_000)
        wait_for(lambda: received(path) > 1_000_000, seconds=20, what="Receiving")
        os.killpg(process.pid, signal.SIGKILL)
        line.close()
    with gunicorn(settings) as (url, _):
        offset = offset_of(url, headers, path)
        assert 400_000 <= offset <= 1_400_000
        # A line that is cut while this server reads gives its lock and its bytes back.
        patch(url, headers, path, offset, BIG[offset:2_000_000], len(BIG) - offset).close()
        wait_for(
            lambda: offset_of(url, headers, path) == 2_000_000,
            seconds=20,
            what="Keeping the bytes of the broken request",
        )
        status, found = answer(patch(url, headers, path, 2_000_000, BIG[2_000_000:]))
    assert status == 204
    assert Upload.objects.get().asset_id == VideoAsset.objects.get().pk
    assert found["lectern-asset"] == str(VideoAsset.objects.get().pk)
    stored(settings)
