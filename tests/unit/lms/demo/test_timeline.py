from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lms.demo.lectures import Slide
from lms.demo.timeline import sentence_times, timeline_cut

RATE = 22_050


def page(*lines: str, spoken: int = 1, kind: str = "points") -> Slide:
    return Slide(kind=kind, heading="题", lines=lines, spoken=("话",) * spoken, figure="", unit="")


@given(
    st.lists(st.integers(min_value=1, max_value=6), min_size=1, max_size=12),
    st.sampled_from([15, 24, 25, 30]),
    st.data(),
)
def test_picture_and_sound_end_within_a_frame_of_each_other(
    sentence_counts: list[int], fps: int, data: st.DataObject
) -> None:
    slides = [page("甲", "乙", spoken=count) for count in sentence_counts]
    lengths = data.draw(
        st.lists(
            st.integers(min_value=RATE // 4, max_value=RATE * 5),
            min_size=sum(sentence_counts),
            max_size=sum(sentence_counts),
        )
    )
    timeline = timeline_cut(slides=slides, sentence_samples=lengths, sample_rate=RATE, fps=fps)
    sound = (sum(timeline.pauses) + sum(lengths)) / RATE
    assert abs(timeline.frames / fps - sound) <= 1 / fps
    assert all(shot.frames > 0 for shot in timeline.shots)
    assert len(timeline.pauses) == len(lengths) + 1


def test_each_line_stands_out_while_it_is_spoken() -> None:
    timeline = timeline_cut(
        slides=[page(spoken=1, kind="cover"), page("甲", "乙", spoken=3)],
        sentence_samples=[RATE, RATE, RATE, RATE],
        sample_rate=RATE,
        fps=25,
    )
    assert [(shot.page, shot.spoken_line) for shot in timeline.shots] == [
        (0, None),
        (1, None),
        (1, 0),
        (1, 1),
    ]


def test_a_page_that_opens_with_its_first_line_shows_it_at_once() -> None:
    timeline = timeline_cut(
        slides=[page("甲", "乙", spoken=2)], sentence_samples=[RATE, RATE], sample_rate=RATE, fps=25
    )
    assert [(shot.page, shot.spoken_line) for shot in timeline.shots] == [(0, 0), (0, 1)]


def test_a_sentence_stands_behind_the_pauses_and_sentences_before_it() -> None:
    assert sentence_times([RATE // 2, RATE // 4, RATE], [RATE, 2 * RATE], RATE) == [
        (500, 1500),
        (1750, 3750),
    ]
