"""The files for weak lines, made by the real ffmpeg: what must come before the first picture, and
that picture and voice are those of the package.
"""

import struct
from pathlib import Path

import av
import pytest

from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.bubblewrap import Files
from media_pipeline.ffmpeg.ladder import Rung
from media_pipeline.ffmpeg.light import LOW, SOUND, light_sound_command, low_command
from media_pipeline.ffmpeg.outputs import MAKING
from media_pipeline.ffmpeg.runner import run

SECONDS = 30
RUNG = Rung("360p", 640, 360, 21, 280_000, 400_000)
# A second of a line of 400 kb/s.
LINE_SECOND = 50_000


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lowest rung and the shared sound as the ladder leaves them, with the light files."""
    folder = tmp_path_factory.mktemp("light")
    binary = ffmpeg_binary()
    source = f"smptebars=s=640x360:r=25:d={SECONDS}"
    hls = ["-f", "hls", "-hls_time", "4", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"]
    for name, codec in (
        (RUNG.name, ["-an", "-c:v", "libx264", "-preset", "ultrafast", "-g", "100"]),
        ("audio", ["-vn", "-c:a", "aac", "-b:a", "64k", "-ac", "2"]),
    ):
        (folder / name).mkdir()
        run(
            [
                *(binary, "-nostdin", "-v", "error", "-f", "lavfi", "-i", source),
                *("-f", "lavfi", "-i", f"sine=440:d={SECONDS}:r=48000", *codec, *hls, "index.m3u8"),
            ],
            files=None,
            cwd=folder / name,
        )
    (folder / MAKING).mkdir()
    for name, command in (
        (SOUND, light_sound_command(binary=binary)),
        (LOW, low_command(RUNG, has_audio=True, binary=binary)),
    ):
        run(command, files=Files(writes=folder), cwd=folder)
        (folder / MAKING / name).rename(folder / name)
    return folder


def boxes(path: Path) -> list[tuple[str, int, int]]:
    """(type, start, size) of every box on the outermost level."""
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        found.append((kind.decode(), at, size))
        at += size
    return found


def test_the_first_fragment_ends_within_a_second_of_a_weak_line(package: Path) -> None:
    kinds = [kind for kind, _, _ in boxes(package / LOW)]
    first = kinds.index("mdat")
    assert kinds[:first] == ["ftyp", "moov", "sidx", "sidx", "moof"]
    _, start, size = boxes(package / LOW)[first]
    assert start + size <= LINE_SECOND


def test_the_head_of_a_long_film_stays_small(package: Path) -> None:
    """It grows by its index alone, by 24 bytes a second."""
    heads = [size for kind, _, size in boxes(package / LOW) if kind in ("moov", "sidx")]
    assert heads[0] < 2_000
    assert sum(heads[1:]) <= 26 * (SECONDS + 3)


def test_sound_alone_needs_at_most_64_kb_a_second(package: Path) -> None:
    assert (package / SOUND).stat().st_size * 8 / SECONDS <= 64_000
    with av.open(str(package / SOUND)) as container:
        (stream,) = container.streams
        assert stream.codec_context.layout.nb_channels == 1


def test_picture_and_voice_begin_together_and_last_as_long_as_the_package(package: Path) -> None:
    with av.open(str(package / LOW)) as container:
        video, sound = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.width, video.codec_context.height) == (640, 360)
        assert container.duration is not None
        assert container.duration / 1_000_000 == pytest.approx(SECONDS, abs=0.1)
        starts = []
        for stream in (video, sound):
            container.seek(0)
            frame = next(container.decode(stream))
            assert frame.pts is not None
            starts.append(float(frame.pts * stream.time_base))
    assert abs(starts[0] - starts[1]) <= 0.04


def test_a_film_without_sound_has_a_light_film_without_sound() -> None:
    command = low_command(RUNG, has_audio=False, binary="ffmpeg")
    assert not [part for part in command if SOUND in part]
    assert command.count("-map") == 1
