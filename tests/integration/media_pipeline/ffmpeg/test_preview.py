"""What the uploader can play before there is a package."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.boxes import InitFacts, child_boxes, find_box, read_segment
from media_pipeline.ffmpeg.playlists import read_media_playlist
from media_pipeline.ffmpeg.preview import preview
from media_pipeline.ffmpeg.probe import probe
from media_pipeline.ffmpeg.runner import MediaProcessStopped
from tests.integration.media_pipeline.ffmpeg.films import (
    X264,
    bright_from,
    ffmpeg,
    film,
    loud_from,
)
from tests.processes import below

LIST = "preview/index.m3u8"


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def show(
    source: Path,
    out_dir: Path,
    *,
    on_first_play: Callable[[str], None] = lambda path: None,
    should_stop: Callable[[], bool] = lambda: False,
    most_seconds: float | None = None,
) -> tuple[list[str], list[tuple[str, float]]]:
    """What was announced, and the steps."""
    announced: list[str] = []
    steps: list[tuple[str, float]] = []

    def announce(path: str) -> None:
        announced.append(path)
        on_first_play(path)

    preview(
        source=source,
        facts=probe(source),
        out_dir=out_dir,
        on_step=lambda step, done: steps.append((step, done)),
        on_first_play=announce,
        should_stop=should_stop,
        binary=ffmpeg_binary(),
        most_seconds=most_seconds,
    )
    return announced, steps


def streams(path: Path) -> str:
    """Codec, profile and size of the first picture stream, as ffmpeg tells them."""
    return ffmpeg("-i", str(path), *["-map", "0:v", "-c", "copy", "-f", "framehash", "-"]).decode()


def clapper(path: Path, *, video: str, audio: str, late: float = 0) -> Path:
    """A flash and a beep at three seconds; the picture may begin later than the sound."""
    ffmpeg(
        "-f lavfi -i color=black:s=320x180:r=30:d=6 -f lavfi -i",
        "aevalsrc=0.5*gte(t\\,3)*sin(2000*t):s=48000:d=6",
        "-vf",
        f"trim=start={late},drawbox=c=white:t=fill:enable=gte(t\\,3)",
        *f"-copyts {video} {audio}".split(),
        str(path),
    )
    return path


def begins(folder: Path) -> list[float]:
    """Seconds at which picture and sound begin, as a browser reads them from the first segment:
    ffmpeg itself shows pictures that are stored out of order later than they are meant.
    """
    moov = find_box((folder / "init.mp4").read_bytes(), b"moov") or b""
    ticks = [
        int.from_bytes((find_box(moov[trak.body : trak.end], b"mdia", b"mdhd") or b"")[12:16])
        for trak in child_boxes(moov)
        if trak.kind == b"trak"
    ]
    moof = find_box((folder / "seg_00000.m4s").read_bytes(), b"moof") or b""
    facts = [
        read_segment(box(b"moof", moof[traf.start : traf.end]), InitFacts("", "", 1))
        for traf in child_boxes(moof)
        if traf.kind == b"traf"
    ]
    return [fact.presentation_time / tick for fact, tick in zip(facts, ticks, strict=True)]


@pytest.mark.parametrize(
    ("audio", "name", "late"),
    [("-c:a aac", "plain.mp4", 0), ("-c:a aac", "late.mp4", 0.8), ("-c:a aac", "camera.ts", 0)],
    ids=["plain", "late", "ts"],
)
def test_copied_sound_and_pictures_stay_together(
    tmp_path: Path, audio: str, name: str, late: float
) -> None:
    source = clapper(tmp_path / name, video=f"{X264} -bf 3 -g 10", audio=audio, late=late)
    announced, steps = show(source, tmp_path / "out")
    assert announced == [LIST]
    assert (steps[0], steps[-1]) == (("preview", 0.0), ("preview", 1.0))
    playlist = read_media_playlist((tmp_path / "out" / LIST).read_text())
    assert playlist.ended
    assert abs(playlist.seconds + late - 6) < 0.1
    picture, sound = begins(tmp_path / "out" / "preview")
    assert abs(picture - sound - late) < 0.04  # the encoder's run-up is in there: 21 ms


def test_encoded_sound_and_pictures_are_together(tmp_path: Path) -> None:
    source = clapper(
        tmp_path / "film.mkv", video="-c:v mpeg4 -g 30", audio="-c:a libopus", late=0.8
    )
    show(source, tmp_path / "out")
    shown = tmp_path / "out" / LIST
    assert abs(read_media_playlist(shown.read_text()).seconds - 6) < 0.1
    assert abs(bright_from(shown) - loud_from(shown)) < 0.04


def test_a_plain_film_is_copied_and_cut_at_its_own_keyframes(tmp_path: Path) -> None:
    source = film(tmp_path / "film.mp4", rate=10, seconds=9, video=f"{X264} -g 25")
    show(source, tmp_path / "out")
    playlist = read_media_playlist((tmp_path / "out" / LIST).read_text())
    assert [round(segment.seconds, 2) for segment in playlist.segments] == [2.5, 2.5, 2.5, 1.5]
    first, second = (
        [line.split(",")[-1].strip() for line in streams(path).splitlines() if line[0] != "#"]
        for path in (source, tmp_path / "out" / LIST)
    )
    assert first == second  # the very same packets


def test_another_film_is_shown_small(tmp_path: Path) -> None:
    source = film(tmp_path / "film.mp4", size="1280x720", rate=10, video="-c:v mpeg4", seconds=3)
    show(source, tmp_path / "out")
    assert "#dimensions 0: 640x360" in streams(tmp_path / "out" / LIST)


@pytest.mark.parametrize("video", [f"{X264} -g 15", "-c:v mpeg4 -g 15"], ids=["copied", "small"])
def test_of_a_film_the_beginning_can_be_had_alone(tmp_path: Path, video: str) -> None:
    source = film(tmp_path / "film.mp4", seconds=12, video=video)
    show(source, tmp_path / "out", most_seconds=4)
    text = (tmp_path / "out" / LIST).read_text()
    assert text.rstrip().endswith("#EXT-X-ENDLIST")
    assert 3.5 <= read_media_playlist(text).seconds <= 6


def test_a_film_with_keyframes_far_apart_is_not_copied(tmp_path: Path) -> None:
    """Its first segment would be as long, and heavy to load."""
    source = film(tmp_path / "film.mp4", size="854x480", rate=5, seconds=14, video=f"{X264} -g 99")
    show(source, tmp_path / "out")
    assert "#dimensions 0: 640x360" in streams(tmp_path / "out" / LIST)


def test_the_first_segment_plays_while_the_rest_is_made(tmp_path: Path) -> None:
    source = film(
        tmp_path / "film.mp4", size="854x480", rate=30, seconds=15, video="-c:v mpeg4 -q:v 9"
    )
    growing: list[bool] = []

    def look(path: str) -> None:
        text = (tmp_path / "out" / path).read_text()
        growing.append("#EXT-X-PLAYLIST-TYPE:EVENT" in text and "#EXT-X-ENDLIST" not in text)
        ffmpeg("-xerror -i", str(tmp_path / "out" / path), *["-t", "1", "-f", "null", "-"])

    show(source, tmp_path / "out", on_first_play=look)
    assert growing == [True]


def test_a_stop_keeps_what_plays_and_leaves_no_process(tmp_path: Path) -> None:
    source = film(
        tmp_path / "film.mp4", size="854x480", rate=30, seconds=15, video="-c:v mpeg4 -q:v 9"
    )
    playable: list[str] = []
    with pytest.raises(MediaProcessStopped):
        show(
            source,
            tmp_path / "out",
            on_first_play=playable.append,
            should_stop=lambda: bool(playable),
        )
    assert playable == [LIST]
    assert below(word="ffmpeg") == []
    ffmpeg("-i", str(tmp_path / "out" / LIST), *["-t", "1", "-f", "null", "-"])


def test_what_does_not_fit_into_segments_is_encoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = film(tmp_path / "film.mp4", seconds=3)
    monkeypatch.setattr(
        "media_pipeline.ffmpeg.preview.remux_preview_command",
        lambda *_, binary, **__: [binary, "-nostdin", "-progress", "pipe:1", "-i", "missing"],
    )
    announced, _ = show(source, tmp_path / "out")
    assert announced == [LIST]
    assert read_media_playlist((tmp_path / "out" / LIST).read_text()).ended
