"""What a client can send that no library would: the same bytes to nginx with a folder, nginx with a
store, and the application's own server.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from tests.front import Front
from tests.integration.media_pipeline.delivery.conftest import (
    FILES,
    FOREIGN,
    KEYS,
    PACKAGE,
    sign_with_test_keys,
)
from tests.integration.media_pipeline.delivery.test_delivery import expired, forged, prefix
from tests.services import accepts_tcp, free_port, wait_for

pytestmark = pytest.mark.django_db
MASTER = FILES["master.m3u8"]


@pytest.fixture(scope="session")
def embedded(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """Port and log of the web server of `make run`, with the site's packages in its folder."""
    port = free_port()
    argv = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}"]
    argv += ["--worker-class", "gthread", "--workers", "1", "--threads", "2"]
    environment = {
        **os.environ,
        "LECTERN_VAR": str(site),
        "DELIVERY_KEY_A": KEYS["a"],
        "DELIVERY_KEY_B": KEYS["b"],
        "PYTHONWARNINGS": "ignore",
    }
    log = tmp_path_factory.mktemp("embedded") / "log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            argv,
            env=environment,
            cwd=django_settings.BASE_DIR,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            wait_for(lambda: accepts_tcp(port), seconds=60, what="gunicorn's start")
            yield port, log
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)


@pytest.fixture(params=["embedded", "folder", "store"])
def say(request: pytest.FixtureRequest, settings: Any) -> Callable[[bytes], tuple[int, bytes]]:
    sign_with_test_keys(settings)
    if request.param == "embedded":
        port, _ = request.getfixturevalue("embedded")
    else:
        front: Front = request.getfixturevalue(f"{request.param}_front")
        port = front.port

    def exchange(request_bytes: bytes) -> tuple[int, bytes]:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
            line.sendall(request_bytes)
            answer = b""
            while block := line.recv(65536):
                answer += block
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), body

    return exchange


def asked(
    target: str, method: str = "GET", version: str = "1.1", more: str = "", body: str = ""
) -> bytes:
    head = f"{method} {target} HTTP/{version}\r\nHost: localhost\r\nConnection: close\r\n"
    return f"{head}{more}\r\n{body}".encode("latin-1")


def whole(path: str) -> str:
    return f"http://localhost{path}"


OPEN = {
    "HTTP/1.0": lambda: asked(prefix() + "master.m3u8", version="1.0"),
    "absolute address": lambda: asked(whole(prefix() + "master.m3u8")),
    "absolute address of another host": lambda: asked(f"http://else{prefix()}master.m3u8"),
    "dots that lead back": lambda: asked(f"{prefix()}x/../360p/./../master.m3u8"),
    "another query": lambda: asked(prefix() + "master.m3u8?X-Amz-Signature=0&x=../../loose"),
}
SHUT = {
    "HTTP/1.0 without token": lambda: asked(f"/v/{PACKAGE}/master.m3u8", version="1.0"),
    "HTTP/1.0 forged": lambda: asked(forged(), version="1.0"),
    "absolute address, forged": lambda: asked(whole(forged())),
    "absolute address, expired": lambda: asked(whole(expired())),
    "absolute address, dots": lambda: asked(whole(f"{prefix()}../{FOREIGN}/master.m3u8")),
    "absolute address, encoded dots": lambda: asked(whole(f"{prefix()}%2e%2e/loose")),
    "dots in capitals": lambda: asked(f"{prefix()}%2E%2E/{FOREIGN}/master.m3u8"),
    "half encoded dots": lambda: asked(f"{prefix()}.%2e/{FOREIGN}/master.m3u8"),
    "encoded dots and slashes": lambda: asked(f"{prefix()}%2e%2e%2f{FOREIGN}%2fmaster.m3u8"),
    "encoded twice": lambda: asked(f"{prefix()}%252e%252e%252f{FOREIGN}%252fmaster.m3u8"),
    "overlong dots": lambda: asked(f"{prefix()}%c0%ae%c0%ae/{FOREIGN}/master.m3u8"),
    "wide dots": lambda: asked(f"{prefix()}%EF%BC%8E%EF%BC%8E/{FOREIGN}/master.m3u8"),
    "bare backslashes": lambda: asked(f"{prefix()}..\\{FOREIGN}\\master.m3u8"),
    "encoded backslashes": lambda: asked(f"{prefix()}..%5C{FOREIGN}%5Cmaster.m3u8"),
    "encoded NUL": lambda: asked(f"{prefix()}master.m3u8%00.jpg"),
    "bare NUL": lambda: asked(f"{prefix()}master.m3u8\0.jpg"),
    "line break": lambda: asked(f"{prefix()}master.m3u8%0d%0aX-Evil:%201"),
    "semicolons": lambda: asked(f"{prefix()}..;/{FOREIGN}/master.m3u8"),
    "token of the package in a query": lambda: asked(f"/v/{PACKAGE}/master.m3u8?{prefix()}"),
    "rewriting headers": lambda: asked(
        f"/v/{PACKAGE}/master.m3u8",
        more=f"X-Original-URL: {prefix()}master.m3u8\r\nX-Rewrite-URL: {prefix()}master.m3u8\r\n",
    ),
    "accelerated by the client": lambda: asked(
        f"/v/{PACKAGE}/x", more=f"X-Accel-Redirect: /{PACKAGE}/master.m3u8\r\n"
    ),
    "PUT": lambda: asked(prefix() + "master.m3u8", "PUT", more="Content-Length: 1\r\n", body="x"),
    "DELETE": lambda: asked(prefix() + "master.m3u8", "DELETE"),
    "OPTIONS": lambda: asked(prefix() + "master.m3u8", "OPTIONS"),
    "TRACE": lambda: asked(prefix() + "master.m3u8", "TRACE"),
    "PROPFIND": lambda: asked(prefix() + "master.m3u8", "PROPFIND"),
    "COPY": lambda: asked(prefix() + "master.m3u8", "COPY"),
    "a method by header": lambda: asked(
        prefix() + "master.m3u8",
        "POST",
        more="X-HTTP-Method-Override: GET\r\nContent-Length: 0\r\n",
    ),
}


@pytest.mark.parametrize("name", OPEN)
def test_odd_but_honest_requests_are_served(name: str, say: Callable[..., Any]) -> None:
    assert say(OPEN[name]()) == (200, MASTER)


@pytest.mark.parametrize("name", SHUT)
def test_nothing_opens_by_the_way_it_is_written(name: str, say: Callable[..., Any]) -> None:
    status, body = say(SHUT[name]())
    assert status in (400, 403, 404, 405, 410)
    assert MASTER not in body
    assert b"secret" not in body


def test_what_the_web_server_itself_complains_of_holds_no_token(
    embedded: tuple[int, Path], settings: Any
) -> None:
    sign_with_test_keys(settings)
    port, log = embedded
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(f"GET {prefix()}master.m3u8\r\n\r\n".encode())
        assert b" 400 " in line.recv(65536)
    wait_for(lambda: "master.m3u8" in log.read_text(), seconds=20, what="A complaint")
    assert f"/v/-/{PACKAGE}/master.m3u8" in log.read_text()
    assert prefix().split("/")[2].rpartition(".")[2] not in log.read_text()
