import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.tus_protocol import (
    METADATA_LIMIT,
    NAME_LIMIT,
    HeaderError,
    clean_fingerprint,
    clean_name,
    parse_checksum,
    parse_metadata,
    parse_number,
)


def encoded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


@pytest.mark.parametrize(
    "value",
    [None, "", "-1", "+5", " 5", "5 ", "1e3", "0x10", "1_000", "٣", "½", "9" * 17, str(2**53 + 1)],
)
def test_a_number_that_is_not_plain_digits_is_refused(value):
    with pytest.raises(HeaderError):
        parse_number("Upload-Length", value)


@given(st.integers(min_value=0, max_value=2**53))
def test_every_whole_number_is_read(number):
    assert parse_number("Upload-Offset", str(number)) == number


def test_metadata_is_decoded():
    header = f"filename {encoded('党课 一.mp4')},filetype {encoded('video/mp4')},empty"
    assert parse_metadata(header) == {
        "filename": "党课 一.mp4",
        "filetype": "video/mp4",
        "empty": "",
    }


def test_no_metadata_is_fine():
    assert parse_metadata(None) == parse_metadata("") == {}


@pytest.mark.parametrize(
    "header",
    [
        "filename %%%",
        "filename YQ",  # no padding
        "filename /w==",  # 0xff is no UTF-8
        "filename YQ==,filename Yg==",
        ",",
        "näme YQ==",
        "filename YQ== YQ==",
        "filename " + "A" * METADATA_LIMIT,
    ],
)
def test_broken_metadata_is_refused(header):
    with pytest.raises(HeaderError):
        parse_metadata(header)


@given(st.text(max_size=300))
def test_arbitrary_metadata_never_breaks_anything_else(header):
    try:
        found = parse_metadata(header)
    except HeaderError:
        return
    assert all(isinstance(value, str) for value in found.values())


@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "md5"])
def test_a_checksum_is_read(algorithm):
    digest = hashlib.new(algorithm, b"bytes").digest()
    checksum = parse_checksum(f"{algorithm} {base64.b64encode(digest).decode()}")
    assert checksum is not None
    assert (checksum.algorithm, checksum.digest) == (algorithm, digest)


def test_no_checksum_is_fine():
    assert parse_checksum(None) is None


@pytest.mark.parametrize(
    "header", ["", "sha256", "sha256 !!!", "sha256 YQ==", "crc32 YQ==", "SHA256 YQ=="]
)
def test_a_broken_checksum_is_refused(header):
    with pytest.raises(HeaderError):
        parse_checksum(header)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("lecture.mp4", "lecture.mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\课.mp4", "课.mp4"),
        ("a\x00b\n.mp4", "ab.mp4"),
        ("fdp.\u202e4pm.exe", "fdp.4pm.exe"),
        ("..", ""),
        ("/", ""),
        ("", ""),
    ],
)
def test_a_name_is_only_its_last_part(given_name, kept):
    assert clean_name(given_name) == kept


def test_a_long_name_keeps_its_ending():
    name = clean_name("课" * 400 + ".mp4")
    assert len(name) == NAME_LIMIT
    assert name.endswith("课.mp4")


@given(st.text(max_size=600))
def test_a_clean_name_fits_and_holds_no_separator(text):
    name = clean_name(text)
    assert len(name) <= NAME_LIMIT
    assert not set(name) & {"/", "\\", "\x00", "\n"}


def test_only_a_plain_fingerprint_is_kept():
    assert clean_fingerprint("1-a0f3-0123456789abcdef") == "1-a0f3-0123456789abcdef"
    for strange in ["", "short", "x" * 81, "a b c d e f g h", "<script>alert", "1-a0f3-01234567\n"]:
        assert clean_fingerprint(strange) == ""
