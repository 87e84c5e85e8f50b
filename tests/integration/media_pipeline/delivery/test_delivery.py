"""Signed addresses: one table of cases, walked against Django's own delivery, nginx with a folder
and nginx with a store.
"""

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.test import Client

from media_pipeline.delivery import sign_prefix
from tests.integration.media_pipeline.delivery.conftest import (
    FILES,
    FILM,
    FOREIGN,
    KEYS,
    PACKAGE,
    SEGMENT,
    Ask,
    ask_embedded,
    embed,
    sign_with_test_keys,
)

# Serving asks no database; the end of a response looks after an open connection, if there is one.
pytestmark = pytest.mark.django_db


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
def test_every_way_of_delivery_answers_the_same(case: Case, ask: Ask) -> None:
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


@pytest.mark.parametrize("ask", ["embedded", "folder"], indirect=True)
def test_what_cannot_be_satisfied_names_the_size(ask: Ask) -> None:
    """A store need not say it."""
    answer = ask(prefix() + SEGMENT_PATH, Range=f"bytes={SIZE}-")
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


def test_head_names_the_length_without_the_body(ask: Ask) -> None:
    answer = ask(prefix() + SEGMENT_PATH, "HEAD")
    assert answer.headers["content-length"] == str(SIZE)


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


def test_a_film_is_cut_out_exactly_wherever_a_piece_of_the_cache_ends(ask: Ask) -> None:
    size, piece = len(FILM), 1024**2
    for start, end in [(piece - 3, piece + 3), (piece, 2 * piece - 1), (2 * piece - 1, size - 1)]:
        answer = ask(prefix() + "progressive.mp4", Range=f"bytes={start}-{end}")
        assert (answer.status, answer.body) == (206, FILM[start : end + 1])
        assert answer.headers["content-range"] == f"bytes {start}-{end}/{size}"
    assert ask(prefix() + "progressive.mp4", Range="bytes=-5").body == FILM[-5:]
    assert ask(prefix() + "progressive.mp4").body == FILM


def test_the_embedded_view_reads_from_a_remote_store(settings: Any, remote_store: Storage) -> None:
    sign_with_test_keys(settings)
    remote_store.save(f"packages/{PACKAGE}/{SEGMENT_PATH}", ContentFile(SEGMENT))
    assert ask_embedded(prefix() + SEGMENT_PATH).body == SEGMENT
    assert ask_embedded(prefix() + SEGMENT_PATH, Range="bytes=-3").body == SEGMENT[-3:]
    assert ask_embedded(prefix() + "missing.m4s").status == 404
