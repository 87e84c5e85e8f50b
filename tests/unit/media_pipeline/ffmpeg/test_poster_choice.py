"""Pictures that would do as a poster: not black, not one colour, not blurred, from across."""

from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.ffmpeg.poster_choice import CANDIDATES, Look, candidates, read_looks

PRINTED = """frame:0    pts:0       pts_time:0
lavfi.signalstats.YMIN=16
lavfi.signalstats.YAVG=120.5
lavfi.signalstats.YMAX=235
lavfi.entropy.normalized_entropy.normal.Y=0.61
lavfi.blur=3.25
frame:1    pts:100     pts_time:4.004
lavfi.signalstats.YMIN=16
lavfi.signalstats.YAVG=16
lavfi.signalstats.YMAX=16
lavfi.entropy.normalized_entropy.normal.Y=0
lavfi.blur=-nan
"""
LOOKS = st.lists(
    st.builds(
        Look,
        second=st.floats(0, 5000),
        mean=st.floats(0, 255),
        span=st.floats(0, 255),
        entropy=st.floats(0, 1),
        edge=st.floats(0, 40),
    ),
    max_size=60,
).map(lambda looks: sorted(looks, key=lambda look: look.second))


def good(second: float, **changes: float) -> Look:
    return Look(**{"second": second, "mean": 120, "span": 200, "entropy": 0.6, "edge": 3} | changes)


def test_what_ffmpeg_prints_is_read() -> None:
    first, second = read_looks(PRINTED)
    assert first == Look(second=0, mean=120.5, span=219, entropy=0.61, edge=3.25)
    assert second == Look(second=4.004, mean=16, span=0, entropy=0, edge=0)


def test_black_flat_and_blurred_pictures_are_not_proposed() -> None:
    looks = [good(0, mean=5), good(10, span=4), good(20, entropy=0.01), good(30, edge=30), good(40)]
    assert [look.second for look in candidates(looks)] == [40]


def test_a_slide_with_few_words_is_proposed() -> None:
    assert candidates([good(0, mean=240, span=219, entropy=0.08)])


def test_of_two_alike_the_sharper_one_is_taken() -> None:
    assert candidates([good(0, edge=6), good(1, edge=2)], count=1)[0].second == 1


def test_proposals_come_from_across_the_film() -> None:
    looks = [good(second, edge=2 if second < 10 else 5) for second in range(600)]
    seconds = sorted(look.second for look in candidates(looks))
    assert len(seconds) == CANDIDATES
    assert seconds[0] < 100
    assert seconds[-1] >= 500


def test_a_black_film_has_a_picture_all_the_same() -> None:
    assert len(candidates([good(0, mean=0, span=0), good(5, mean=0, span=0)])) == 1
    assert candidates([]) == []


@given(LOOKS)
def test_proposals_are_pictures_of_the_film_best_first(looks: list[Look]) -> None:
    found = candidates(looks)
    assert len(found) <= CANDIDATES
    assert set(found) <= set(looks)
    assert [look.score for look in found] == sorted((look.score for look in found), reverse=True)
    assert bool(found) == bool(looks)


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    read_looks(text)
