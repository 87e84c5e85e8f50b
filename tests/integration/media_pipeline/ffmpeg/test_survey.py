"""What the look at a film before its ladder finds on films as they come: slides that stand, a
hand's camera, a small film that somebody made large.
"""

from pathlib import Path

import pytest

from benchmarks.media.films import films
from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.ladder import Pace, ladder_for
from media_pipeline.ffmpeg.probe import probe
from media_pipeline.ffmpeg.runner import run
from media_pipeline.ffmpeg.survey import Survey, read_survey, survey_command
from tests.integration.media_pipeline.ffmpeg.films import X264, ffmpeg, make

pytestmark = pytest.mark.long
SECONDS = 12


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    work = tmp_path_factory.mktemp("films")
    found = films(work, folder=None, seconds=SECONDS, kinds=("slides", "handheld"))
    return {film.kind: film.path for film in found}


def survey(path: Path) -> Survey:
    command = survey_command(probe(path), source=path, binary=ffmpeg_binary())
    answer = run(command, files=None, wall_seconds=120)
    return read_survey(answer.stdout, answer.stderr_tail)


def test_slides_stand_still_and_a_camera_in_a_hand_is_busy(made: dict[str, Path]) -> None:
    assert survey(made["slides"]).pace is Pace.STILL
    assert survey(made["handheld"]).pace is Pace.BUSY


def test_a_small_film_that_was_made_large_gets_no_rung_of_its_size(
    made: dict[str, Path], tmp_path: Path
) -> None:
    small = "scale=640:360:flags=area,scale=1920:1080:flags=bicubic"
    ffmpeg(
        f"-i {made['handheld']} -vf {small} {X264} -crf 16 -c:a copy", str(tmp_path / "film.mp4")
    )
    assert survey(made["handheld"]).sharp
    found = survey(tmp_path / "film.mp4")
    assert not found.sharp
    rungs = ladder_for(width=1920, height=1080, pace=found.pace, sharp=found.sharp)
    assert max(rung.height for rung in rungs) <= 720


def test_slides_cost_a_part_of_what_a_film_from_a_hand_costs(
    made: dict[str, Path], tmp_path: Path
) -> None:
    slides, handheld = (
        make(made[kind], tmp_path / kind).package.bytes_total for kind in ("slides", "handheld")
    )
    assert slides < 0.3 * handheld
