"""The example alarms speak of figures that exist, and each has a line in docs/operations.md."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ALERTS = (ROOT / "deploy" / "alerts.yml").read_text()
SOURCES = "".join(
    (ROOT / name).read_text()
    for name in ("media_pipeline/metrics.py", "media_pipeline/delivered.py", "notices/metrics.py")
)


def test_every_alarm_asks_for_a_figure_that_is_served() -> None:
    named = set(re.findall(r"lectern_[a-z_]+", ALERTS))
    assert named
    for name in named:
        assert f'"{name.removesuffix("_total")}"' in SOURCES, name


def test_every_alarm_is_explained() -> None:
    explained = (ROOT / "docs" / "operations.md").read_text()
    alarms = re.findall(r"alert: (\w+)", ALERTS)
    assert alarms
    for alarm in alarms:
        assert f"{alarm}" in explained
