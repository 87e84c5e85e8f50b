"""Sealed streams: what leaves the installation as a backup file, encrypted and complete or not at
all.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, 2015) over AES-256-GCM, as Tink's
AES-GCM-HKDF streaming does it: every file has a key of its own, derived from the master key and a
random salt; the plaintext is cut into pieces of `PIECE` bytes; the nonce of a piece is its number
and whether it is the last. So a piece that was altered, left out, repeated or put elsewhere, a
file that was cut short or lengthened, and a wrong key are all found. Memory is constant.

    header  "LECTERN-SEAL" | version (1) | key id (8) | salt (32)
    piece   ciphertext of PIECE bytes (the last may be shorter) | tag (16)

Nothing here knows databases or settings.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Callable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"LECTERN-SEAL"
VERSION = 1
KEY_BYTES = 32
KEY_ID_BYTES = 8
SALT_BYTES = 32
TAG_BYTES = 16
PIECE = 64 * 1024
HEADER_BYTES = len(MAGIC) + 1 + KEY_ID_BYTES + SALT_BYTES
# The number of a piece has four bytes: 256 TiB in one file.
MAX_PIECES = 2**32


class SealError(Exception):
    """The stream cannot be sealed or opened; the message is for the operator."""


def key_from_text(text: str) -> bytes:
    """The 32 bytes that were written as base64. Raises SealError."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as problem:
        raise SealError("The backup key is not base64.") from problem
    if len(key) != KEY_BYTES:
        raise SealError(f"The backup key has {len(key)} bytes instead of {KEY_BYTES}.")
    return key


def key_id(key: bytes) -> bytes:
    """Tells keys apart without saying anything about them."""
    return hashlib.sha256(b"lectern backup key id\0" + key).digest()[:KEY_ID_BYTES]


def seal(
    source: BinaryIO, target: BinaryIO, *, key: bytes, random: Callable[[int], bytes] = os.urandom
) -> int:
    """Encrypt everything from `source` into `target`; returns the bytes read."""
    salt = random(SALT_BYTES)
    header = MAGIC + bytes([VERSION]) + key_id(key) + salt
    cipher = _cipher(key, salt)
    target.write(header)
    total = 0
    for number, piece, last in _pieces(source, PIECE):
        target.write(cipher.encrypt(_nonce(number, last=last), piece, header))
        total += len(piece)
    return total


def unseal(source: BinaryIO, target: BinaryIO, *, key: bytes) -> int:
    """Decrypt `source` into `target`; returns the bytes written.

    Each piece is checked before it is written, the completeness of the file only at its end:
    whoever cannot undo what was written runs once with a `target` that keeps nothing.
    """
    header = _read(source, HEADER_BYTES)
    salt = _check_header(header, key)
    cipher = _cipher(key, salt)
    total = 0
    for number, piece, last in _pieces(source, PIECE + TAG_BYTES):
        if len(piece) < TAG_BYTES:
            raise SealError(_cut_short(number))
        try:
            plain = cipher.decrypt(_nonce(number, last=last), piece, header)
        except InvalidTag as problem:
            raise SealError(_altered(number, last=last)) from problem
        target.write(plain)
        total += len(plain)
    return total


def _check_header(header: bytes, key: bytes) -> bytes:
    if len(header) < HEADER_BYTES:
        raise SealError("This is no sealed backup, or only its first bytes.")
    if not header.startswith(MAGIC):
        raise SealError("This is no sealed backup.")
    version = header[len(MAGIC)]
    if version != VERSION:
        raise SealError(f"Version {version} of the format is not known here.")
    named = header[len(MAGIC) + 1 : len(MAGIC) + 1 + KEY_ID_BYTES]
    if named != key_id(key):
        raise SealError("This backup was sealed with another key, or its header was altered.")
    return header[-SALT_BYTES:]


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise SealError(f"The backup key has {len(key)} bytes instead of {KEY_BYTES}.")
    derived = HKDF(SHA256(), KEY_BYTES, salt=salt, info=b"lectern backup v1").derive(key)
    return AESGCM(derived)


def _nonce(number: int, *, last: bool) -> bytes:
    # The key belongs to one file, so the part that tells files apart may stay zero.
    return bytes(7) + number.to_bytes(4, "big") + (b"\x01" if last else b"\x00")


def _pieces(source: BinaryIO, size: int) -> Iterator[tuple[int, bytes, bool]]:
    """(number, bytes, whether it is the last) – at least one, which may be empty."""
    piece = _read(source, size)
    for number in range(MAX_PIECES):
        following = _read(source, size) if len(piece) == size else b""
        yield number, piece, not following
        if not following:
            return
        piece = following
    raise SealError("The stream is too long for one file.")


def _read(source: BinaryIO, size: int) -> bytes:
    """Exactly `size` bytes, fewer only at the end: a pipe gives less at a time."""
    parts = bytearray()
    while len(parts) < size:
        part = source.read(size - len(parts))
        if not part:
            break
        parts += part
    return bytes(parts)


def _cut_short(number: int) -> str:
    return f"The backup was cut short in piece {number + 1}."


def _altered(number: int, *, last: bool) -> str:
    if last:
        return f"The backup was cut short or altered in piece {number + 1}, the last one."
    return f"The backup was altered in piece {number + 1}."
