"""One slot of each worker that is kept for previews: a thread that looks at the queue by itself.

No message wakes it, so a broker that is away, a busy pool of threads or a wake-up that went to a
worker whose slot is taken never stands between an uploader and the first look.
"""

import logging
import threading

from django.db import DatabaseError

from media_pipeline.models import TranscodeJob
from media_pipeline.pulse import connections_refresh
from media_pipeline.work import queue_work

LOOK_SECONDS = 0.5
PAUSE_SECONDS = 2.0  # after a look that failed
JOIN_SECONDS = 5.0

logger = logging.getLogger(__name__)


class PreviewSlot:
    """Runs until `stopping` is set. A daemon, so that a worker that fails does not live on as its
    slot for previews.
    """

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._thread = threading.Thread(target=self.run, name="previews", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        """Wait until the running preview is given back, in a worker that ends in good order."""
        if self._thread.is_alive():
            self._thread.join(JOIN_SECONDS)

    def run(self) -> None:
        pause = LOOK_SECONDS
        while not self._stopping.wait(pause):
            pause = LOOK_SECONDS if self.look() else PAUSE_SECONDS

    def look(self) -> bool:
        """Work the previews that wait; False when the database could not be asked."""
        try:
            connections_refresh()
            queue_work(lane=TranscodeJob.Lane.PREVIEW, should_stop=self._stopping.is_set)
        except DatabaseError as problem:
            logger.warning("Previews: %s", problem)
            return False
        except Exception:
            logger.exception("Previews: this one is left to the sweep")
            return False
        return True
