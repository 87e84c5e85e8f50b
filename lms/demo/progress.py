"""How far the demo is: a small file beside the data, read by every page until it is complete."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest


@dataclass(frozen=True)
class DemoProgress:
    done: int
    total: int

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 100


def progress_path() -> Path:
    return Path(settings.LECTERN_VAR) / "demo-progress.json"


def progress_write(progress: DemoProgress) -> None:
    path = progress_path()
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(asdict(progress)))
    draft.replace(path)


def progress_read() -> DemoProgress | None:
    """The demo's progress, or None when there is no demo or it is complete."""
    try:
        progress = DemoProgress(**json.loads(progress_path().read_text()))
    except FileNotFoundError:
        return None
    return progress if progress.done < progress.total else None


def preparing(request: HttpRequest) -> dict[str, Any]:
    """Context processor: what pages show while lectures are still being made."""
    return {"preparing": progress_read() if settings.DEMO else None}
