"""nginx with the shipped configuration: what it logs, keeps, passes on and keeps to itself."""

import dataclasses
import http.client
import http.server
import json
import string
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.front import Front, Store, nginx, s3_store
from tests.integration.media_pipeline.delivery.conftest import (
    FILM,
    KEYS,
    PACKAGE,
    SEGMENT,
    Application,
    ask_nginx,
    s3_client,
    sign_with_test_keys,
)
from tests.integration.media_pipeline.delivery.test_delivery import (
    SEGMENT_PATH,
    expired,
    forged,
    prefix,
)
from tests.services import wait_for


def signature(signed: str) -> str:
    return signed.split("/")[2].split(".")[2]


def test_the_logs_hold_no_token(front: Front, site: Path) -> None:
    signed = prefix()
    ask_nginx(front.port, signed + "master.m3u8", Referer=f"http://localhost{signed}master.m3u8")
    ask_nginx(front.port, "//v//" + signed.removeprefix("/v/") + "master.m3u8")
    ask_nginx(front.port, f"/.{signed}master.m3u8")
    ask_nginx(front.port, f"http://localhost{signed}master.m3u8")
    ask_nginx(front.port, f"/%76/{signed.removeprefix('/v/')}master.m3u8")
    ask_nginx(front.port, f"/static/..{signed}master.m3u8")
    ask_nginx(front.port, signed + "../" * 9 + "etc/passwd")
    ask_nginx(front.port, f"/library/?next={signed}master.m3u8")
    ask_nginx(front.port, signed + "missing.m3u8")
    wait_for(lambda: "missing.m3u8" in front.log.read_text(), seconds=5, what="A line in the log")
    assert f"/v/-/{PACKAGE}/master.m3u8" in front.log.read_text()
    assert signature(signed) not in front.logged()
    assert set(front.logged()) <= set(string.printable)


def test_a_fault_of_the_disk_names_no_token(folder_front: Front, site: Path, settings: Any) -> None:
    """nginx reports it with the whole request line, at a level that the site's log keeps."""
    sign_with_test_keys(settings)
    link = site / "media" / "packages" / PACKAGE / "link.mp4"
    link.symlink_to(site / "media" / "originals" / "source")
    signed = prefix()
    answer = ask_nginx(folder_front.port, signed + "link.mp4")
    assert answer.status in (403, 404)
    assert b"secret" not in answer.body
    wait_for(lambda: "link.mp4" in folder_front.log.read_text(), seconds=5, what="A line")
    assert signature(signed) not in folder_front.logged()
    link.unlink()


def test_media_never_reaches_the_application(front: Front) -> None:
    ask_nginx(front.port, "/library/")
    for path in (
        prefix() + SEGMENT_PATH,
        prefix() + "missing.m4s",
        forged(),
        expired(),
        f"/v/{PACKAGE}/master.m3u8",
        f"{prefix()}../loose",
        "/v/",
    ):
        ask_nginx(front.port, path)
        ask_nginx(front.port, path, "POST")
    assert "/library/" in Application.seen
    assert [path for path in Application.seen if path.startswith("/v")] == []


def test_the_application_learns_who_asked_and_how(front: Front) -> None:
    answer = ask_nginx(
        front.port, "/library/", X_Forwarded_For="1.2.3.4", X_Forwarded_Proto="https"
    )
    headers = json.loads(answer.body)["headers"]
    assert headers["X-Forwarded-For"] == "127.0.0.1"
    assert headers["X-Forwarded-Proto"] == "http"
    assert headers["Host"] == f"127.0.0.1:{front.port}"


def test_a_piece_of_an_upload_reaches_the_application_whole(folder_front: Front) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", folder_front.port, timeout=20)
    connection.request("PATCH", "/uploads/1", body=b"x" * 8 * 1024**2)
    assert json.loads(connection.getresponse().read())["body"] == 8 * 1024**2
    connection.close()


def test_nginx_serves_static_files_itself(folder_front: Front) -> None:
    answer = ask_nginx(folder_front.port, "/static/base.css")
    assert (answer.status, answer.body) == (200, b"body{}")


