import re

from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.ffmpeg.storyboard import storyboard_for, storyboard_vtt

DURATIONS = st.floats(min_value=0.5, max_value=4 * 3600)


@given(duration=DURATIONS, width=st.integers(32, 4096), height=st.integers(32, 4096))
def test_at_most_four_sheets_of_keyframes(duration: float, width: int, height: int) -> None:
    plan = storyboard_for(duration=duration, width=width, height=height)
    assert 1 <= plan.sheets <= 4
    assert plan.interval % 4 == 0  # where the keyframes are
    assert plan.interval >= 4
    assert max(plan.tile_width, plan.tile_height) <= 160


@given(duration=DURATIONS)
def test_the_cues_cover_the_film_without_gap_or_overlap(duration: float) -> None:
    plan = storyboard_for(duration=duration, width=1280, height=720)
    times = re.findall(
        r"(\d+):(\d\d):(\d\d\.\d{3})", storyboard_vtt(plan, duration=duration, sheets=4)
    )
    seconds = [int(h) * 3600 + int(m) * 60 + float(s) for h, m, s in times]
    assert seconds[0] == 0
    assert abs(seconds[-1] - duration) < 0.001
    assert seconds[1:-1:2] == seconds[2::2]


@given(duration=DURATIONS)
def test_every_tile_lies_on_its_sheet(duration: float) -> None:
    plan = storyboard_for(duration=duration, width=720, height=1280)
    vtt = storyboard_vtt(plan, duration=duration, sheets=plan.sheets)
    tiles = re.findall(r"story_(\d{3})\.jpg#xywh=(\d+),(\d+),(\d+),(\d+)", vtt)
    assert len(set(tiles)) == len(tiles) == plan.tiles
    for sheet, x, y, w, h in tiles:
        assert 1 <= int(sheet) <= plan.sheets
        assert int(x) + int(w) <= plan.columns * plan.tile_width
        assert int(y) + int(h) <= plan.rows * plan.tile_height


def test_no_cue_points_to_a_sheet_that_is_missing() -> None:
    plan = storyboard_for(duration=600, width=640, height=360)
    assert "story_002" not in storyboard_vtt(plan, duration=600, sheets=1)
