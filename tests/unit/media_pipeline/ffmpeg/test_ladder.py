from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.ffmpeg.ladder import (
    AUDIO_RATE,
    LONGEST_SIDE,
    Pace,
    frame_rate_for,
    ladder_for,
)
from media_pipeline.ffmpeg.light import SOUND_RATE

SIDES = st.integers(min_value=32, max_value=8000)
PACES = st.sampled_from(Pace)
RATES = st.builds(Fraction, st.integers(1, 240_000), st.sampled_from([1, 10, 25, 1000, 1001]))


@given(width=SIDES, height=SIDES, pace=PACES)
def test_rungs_are_even_and_never_larger_than_the_film(width: int, height: int, pace: Pace) -> None:
    for rung in ladder_for(width=width, height=height, pace=pace):
        assert rung.width % 2 == 0
        assert rung.height % 2 == 0
        assert 2 <= rung.width <= min(width, LONGEST_SIDE)
        assert 2 <= rung.height <= min(height, LONGEST_SIDE)


@given(width=SIDES, height=SIDES, pace=PACES, sharp=st.booleans())
def test_rungs_fall_in_size_and_rate_and_have_own_names(
    width: int, height: int, pace: Pace, sharp: bool
) -> None:
    rungs = ladder_for(width=width, height=height, pace=pace, sharp=sharp)
    assert rungs
    assert len({rung.name for rung in rungs}) == len(rungs)
    for upper, lower in pairwise(rungs):
        assert min(upper.width, upper.height) >= min(lower.width, lower.height)
        assert upper.maxrate > 1.5 * lower.maxrate


@given(width=SIDES, height=SIDES)
def test_a_portrait_film_gets_the_rungs_of_the_same_film_lying(width: int, height: int) -> None:
    lying = ladder_for(width=width, height=height)
    standing = ladder_for(width=height, height=width)
    assert [(r.name, r.width, r.height) for r in lying] == [
        (r.name, r.height, r.width) for r in standing
    ]


@given(width=st.integers(360, 2000), height=st.integers(360, 2000))
def test_rungs_keep_the_shape_of_the_film(width: int, height: int) -> None:
    for rung in ladder_for(width=width, height=height):
        assert abs(rung.width * height - rung.height * width) <= 3 * max(width, height)


@pytest.mark.parametrize(
    ("pace", "sharp", "names"),
    [
        (Pace.STILL, True, ["1080p", "720p", "360p"]),
        (Pace.CALM, True, ["1080p", "720p", "360p"]),
        (Pace.BUSY, True, ["1080p", "720p", "360p", "light"]),
        (Pace.CALM, False, ["720p", "360p"]),
        (Pace.BUSY, False, ["720p", "360p", "light"]),
    ],
)
def test_full_hd_gets_the_rungs_that_bring_something(
    pace: Pace, sharp: bool, names: list[str]
) -> None:
    rungs = ladder_for(width=1920, height=1080, pace=pace, sharp=sharp)
    assert [rung.name for rung in rungs] == names


def test_a_film_of_480_lines_keeps_them() -> None:
    rungs = ladder_for(width=854, height=480)
    assert [(r.name, r.width, r.height) for r in rungs] == [("480p", 854, 480), ("360p", 640, 360)]


def test_what_stands_still_is_shown_with_fewer_faults() -> None:
    still, busy = (ladder_for(width=1280, height=720, pace=p) for p in (Pace.STILL, Pace.BUSY))
    assert still[0].crf < busy[0].crf


def test_a_film_below_the_lowest_rung_gets_one_of_its_own_size() -> None:
    assert [(r.name, r.width, r.height) for r in ladder_for(width=321, height=181)] == [
        ("180p", 320, 180)
    ]


def test_a_film_a_few_lines_short_of_a_rung_keeps_its_size() -> None:
    top = ladder_for(width=1278, height=718)[0]
    assert (top.name, top.width, top.height) == ("720p", 1278, 718)


@given(width=SIDES, height=SIDES, pace=PACES, sharp=st.booleans())
def test_the_lowest_rung_and_the_voice_run_on_a_weak_line(
    width: int, height: int, pace: Pace, sharp: bool
) -> None:
    lowest = ladder_for(width=width, height=height, pace=pace, sharp=sharp)[-1]
    assert lowest.maxrate + SOUND_RATE <= 330_000
    # Its largest picture takes no more than a second and a half of such a line.
    assert lowest.bufsize <= 600_000


@given(fps=RATES, is_vfr=st.booleans())
def test_the_rate_lies_between_ten_and_thirty(fps: Fraction, is_vfr: bool) -> None:
    assert 10 <= frame_rate_for(fps=fps, is_vfr=is_vfr) <= 30


@given(fps=st.builds(Fraction, st.integers(10_010, 30_000), st.sampled_from([1000, 1001])))
def test_a_steady_film_keeps_its_rate(fps: Fraction) -> None:
    assert abs(frame_rate_for(fps=fps, is_vfr=False) / fps - 1) <= Fraction(1, 199)


def test_fast_films_are_divided_evenly() -> None:
    rates = {60: 30, 50: 25, 120: 30, 48: 24, 100: 25, 40: 30}
    for source, expected in rates.items():
        assert frame_rate_for(fps=Fraction(source), is_vfr=False) == expected
    assert frame_rate_for(fps=Fraction(60000, 1001), is_vfr=False) == Fraction(30000, 1001)


def test_an_unsteady_film_gets_a_usual_rate() -> None:
    assert frame_rate_for(fps=Fraction(13), is_vfr=True) == 15
    assert frame_rate_for(fps=Fraction(291, 10), is_vfr=True) == Fraction(30000, 1001)


@pytest.mark.parametrize(("width", "height"), [(640, 360), (360, 360), (90, 120)])
def test_a_still_picture_has_one_rung_that_costs_little(width: int, height: int) -> None:
    (rung,) = ladder_for(width=width, height=height, still=True)
    assert (rung.width, rung.height) == (width, height)
    assert rung.maxrate < AUDIO_RATE
