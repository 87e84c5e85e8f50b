"""Signed addresses of media."""

import base64
import datetime as dt
import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.delivery import ADDRESS, Verdict, sign_prefix, verify

NOW = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def keys(settings: Any) -> None:
    settings.DELIVERY_KEYS = {"a": "first-key", "b": "second-key"}
    settings.DELIVERY_ACTIVE_KEY = "a"
    settings.DELIVERY_LIFETIME = 7200


def token(prefix: str) -> str:
    return prefix.split("/")[2]


def test_the_signature_is_the_one_that_nginx_computes() -> None:
    signed = sign_prefix("pkg", now=NOW)
    expires = f"{int(signed.expires_at.timestamp()):010d}"
    digest = hashlib.md5(f"{expires} pkg first-key".encode()).digest()
    signature = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert signed.prefix == f"/v/a.{expires}.{signature}/pkg/"


def test_an_address_lives_at_most_its_lifetime_and_at_least_three_quarters_of_it() -> None:
    for minute in range(0, 300, 7):
        now = NOW + dt.timedelta(minutes=minute)
        left = (sign_prefix("pkg", now=now).expires_at - now).total_seconds()
        assert 5400 <= left <= 7200


def test_pages_shortly_after_each_other_name_the_same_address() -> None:
    soon = NOW + dt.timedelta(minutes=10)
    assert sign_prefix("pkg", now=NOW) == sign_prefix("pkg", now=soon)


def test_a_lifetime_of_twenty_seconds_works() -> None:
    left = (sign_prefix("pkg", now=NOW, lifetime=20).expires_at - NOW).total_seconds()
    assert 15 <= left <= 20


def test_it_opens_until_its_last_second_and_not_longer() -> None:
    signed = sign_prefix("pkg", now=NOW)
    last = signed.expires_at
    assert verify(token(signed.prefix), "pkg", now=last) is Verdict.OPEN
    later = last + dt.timedelta(seconds=1)
    assert verify(token(signed.prefix), "pkg", now=later) is Verdict.EXPIRED


def test_a_renewed_key_leaves_old_addresses_open(settings: Any) -> None:
    old = sign_prefix("pkg", now=NOW)
    settings.DELIVERY_ACTIVE_KEY = "b"
    new = sign_prefix("pkg", now=NOW)
    assert verify(token(old.prefix), "pkg", now=NOW) is Verdict.OPEN
    assert verify(token(new.prefix), "pkg", now=NOW) is Verdict.OPEN


def test_it_opens_no_other_package() -> None:
    signed = sign_prefix("pkg", now=NOW)
    assert verify(token(signed.prefix), "pk", now=NOW) is Verdict.FORBIDDEN


@given(st.integers(0, 21), st.sampled_from("ABCDEFGHabcdefgh01234567-_"))
def test_changing_the_signature_anywhere_closes_it(place: int, letter: str) -> None:
    head, _, signature = token(sign_prefix("pkg", now=NOW).prefix).rpartition(".")
    forged = signature[:place] + letter + signature[place + 1 :]
    same = base64.urlsafe_b64decode(forged + "==") == base64.urlsafe_b64decode(signature + "==")
    expected = Verdict.OPEN if same else Verdict.FORBIDDEN
    assert verify(f"{head}.{forged}", "pkg", now=NOW) is expected


@given(st.text(max_size=60))
def test_no_text_is_an_error_or_opens(text: str) -> None:
    assert verify(text, "pkg", now=NOW) is Verdict.FORBIDDEN


@given(st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True))
def test_every_address_we_sign_is_one_we_read(package: str) -> None:
    address = ADDRESS.fullmatch(sign_prefix(package, now=NOW).prefix + "360p/seg_00001.m4s")
    assert address is not None
    assert verify(address["token"], address["package"], now=NOW) is Verdict.OPEN
