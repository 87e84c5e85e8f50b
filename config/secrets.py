"""Secrets of a demo installation: made once, kept in files that only the owner can read.

Production never comes here; its secrets are in the environment.
"""

import os
import secrets
from pathlib import Path


def local_secret(folder: Path, name: str) -> str:
    """The secret `name`, made at first use.

    Several processes may start at once, so the file is put in place whole and the first wins.
    """
    path = folder / name.lower()
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = folder / f".{name.lower()}.{secrets.token_hex(8)}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first; its secret is the secret
        finally:
            draft.unlink()
    return path.read_text()
