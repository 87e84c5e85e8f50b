"""The head of the chain as remembered outside the database, in one small file.

Whoever can write to the database can cut off the newest entries and set the head back; that the
log once went further only this file tells. It names the chain, a position and its digest, sealed
with the audit key. It never moves backwards, and it moves forward only when the entry that it
names still stands in the log. So entries written anew over a cut never cover it up.

Written after each commit: one write of 512 bytes into a file that keeps its place on the disk,
under flock. A lost write is harmless: an older anchor still holds, and the next write or
`audit_verify` catches up. AUDIT_ANCHOR empty means that this host keeps none.
"""

from __future__ import annotations

import fcntl
import hmac
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

logger = logging.getLogger(__name__)

# One disk sector: after a loss of power it is the old or the new one.
SIZE = 512
FORM = "lectern-audit-anchor-1"


class Anchor(NamedTuple):
    chain: str
    position: int
    digest: str


class AnchorMissing(Exception):
    """No anchor is there."""


class AnchorForged(Exception):
    """What is there was not sealed with this installation's key."""


class AnchorMismatch(Exception):
    """The anchor names an entry that the log does not hold."""


def anchor_read() -> Anchor:
    """Raises AnchorMissing, AnchorForged, OSError."""
    path = _path()
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            return _parsed(file.read(SIZE))
    except FileNotFoundError as problem:
        raise AnchorMissing(str(path)) from problem


def anchor_begin(chain: str) -> None:
    """Before a chain's first entry is committed: an anchor at 0, unless there is one that counts.

    So a missing file never means "not written yet".
    """
    _guarded(lambda: _begin(chain))


def anchor_follow(
    *,
    chain: str,
    previous: tuple[int, str],
    head: tuple[int, str],
    digest_at: Callable[[int], str],
) -> None:
    """After a commit: move from an entry that the log holds to `head`, (position, digest).

    `previous` is the entry before those that were committed, `digest_at` looks up any other.
    What stands in the way is logged; `audit_verify` tells it too.
    """
    _guarded(lambda: anchor_move(Anchor(chain, *head), previous, digest_at))


def anchor_put(anchor: Anchor) -> None:
    """Whatever was there: for an operator who has said why. Raises OSError."""
    with _locked() as file:
        _write(file, anchor)


def anchor_move(anchor: Anchor, previous: tuple[int, str], digest_at: Callable[[int], str]) -> None:
    """Forward to `anchor`, see `anchor_follow`.

    Raises AnchorMissing, AnchorForged, AnchorMismatch, OSError.
    """
    if not settings.AUDIT_ANCHOR:
        return
    with _locked(create=False) as file:
        now = _parsed(os.pread(file, SIZE, 0))
        if now.chain != anchor.chain:
            raise AnchorMismatch("It belongs to another database.")
        if now.position > anchor.position:
            return  # somebody who committed later was quicker
        if now.position > 0 and now.digest != (
            previous[1]
            if now.position == previous[0]
            else anchor.digest
            if now.position == anchor.position
            else digest_at(now.position)
        ):
            raise AnchorMismatch(f"Entry {now.position} in the log is not the one it names.")
        _write(file, anchor)


def _begin(chain: str) -> None:
    if not settings.AUDIT_ANCHOR:
        return
    with _locked() as file:
        try:
            if _parsed(os.pread(file, SIZE, 0)).position > 0:
                return
        except AnchorMissing:
            pass
        _write(file, Anchor(chain, 0, ""))


def _guarded(act: Callable[[], None]) -> None:
    try:
        act()
    except (AnchorMissing, AnchorForged, AnchorMismatch, OSError) as problem:
        logger.error("The audit anchor does not follow the log: %r", problem)


def _path() -> Path:
    if not settings.AUDIT_ANCHOR:
        raise AnchorMissing("AUDIT_ANCHOR is empty.")
    return Path(settings.AUDIT_ANCHOR)


@contextmanager
def _locked(*, create: bool = True) -> Iterator[int]:
    path = _path()
    if create:
        _make(path)
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError as problem:
        raise AnchorMissing(str(path)) from problem
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)


def _make(path: Path) -> None:
    """An empty file that the site can write, also when root runs the command that makes it."""
    made = [one for one in (path.parent, path) if not one.exists()]
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    if os.geteuid() == 0:
        for one in made:
            owner = one.parent.stat()
            os.chown(one, owner.st_uid, owner.st_gid)


def _write(file: int, anchor: Anchor) -> None:
    line = f"{FORM} {anchor.chain} {anchor.position} {anchor.digest or '-'}"
    os.pwrite(file, f"{line} {_seal(line)}".encode().ljust(SIZE - 1) + b"\n", 0)


def _parsed(content: bytes) -> Anchor:
    """Raises AnchorMissing for an empty file, AnchorForged."""
    if not content:
        raise AnchorMissing("The file is empty.")
    line, _, seal = content.decode(errors="replace").rstrip().rpartition(" ")
    if not hmac.compare_digest(_seal(line).encode(), seal.encode()):
        raise AnchorForged("Its seal does not fit.")
    _form, chain, position, digest = line.split(" ")
    return Anchor(chain, int(position), "" if digest == "-" else digest)


def _seal(line: str) -> str:
    return hmac.digest(settings.AUDIT_KEY.encode(), b"anchor\n" + line.encode(), "sha256").hex()
