from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.ffmpeg.grid import keyframes_from, picture_at, start_of

RATES = st.sampled_from([Fraction(10), Fraction(25, 2), Fraction(30000, 1001), Fraction(24)]) | (
    st.fractions(10, 30, max_denominator=1001)
)


@given(segment=st.integers(0, 4000), rate=RATES)
def test_a_segment_begins_with_the_first_picture_of_its_seconds(
    segment: int, rate: Fraction
) -> None:
    assert 0 <= start_of(segment, rate) - 4 * segment < 1 / rate
    assert start_of(segment, rate) * rate == picture_at(segment, rate)


def forced(expression: str, *, pictures: int) -> list[int]:
    """The pictures of which ffmpeg makes keyframes by this expression."""
    condition = expression.removeprefix("expr:gte(").removesuffix(")").split(",")
    found: list[int] = []
    for n in range(pictures):
        left, right = (eval(side, {}, {"n": n, "n_forced": len(found)}) for side in condition)
        if left >= right:
            found.append(n)
    return found


@given(rate=RATES, first=st.integers(0, 3000))
def test_an_attempt_that_begins_later_has_the_keyframes_of_one_that_did_not(
    rate: Fraction, first: int
) -> None:
    expected = [picture_at(first + n, rate) - picture_at(first, rate) for n in range(5)]
    assert forced(keyframes_from(first, rate), pictures=expected[-1] + 1) == expected