def test_a_key_is_replaced_while_addresses_of_both_are_out(
    site: Path, application: http.server.HTTPServer, settings: Any, tmp_path: Path
) -> None:
    """The old key alone, both while the application changes over, the new one alone."""
    sign_with_test_keys(settings)
    old = prefix() + "master.m3u8"
    settings.DELIVERY_ACTIVE_KEY = "b"
    new = prefix() + "master.m3u8"
    steps = [({"a": KEYS["a"]}, 200, 403), (KEYS, 200, 200), ({"b": KEYS["b"]}, 403, 200)]
    for number, (keys, old_status, new_status) in enumerate(steps):
        with nginx(
            tmp_path / str(number),
            upstream=application.server_port,
            keys=keys,
            packages=site / "media" / "packages",
        ) as front:
            assert ask_nginx(front.port, old).status == old_status
            assert ask_nginx(front.port, new).status == new_status


def test_what_one_member_fetched_another_gets_from_the_cache(
    store_front: Front, settings: Any
) -> None:
    sign_with_test_keys(settings)
    ask_nginx(store_front.port, prefix() + SEGMENT_PATH)
    settings.DELIVERY_ACTIVE_KEY = "b"
    answer = ask_nginx(store_front.port, prefix(lifetime=600) + SEGMENT_PATH)
    assert (answer.headers["x-cache"], answer.body) == ("HIT", SEGMENT)
    assert ask_nginx(store_front.port, forged()).status == 403


def test_a_playlist_is_never_taken_from_the_cache(store_front: Front, settings: Any) -> None:
    sign_with_test_keys(settings)
    for _ in range(2):
        answer = ask_nginx(store_front.port, prefix() + "360p/index.m3u8")
        assert answer.headers["x-cache"] == "BYPASS"


def test_nothing_of_the_store_but_the_file_is_shown(store_front: Front, settings: Any) -> None:
    sign_with_test_keys(settings)
    for name in (SEGMENT_PATH, "missing.m4s"):
        answer = ask_nginx(store_front.port, prefix() + name)
        assert not [header for header in answer.headers if header.startswith("x-amz")]
        assert b"<Code>" not in answer.body
        assert b"lectern" not in answer.body


def test_the_store_learns_no_token_and_no_cookie(
    store: Store, store_front: Front, settings: Any
) -> None:
    sign_with_test_keys(settings)
    signed = prefix()
    ask_nginx(store_front.port, signed + "progressive.mp4", Cookie="sessionid=secret-session")
    said = store.log.read_text()
    assert "progressive.mp4" in said
    assert signature(signed) not in said


def test_the_store_answers_nobody_without_a_signature(store: Store) -> None:
    address = f"http://{store.host}/{store.bucket}/packages/{PACKAGE}/master.m3u8"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(address, timeout=10)


def test_with_a_wrong_key_of_the_store_nothing_is_served_and_the_log_says_so(
    store: Store, application: http.server.HTTPServer, tmp_path: Path, settings: Any
) -> None:
    sign_with_test_keys(settings)
    other = dataclasses.replace(store, secret="another")
    with nginx(
        tmp_path / "front", upstream=application.server_port, keys=KEYS, store=other
    ) as front:
        assert ask_nginx(front.port, prefix() + "master.m3u8").status == 404
        wait_for(lambda: front.log.read_text() != "", seconds=5, what="A line in the log")
        assert "404" in front.log.read_text()
        assert front.log.read_text().rstrip().endswith("403")


def test_a_film_goes_on_from_the_cache_while_the_store_is_away(
    application: http.server.HTTPServer, tmp_path: Path, settings: Any
) -> None:
    sign_with_test_keys(settings)
    with s3_store(tmp_path) as store:
        name = f"packages/{PACKAGE}/progressive.mp4"
        s3_client(store).put_object(Bucket=store.bucket, Key=name, Body=FILM)
        front = nginx(tmp_path / "front", upstream=application.server_port, keys=KEYS, store=store)
        running = front.__enter__()
        ask_nginx(running.port, prefix() + "progressive.mp4", Range="bytes=0-10")
    try:
        kept = ask_nginx(running.port, prefix() + "progressive.mp4", Range="bytes=5-99")
        assert (kept.status, kept.body) == (206, FILM[5:100])
        answer = ask_nginx(running.port, prefix() + "progressive.mp4", Range="bytes=2000000-")
        assert answer.status == 502
    finally:
        front.__exit__(None, None, None)
