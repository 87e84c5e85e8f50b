"""Films that several tests look at, transcoded once."""

from pathlib import Path

import pytest

from tests.integration.media_pipeline.ffmpeg.films import Made, film, make


@pytest.fixture(scope="session")
def lecture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine seconds, so three segments; busy, so three rungs; sound in stereo."""
    return film(
        tmp_path_factory.mktemp("films") / "lecture.mp4",
        size="854x480",
        rate=10,
        seconds=9,
        audio="-c:a aac -ac 2 -movflags +faststart",
    )


@pytest.fixture(scope="session")
def made(lecture: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The package of the lecture."""
    return make(lecture, tmp_path_factory.mktemp("package") / "100% 党课")
