"""The headers of tus 1.0.0, read strictly; pure text in, values out, no Django.

Source: https://tus.io/protocols/resumable-upload (core, creation, checksum, expiration,
termination). What the values lead to is decided in `uploads`, what is answered in `tus`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

VERSION = "1.0.0"
EXTENSIONS = "creation,checksum,expiration,termination"
CHUNK_TYPE = "application/offset+octet-stream"
# Named in Tus-Checksum-Algorithm. They find damage on the line, they prove no origin.
ALGORITHMS: Mapping[str, Callable[[], Any]] = {
    "sha256": hashlib.sha256,
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "md5": lambda: hashlib.md5(usedforsecurity=False),
}
# Far above any real file, far below what overflows a database integer.
LARGEST_NUMBER = 2**53
METADATA_LIMIT = 4096
NAME_LIMIT = 255
FINGERPRINT = re.compile(r"[A-Za-z0-9._-]{8,80}")
# Control characters, bidirectional overrides and line separators: nothing that a name needs.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


class HeaderError(ValueError):
    """A header that no honest client sends; the message is for its programmer."""


@dataclass(frozen=True)
class Checksum:
    algorithm: str
    digest: bytes


def parse_number(name: str, value: str | None) -> int:
    """A length or offset: decimal digits only, so no sign, blank, underscore or exponent."""
    if value is None:
        raise HeaderError(f"{name} is missing.")
    if not (value.isascii() and value.isdigit() and len(value) <= 16):
        raise HeaderError(f"{name} is not a whole number.")
    number = int(value)
    if number > LARGEST_NUMBER:
        raise HeaderError(f"{name} is too large.")
    return number


def decode_base64(name: str, value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as problem:
        raise HeaderError(f"{name} is not valid Base64.") from problem


def parse_metadata(value: str | None) -> dict[str, str]:
    """Upload-Metadata: pairs of key and Base64, comma separated; a value may be missing."""
    if not value:
        return {}
    if len(value) > METADATA_LIMIT:
        raise HeaderError(f"Upload-Metadata is longer than {METADATA_LIMIT} characters.")
    found: dict[str, str] = {}
    for pair in value.split(","):
        key, _, encoded = pair.strip().partition(" ")
        if not key or not key.isascii():
            raise HeaderError("Upload-Metadata has an empty or non-ASCII key.")
        if key in found:
            raise HeaderError("Upload-Metadata names a key twice.")
        try:
            found[key] = decode_base64("Upload-Metadata", encoded.strip()).decode("utf-8")
        except UnicodeDecodeError as problem:
            raise HeaderError("Upload-Metadata is not UTF-8.") from problem
    return found


def parse_checksum(value: str | None) -> Checksum | None:
    """Upload-Checksum: algorithm, space, Base64 of the digest of this request's body."""
    if value is None:
        return None
    algorithm, _, encoded = value.strip().partition(" ")
    make = ALGORITHMS.get(algorithm)
    if make is None:
        raise HeaderError("Upload-Checksum names an algorithm that is not offered.")
    digest = decode_base64("Upload-Checksum", encoded.strip())
    if len(digest) != make().digest_size:
        raise HeaderError("Upload-Checksum has the wrong length.")
    return Checksum(algorithm, digest)


def clean_name(value: str) -> str:
    """The last part of a file name, fit to be shown; it never becomes a path of ours."""
    name = UNPRINTABLE.sub("", value.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")
    if len(name) <= NAME_LIMIT:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 10:
        return name[:NAME_LIMIT]
    return f"{stem[: NAME_LIMIT - len(ending) - 1]}.{ending}"


def clean_fingerprint(value: str) -> str:
    """What the browser computed from size and samples, or nothing when it is no such thing."""
    return value if FINGERPRINT.fullmatch(value) else ""
