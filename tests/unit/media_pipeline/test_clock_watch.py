"""A clock that jumps deletes nothing; one that runs as it should does not stand in the way."""

from pathlib import Path
from typing import Any

import pytest

from media_pipeline import clock_watch
from media_pipeline.clock_watch import REST_SECONDS, Look, clock_look, judged

HOUR, DAY, YEAR = 3600.0, 86400.0, 366 * 86400.0
BEGIN = Look(wall=1.8e9, steady=5000.0, boot="a")


def later(before: Look, *, wall: float, steady: float, boot: str = "a") -> Look:
    return judged(before, Look(before.wall + wall, before.steady + steady, boot))


def restarted(before: Look, *, wall: float) -> Look:
    return judged(before, Look(before.wall + wall, 10.0, "b"))


def test_the_first_look_doubts_nothing() -> None:
    assert judged(None, BEGIN).rest == 0


@pytest.mark.parametrize("hours", [0, 1, 24 * 7])  # the worker may have been stopped for a week
def test_a_clock_that_goes_with_the_host_is_trusted(hours: int) -> None:
    assert later(BEGIN, wall=hours * HOUR + 60, steady=hours * HOUR).rest == 0


@pytest.mark.parametrize("jump", [YEAR, -YEAR, 49 * HOUR, 2 * HOUR])
def test_a_jump_is_doubted_for_a_day_of_running(jump: float) -> None:
    look = later(BEGIN, wall=HOUR + jump, steady=HOUR)
    for hours_left in range(24, 0, -1):
        assert look.rest == hours_left * HOUR
        look = later(look, wall=HOUR, steady=HOUR)
    assert look.rest == 0


def test_put_right_again_it_is_doubted_anew() -> None:
    jumped = later(BEGIN, wall=YEAR, steady=HOUR)
    assert later(jumped, wall=-YEAR, steady=HOUR).rest == REST_SECONDS


def test_a_restart_is_not_doubted_and_ends_no_doubt() -> None:
    assert restarted(BEGIN, wall=HOUR).rest == 0
    jumped = later(BEGIN, wall=YEAR, steady=HOUR)
    assert restarted(jumped, wall=HOUR).rest == REST_SECONDS


@pytest.mark.parametrize("off", [7 * DAY, YEAR, -YEAR])
def test_a_host_that_was_off_for_a_week_loses_a_day(off: float) -> None:
    look = restarted(BEGIN, wall=off)
    assert look.rest == REST_SECONDS
    assert later(look, wall=DAY, steady=DAY, boot="b").rest == 0


def test_a_look_that_cannot_be_kept_is_judged_all_the_same(
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.LECTERN_VAR = tmp_path
    assert clock_look() == 0
    (tmp_path / "clock.new").mkdir()  # stands in the way of what would be written
    assert clock_look() == 0
    assert "cannot be kept" in caplog.text
    jumped = clock_watch.time.time() + YEAR
    monkeypatch.setattr(clock_watch.time, "time", lambda: jumped)
    assert clock_look() == REST_SECONDS
