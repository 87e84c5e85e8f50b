from pathlib import Path

import pytest

from media_pipeline.room import OTHERS, memory_for_media, slots_that_fit

GB = 1_000_000_000


@pytest.mark.parametrize(
    ("wanted", "memory", "slots"),
    [(1, 9 * GB, 1), (4, 9 * GB, 4), (2, int(2.3 * GB), 1), (2, int(2.4 * GB), 2), (3, 0, 1)],
)
def test_no_second_recording_is_encoded_where_only_one_fits(
    wanted: int, memory: int, slots: int
) -> None:
    assert slots_that_fit(wanted, memory=memory) == slots


def test_a_containers_limit_counts_where_it_is_the_lower_one(tmp_path: Path) -> None:
    limit, unlimited = tmp_path / "memory.max", tmp_path / "unlimited"
    limit.write_text("3000000000\n")
    unlimited.write_text("max\n")
    assert memory_for_media([limit]) == 3 * GB - OTHERS
    assert memory_for_media([unlimited, tmp_path / "missing"]) > 0
