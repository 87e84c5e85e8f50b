"""The site that the demo uploads to: the one that runs, or one of its own for the while.

Either way the recordings pass through the same resumable HTTP endpoint as any user's.
"""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application


@dataclass(frozen=True)
class DemoSite:
    url: str
    has_worker: bool


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the command reports its own progress."""


def running_site() -> DemoSite | None:
    """The site that `make run` keeps alive on this data folder, when it answers."""
    path = Path(settings.LECTERN_VAR) / "site.json"
    if not path.exists():
        return None
    url = str(json.loads(path.read_text())["url"])
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as response:  # noqa: S310
            return DemoSite(url, has_worker=True) if response.status == 200 else None
    except (urllib.error.URLError, OSError):
        return None


@contextmanager
def demo_site() -> Iterator[DemoSite]:
    """The running site, or a server in a thread of this process on a free local port."""
    if (site := running_site()) is not None:
        yield site
        return
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield DemoSite(f"http://127.0.0.1:{server.server_port}", has_worker=False)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
