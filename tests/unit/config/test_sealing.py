"""Sealed streams: what goes in comes out, and anything else is refused."""

import base64
import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import sealing
from config.sealing import (
    HEADER_BYTES,
    PIECE,
    TAG_BYTES,
    SealError,
    key_from_text,
    seal,
    unseal,
)

KEY = bytes(range(32))
SIZES = [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 17]
WHOLE_PIECE = PIECE + TAG_BYTES


def sealed(plain: bytes, key: bytes = KEY) -> bytes:
    target = io.BytesIO()
    assert seal(io.BytesIO(plain), target, key=key) == len(plain)
    return target.getvalue()


def opened(file: bytes, key: bytes = KEY) -> bytes:
    target = io.BytesIO()
    unseal(io.BytesIO(file), target, key=key)
    return target.getvalue()


class Dripping(io.RawIOBase):
    """A pipe that gives a few bytes at a time."""

    def __init__(self, content: bytes, drops: int) -> None:
        self.content = io.BytesIO(content)
        self.drops = drops

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self.content.read(min(size, self.drops))


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_opens_at_every_size_around_a_piece(size):
    plain = os.urandom(size)

    assert opened(sealed(plain)) == plain


@given(plain=st.binary(max_size=5000), piece=st.integers(1, 700), drops=st.integers(1, 999))
def test_round_trip_whatever_the_pieces_and_the_pipe(plain, piece, drops):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "PIECE", piece)
        target, result = io.BytesIO(), io.BytesIO()
        seal(Dripping(plain, drops), target, key=KEY)
        unseal(Dripping(target.getvalue(), drops), result, key=KEY)

    assert result.getvalue() == plain


@given(plain=st.binary(max_size=2000), data=st.data())
def test_one_altered_bit_anywhere_is_found(plain, data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "PIECE", 300)
        file = bytearray(sealed(plain))
        place = data.draw(st.integers(0, len(file) - 1))
        file[place] ^= 1 << data.draw(st.integers(0, 7))
        with pytest.raises(SealError):
            opened(bytes(file))


@given(plain=st.binary(max_size=2000), data=st.data())
def test_a_file_cut_anywhere_is_found(plain, data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "PIECE", 300)
        file = sealed(plain)
        with pytest.raises(SealError):
            opened(file[: data.draw(st.integers(0, len(file) - 1))])


@pytest.mark.parametrize("size", [PIECE, 2 * PIECE, 3 * PIECE + 5])
def test_a_file_cut_between_two_pieces_is_found(size):
    file = sealed(os.urandom(size))
    for end in range(HEADER_BYTES, len(file), WHOLE_PIECE):
        with pytest.raises(SealError):
            opened(file[:end])


def test_pieces_that_changed_places_are_found():
    file = sealed(os.urandom(4 * PIECE))
    head, pieces = file[:HEADER_BYTES], file[HEADER_BYTES:]
    first, second, rest = (
        pieces[:WHOLE_PIECE],
        pieces[WHOLE_PIECE : 2 * WHOLE_PIECE],
        pieces[2 * WHOLE_PIECE :],
    )

    for altered in (second + first + rest, first + first + second + rest, first + rest):
        with pytest.raises(SealError, match="altered"):
            opened(head + altered)


def test_bytes_after_the_end_are_found():
    with pytest.raises(SealError):
        opened(sealed(b"short") + b"more")


def test_a_piece_of_another_file_is_found():
    one, other = sealed(os.urandom(2 * PIECE)), sealed(os.urandom(2 * PIECE))

    with pytest.raises(SealError):
        opened(one[: HEADER_BYTES + WHOLE_PIECE] + other[HEADER_BYTES + WHOLE_PIECE :])


def test_another_key_is_named_as_the_reason():
    with pytest.raises(SealError, match="another key"):
        opened(sealed(b"rows"), key=bytes(32))


def test_something_else_is_named_as_such():
    with pytest.raises(SealError, match="no sealed backup"):
        opened(b"PGDMP" + os.urandom(200))
    with pytest.raises(SealError, match="no sealed backup"):
        opened(b"")


def test_the_same_content_never_looks_the_same():
    assert sealed(b"rows")[HEADER_BYTES - 32 :] != sealed(b"rows")[HEADER_BYTES - 32 :]


def test_nothing_of_a_bad_piece_is_written():
    file = bytearray(sealed(b"a" * (2 * PIECE)))
    file[HEADER_BYTES + WHOLE_PIECE + 10] ^= 1
    target = io.BytesIO()
    with pytest.raises(SealError):
        unseal(io.BytesIO(bytes(file)), target, key=KEY)

    assert target.getvalue() == b"a" * PIECE


@pytest.mark.parametrize("text", ["", "no base64!", base64.b64encode(b"x" * 31).decode()])
def test_a_bad_key_is_refused(text):
    with pytest.raises(SealError, match="key"):
        key_from_text(text)


def test_a_key_is_32_bytes_of_base64():
    assert key_from_text(base64.b64encode(KEY).decode() + "\n") == KEY
