from pathlib import Path

import imageio_ffmpeg
import pytest

from media_pipeline.ffmpeg.binary import ffmpeg_binary


@pytest.fixture(autouse=True)
def _no_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FFMPEG_BINARY", raising=False)


def test_by_default_the_shipped_one_is_used() -> None:
    assert ffmpeg_binary() == imageio_ffmpeg.get_ffmpeg_exe()


def test_the_environment_may_name_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FFMPEG_BINARY", "sh")
    assert Path(ffmpeg_binary()).is_absolute()
    assert Path(ffmpeg_binary()).name == "sh"


def test_a_choice_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FFMPEG_BINARY", "/nowhere")
    assert ffmpeg_binary("/bin/sh") == "/bin/sh"


def test_a_program_that_is_not_there_is_said_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FFMPEG_BINARY", "/nowhere/ffmpeg")
    with pytest.raises(FileNotFoundError, match="/nowhere/ffmpeg"):
        ffmpeg_binary()
