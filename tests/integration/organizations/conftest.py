"""What the rooms of organisations share in their tests."""

import time
from types import SimpleNamespace

import pytest

from organizations.signin import limits

DAY = 86400


@pytest.fixture(autouse=True)
def noon_for_quotas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quotas count by the hour and the day: for them it is noon, so that no test meets the end of
    one or reads two different waits.
    """
    noon = int(time.time()) // DAY * DAY + DAY // 2
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: noon))
