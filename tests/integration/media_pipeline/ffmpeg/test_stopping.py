"""A whole job that is stopped, killed or fed a film that breaks: what the caller sees."""

import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from media_pipeline.ffmpeg import sound
from media_pipeline.ffmpeg import transcode as module
from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.ladder import Pace, ladder_for
from media_pipeline.ffmpeg.package import verify_package
from media_pipeline.ffmpeg.probe import probe
from media_pipeline.ffmpeg.refusals import MediaRefused, Refusal
from media_pipeline.ffmpeg.runner import (
    FailureReason,
    MediaProcessFailed,
    MediaProcessStopped,
    RunResult,
)
from media_pipeline.ffmpeg.transcode import transcode
from tests.integration.media_pipeline.ffmpeg.films import Made, film
from tests.processes import below, kill_below


@pytest.fixture(scope="module")
def long_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough work that something can happen in the middle of it."""
    return film(tmp_path_factory.mktemp("films") / "long.mp4", size="640x360", rate=30, seconds=20)


def test_a_stop_in_the_middle_leaves_no_process_and_no_master(
    long_film: Path, tmp_path: Path
) -> None:
    steps: list[str] = []
    with pytest.raises(MediaProcessStopped):
        transcode(
            source=long_film,
            facts=probe(long_film),
            out_dir=tmp_path / "out",
            on_step=lambda step, done: steps.append(step) if done > 0.03 else None,
            on_first_play=lambda path: None,
            should_stop=lambda: bool(steps),
            binary=ffmpeg_binary(),
        )
    assert below(word="ffmpeg") == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_a_killed_ffmpeg_is_reported_with_its_reason(long_film: Path, tmp_path: Path) -> None:
    def kill(step: str, done: float) -> None:
        if done > 0.03:
            kill_below(word="ffmpeg")

    with pytest.raises(MediaProcessFailed) as failed:
        transcode(
            source=long_film,
            facts=probe(long_film),
            out_dir=tmp_path / "out",
            on_step=kill,
            on_first_play=lambda path: None,
            should_stop=lambda: False,
            binary=ffmpeg_binary(),
        )
    assert failed.value.reason is FailureReason.KILLED
    assert below(word="ffmpeg") == []


def test_a_film_that_cannot_be_decoded_further_on_is_refused(lecture: Path, tmp_path: Path) -> None:
    """The probe decodes three places only; other faults show when the film is transcoded."""
    facts = probe(lecture)
    data = bytearray(lecture.read_bytes())
    data[len(data) // 4 :] = random.Random(1).randbytes(len(data) - len(data) // 4)
    (tmp_path / "hole.mp4").write_bytes(data)
    with pytest.raises(MediaRefused) as refused:
        transcode(
            source=tmp_path / "hole.mp4",
            facts=facts,
            out_dir=tmp_path / "out",
            on_step=lambda step, done: None,
            on_first_play=lambda path: None,
            should_stop=lambda: False,
            binary=ffmpeg_binary(),
        )
    assert refused.value.code is Refusal.DAMAGED


@pytest.mark.parametrize(
    "spoil",
    [
        lambda out: (out / "360p" / "seg_00001.m4s").unlink(),
        lambda out: (out / "360p" / "seg_00001.m4s").write_bytes(b""),
        lambda out: (out / "480p" / "seg_00000.m4s").write_bytes(
            (out / "480p" / "seg_00000.m4s").read_bytes()[:2000]
        ),
        lambda out: (out / "progressive.mp4").write_bytes(b"nothing"),
        lambda out: (out / "poster.jpg").unlink(),
        lambda out: shutil.copy(out / "360p" / "seg_00001.m4s", out / "360p" / "seg_00002.m4s"),
        lambda out: next((out / "audio").glob("init*")).unlink(),
    ],
    ids=["missing", "empty", "cut", "progressive", "poster", "misplaced", "init"],
)
def test_a_package_with_a_fault_does_not_pass(made: Made, tmp_path: Path, spoil: object) -> None:
    out = tmp_path / "out"
    shutil.copytree(made.out_dir, out)
    spoil(out)  # type: ignore[operator]
    rungs = ladder_for(width=made.facts.width, height=made.facts.height, pace=Pace.BUSY)
    with pytest.raises(MediaProcessFailed) as failed:
        verify_package(out, made.facts, rungs)
    assert failed.value.reason is FailureReason.BAD_OUTPUT


@pytest.mark.parametrize("tracks", ["*[pt]", "audio"])
def test_a_package_whose_pictures_or_sound_end_early_does_not_pass(
    made: Made, tmp_path: Path, tracks: str
) -> None:
    """Though the other one is whole, and with it the length of the film."""
    out = cut_short(made.out_dir, tmp_path / "out", tracks)
    rungs = ladder_for(width=made.facts.width, height=made.facts.height, pace=Pace.BUSY)
    with pytest.raises(MediaRefused) as refused:
        verify_package(out, made.facts, rungs)
    assert refused.value.code is Refusal.DAMAGED


def cut_short(package: Path, out: Path, tracks: str) -> Path:
    """A copy whose playlists of these tracks lack their last segment."""
    shutil.copytree(package, out)
    for playlist in out.glob(f"{tracks}/index.m3u8"):
        lines = playlist.read_text().splitlines()
        last = max(number for number, line in enumerate(lines) if line.startswith("#EXTINF"))
        playlist.write_text("\n".join([*lines[:last], "#EXT-X-ENDLIST", ""]))
    return out


def test_one_rung_that_ends_early_is_our_fault_and_not_the_films(
    made: Made, tmp_path: Path
) -> None:
    """So its original is kept, and made again from."""
    rungs = ladder_for(width=made.facts.width, height=made.facts.height, pace=Pace.BUSY)
    out = cut_short(made.out_dir, tmp_path / "out", rungs[-1].name)
    with pytest.raises(MediaProcessFailed) as failed:
        verify_package(out, made.facts, rungs)
    assert failed.value.reason == FailureReason.BAD_OUTPUT


def test_sound_with_a_broken_piece_is_not_taken_for_its_end(made: Made, tmp_path: Path) -> None:
    making = tmp_path / "making"
    shutil.copytree(made.out_dir / "audio", making)
    (making / "seg_00001.m4s").write_bytes(b"not a segment")
    with pytest.raises(MediaProcessFailed) as failed:
        sound._publish(tmp_path, making)
    assert failed.value.reason == FailureReason.BAD_OUTPUT
    assert not (tmp_path / "audio").exists()


def test_a_film_whose_survey_takes_too_long_goes_without_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, given = module.run, []

    def run(command: list[str], **limits: Any) -> RunResult:
        given.append(limits["wall_seconds"])
        if limits["wall_seconds"] == module.SURVEY_SECONDS:
            raise MediaProcessFailed(FailureReason.TOO_SLOW)
        return real(command, **limits)

    monkeypatch.setattr(module, "run", run)
    source = film(tmp_path / "film.mp4", size="320x180", rate=25, seconds=2)
    facts = transcode(
        source=source,
        facts=probe(source),
        out_dir=tmp_path / "out",
        on_step=lambda step, done: None,
        on_first_play=lambda path: None,
        should_stop=lambda: False,
        binary=ffmpeg_binary(),
    )
    assert given[0] == module.SURVEY_SECONDS
    assert facts.renditions
