"""Cues put together to paragraphs."""

from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.captions.cues import Cue
from media_pipeline.captions.spoken import LONGEST_MS, paragraphs

spans = st.lists(st.tuples(st.integers(0, 4_000), st.integers(1, 6_000)), max_size=60)
breaks = st.lists(st.integers(0, 200_000), max_size=6).map(sorted)


def cues(spans: list[tuple[int, int]]) -> list[Cue]:
    """One after the other: (pause before it, length)."""
    found, now = [], 0
    for pause, length in spans:
        found.append(Cue(now + pause, now + pause + length, f"第{len(found)}句。"))
        now += pause + length
    return found


@given(spans, breaks)
def test_every_cue_stands_in_one_paragraph_in_its_order(spans, breaks) -> None:
    given_cues = cues(spans)
    found = paragraphs(given_cues, breaks=breaks)
    assert [cue for one in found for cue in one.cues] == given_cues


@given(spans, breaks)
def test_no_paragraph_is_too_long_or_goes_on_over_a_break(spans, breaks) -> None:
    for one in paragraphs(cues(spans), breaks=breaks):
        assert one.cues[-1].end - one.start <= LONGEST_MS
        assert not [mark for mark in breaks if one.start < mark <= one.cues[-1].start]


def test_a_pause_begins_a_paragraph() -> None:
    found = paragraphs([Cue(0, 1000, "甲"), Cue(1200, 2000, "乙"), Cue(6000, 7000, "丙")])
    assert [[cue.text for cue in one.cues] for one in found] == [["甲", "乙"], ["丙"]]


def test_a_long_paragraph_ends_with_its_sentence() -> None:
    spoken = [Cue(0, 12_000, "甲，"), Cue(12_000, 22_000, "乙。"), Cue(22_000, 25_000, "丙")]
    assert [len(one.cues) for one in paragraphs(spoken)] == [2, 1]
