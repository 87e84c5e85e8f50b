"""How long it still takes, as a person reads it."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.estimates import LEAST_SECONDS, Estimate

EVERY = 3.0  # seconds between two renewals


def run(paces: list[float], *, start: float = 0.0) -> list[tuple[float, float | None]]:
    """Progress and estimate after each renewal; a pace is the share gained in it."""
    estimate, done, said = Estimate(), start, []
    for number, pace in enumerate([0.0, *paces]):
        done = min(1.0, done + pace)
        said.append((done, estimate.feed(done, at=1000 + number * EVERY)))
    return said


@given(st.floats(0.004, 0.02), st.floats(0, 0.6))
def test_at_a_steady_pace_it_tells_the_truth(pace: float, start: float) -> None:
    for done, said in run([pace] * 100, start=start):
        if said is not None and done < 1.0:
            assert abs(said - (1 - done) / pace * EVERY) < 0.02 * said + 1


@given(st.floats(0.004, 0.02))
def test_at_a_steady_pace_it_never_rises(pace: float) -> None:
    said = [left for done, left in run([pace] * 100) if left is not None and done < 1.0]
    assert all(later <= earlier + 1e-6 for earlier, later in itertools.pairwise(said))


@given(st.lists(st.floats(0, 0.02), max_size=200), st.floats(0, 1))
def test_it_is_never_negative(paces: list[float], start: float) -> None:
    assert all(left is None or left >= 0 for _, left in run(paces, start=start))


@given(st.lists(st.sampled_from([0.003, 0.005, 0.007]), min_size=60, max_size=60))
def test_an_uneven_pace_does_not_make_it_jump(paces: list[float]) -> None:
    said = [left for done, left in run(paces) if left is not None and done < 1.0][8:]
    for earlier, later in itertools.pairwise(said):
        assert abs(later - earlier) <= max(0.15 * earlier, 2 * EVERY)


def test_it_says_nothing_before_the_attempt_has_shown_its_pace() -> None:
    said = run([0.01] * 10, start=0.6)
    early = [left for number, (_, left) in enumerate(said) if number * EVERY < LEAST_SECONDS]
    assert early == [None] * len(early)
    assert said[-1][1] is not None


def test_what_stands_still_is_not_counted_down_to_nothing() -> None:
    said = run([0.01] * 20 + [0.0] * 200)
    assert said[-1][1] is not None
    assert said[-1][1] > 100
