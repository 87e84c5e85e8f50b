"""`manifest.json` of a package: size and SHA-256 of each of its files, written at publication.

By it the storage audit can tell a whole package from a damaged one. Who changes a file of a
published package, or adds one that must not get lost, says so with `manifest_note`.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.core.files.base import ContentFile

from media_pipeline import store

NAME = "manifest.json"
VERSION = 1
BLOCK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Fingerprint:
    bytes: int
    sha256: str


Manifest = dict[str, Fingerprint]


class ManifestUnreadable(Exception):
    """There is a manifest, but it says nothing."""


def fingerprint(file: IO[Any], *, on_block: Callable[[], None] = lambda: None) -> Fingerprint:
    digest, size = hashlib.sha256(), 0
    while block := file.read(BLOCK_BYTES):
        digest.update(block)
        size += len(block)
        on_block()
    return Fingerprint(size, digest.hexdigest())


def manifest_write(folder: Path, *, on_block: Callable[[], None] = lambda: None) -> Manifest:
    """Write the manifest of everything that lies below `folder` of this host."""
    manifest: Manifest = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != NAME:
            with path.open("rb") as file:
                manifest[name] = fingerprint(file, on_block=on_block)
    (folder / NAME).write_bytes(dumped(manifest))
    return manifest


def manifest_read(package: str) -> Manifest | None:
    """The manifest of a stored package; None without one. Raises ManifestUnreadable."""
    try:
        with store.recordings().open(f"{package}/{NAME}", "rb") as file:
            return loaded(file.read())
    except FileNotFoundError:
        return None


def manifest_note(package: str, names: Iterable[str]) -> None:
    """Take up files of a stored package that were changed, added or removed on purpose. One
    without a readable manifest is left to the storage audit.
    """
    try:
        manifest = manifest_read(package)
    except ManifestUnreadable:
        return
    if manifest is None:
        return
    for name in names:
        try:
            with store.recordings().open(f"{package}/{name}", "rb") as file:
                manifest[name] = fingerprint(file)
        except FileNotFoundError:
            manifest.pop(name, None)
    manifest_store(package, manifest)


def manifest_store(package: str, manifest: Manifest) -> None:
    store.file_replace(f"{package}/{NAME}", ContentFile(dumped(manifest)))


def dumped(manifest: Manifest) -> bytes:
    files = {
        name: {"bytes": known.bytes, "sha256": known.sha256}
        for name, known in sorted(manifest.items())
    }
    return json.dumps({"version": VERSION, "files": files}, indent=1).encode()


def loaded(content: bytes) -> Manifest:
    try:
        files = json.loads(content)["files"]
        return {
            str(name): Fingerprint(int(known["bytes"]), str(known["sha256"]))
            for name, known in files.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ManifestUnreadable(str(problem)) from problem
