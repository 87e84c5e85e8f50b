"""What the samples of a film say about it, and that they come from the film alone."""

from dataclasses import replace

import pytest

from media_pipeline.ffmpeg.ladder import Pace
from media_pipeline.ffmpeg.sniff import Container
from media_pipeline.ffmpeg.survey import Survey, read_survey, survey_command
from tests.unit.media_pipeline.ffmpeg.test_recipe import FACTS, SOURCE, value

LIKE = "[Parsed_psnr_30 @ 0x1] PSNR y:45.1 u:46.1 v:45.9 average:45.4 min:{} max:49.3"


def packets(*sizes: int) -> bytes:
    """A keyframe and what follows, as framecrc prints them."""
    lines = ["#tb 0: 1/30", "#dimensions 0: 640x360", "0, 0, 0, 1, 40000, 0x2f9c9d38"]
    lines += [f"0, {n}, {n}, 1, {size:8d}, 0x0a{n:06x}, F=0x0" for n, size in enumerate(sizes, 1)]
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("sizes", "pace"),
    [
        ([30, 40, 50], Pace.STILL),
        ([30, 40, 60_000, 20, 35], Pace.STILL),  # a page is turned
        ([1_200, 1_100, 1_300], Pace.CALM),
        ([4_000, 5_000, 6_000], Pace.BUSY),
    ],
)
def test_the_middle_one_of_the_later_pictures_tells_the_pace(sizes: list[int], pace: Pace) -> None:
    assert read_survey(packets(*sizes), "").pace is pace


@pytest.mark.parametrize(("likeness", "sharp"), [("44.4", True), ("51.0", False), ("inf", False)])
def test_a_picture_that_survives_being_made_smaller_is_not_sharp(
    likeness: str, sharp: bool
) -> None:
    assert read_survey(packets(40), LIKE.format(likeness)).sharp is sharp


def test_a_film_that_says_nothing_is_taken_for_a_usual_one() -> None:
    assert read_survey(b"", "") == Survey(Pace.CALM, sharp=True)
    assert read_survey(packets(), "") == Survey(Pace.CALM, sharp=True)


def test_samples_come_from_across_the_film_each_from_a_keyframe() -> None:
    command = survey_command(FACTS, source=SOURCE, binary="ffmpeg")
    starts = [float(command[n + 1]) for n, part in enumerate(command) if part == "-ss"]
    assert starts == [7.5, 22.5, 37.5, 52.5]
    assert command.count("-noaccurate_seek") == 4
    assert command.count("-protocol_whitelist") == command.count("-i") == 4


@pytest.mark.parametrize("change", [{"container": Container.MPEGTS}, {"video_end": 3.0}])
def test_what_cannot_be_entered_further_on_is_sampled_at_its_beginning(
    change: dict[str, object],
) -> None:
    command = survey_command(replace(FACTS, **change), source=SOURCE, binary="ffmpeg")  # type: ignore[arg-type]
    assert command.count("-i") == 1


def test_larger_pictures_are_not_opened_four_at_a_time() -> None:
    facts = replace(FACTS, width=3840, height=2160)
    command = survey_command(facts, source=SOURCE, binary="ffmpeg")
    assert command.count("-i") == 1
    assert value(command, "-ss") == "30.0"


def test_only_a_large_film_is_asked_whether_it_is_sharp() -> None:
    large = survey_command(FACTS, source=SOURCE, binary="ffmpeg")
    small = survey_command(replace(FACTS, width=1280, height=720), source=SOURCE, binary="ffmpeg")
    assert "psnr" in value(large, "-filter_complex")
    assert "psnr" not in value(small, "-filter_complex")
