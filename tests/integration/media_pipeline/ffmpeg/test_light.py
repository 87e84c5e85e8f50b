"""The files for weak lines, made by the real ffmpeg: what must come before the first picture, and
that picture and voice are those of the package.
"""

import itertools
import shutil
import struct
from fractions import Fraction
from pathlib import Path

import av
import pytest

from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.boxes import BoxError
from media_pipeline.ffmpeg.bubblewrap import Files
from media_pipeline.ffmpeg.fragments import add_index
from media_pipeline.ffmpeg.ladder import GOP_SECONDS, Rung
from media_pipeline.ffmpeg.light import (
    BEGINNING,
    BLOCK,
    LOW,
    LOW_PLAYLIST,
    OPENING,
    OPENING_PICTURES,
    SOUND,
    beginning_command,
    light_sound_command,
    low_command,
    opened_playlist,
    opening_command,
)
from media_pipeline.ffmpeg.outputs import MAKING, opening_options
from media_pipeline.ffmpeg.runner import run

SECONDS = 18
RUNG = Rung("360p", 640, 360, 21, 280_000, 400_000)


def options(values: dict[str, object]) -> list[str]:
    return [part for name, value in values.items() for part in (f"-{name}", str(value))]


@pytest.fixture(scope="module", params=[10, 25], ids=["slides", "film"])
def rate(request: pytest.FixtureRequest) -> Fraction:
    return Fraction(request.param)


@pytest.fixture(scope="module")
def package(rate: Fraction, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lowest rung and the shared sound as the ladder leaves them, with the light files."""
    folder = tmp_path_factory.mktemp("light")
    binary = ffmpeg_binary()
    rung = opening_options(RUNG.name, RUNG, rate, maxrate=RUNG.maxrate, bufsize=RUNG.bufsize) | {
        "hls_time": 1,
        "hls_playlist_type": "vod",  # as a finished rung; else it would not begin at 0
        "pix_fmt": "yuv420p",
    }
    sound = {"c:a": "aac", "b:a": 64_000, "ac": 2, "f": "hls", "hls_time": 4, "hls_list_size": 0}
    sound |= {"hls_segment_type": "fmp4", "hls_segment_filename": "audio/seg_%05d.m4s"}
    for source, name, values in (
        (f"testsrc2=s=640x360:r={rate}:d={SECONDS}", RUNG.name, rung),
        (f"sine=440:d={SECONDS}:r=48000", "audio", sound),
    ):
        (folder / name).mkdir()
        begin = [binary, "-nostdin", "-v", "error", "-f", "lavfi", "-i", source]
        run([*begin, *options(values), f"{name}/index.m3u8"], files=None, cwd=folder)
    (folder / MAKING / OPENING).mkdir(parents=True)

    def made(command: list[str]) -> None:
        run(command, files=Files(writes=folder), cwd=folder)

    made(light_sound_command(SECONDS, binary=binary))
    add_index(folder / MAKING / SOUND, folder / SOUND)
    made(opening_command(RUNG, rate, binary=binary))
    (folder / LOW_PLAYLIST).write_text(opened_playlist(folder, RUNG))
    made(low_command(has_audio=True, binary=binary))
    made(beginning_command(rate, binary=binary))
    add_index(folder / MAKING / LOW, folder / LOW, opening=folder / MAKING / BEGINNING)
    return folder


def boxes(path: Path) -> list[tuple[str, int, int]]:
    """(type, start, size) of every box on the outermost level."""
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        found.append((kind.decode(), at, size))
        at += size
    return found


def index(path: Path) -> list[tuple[int, float]]:
    """(place, seconds) of every entry, and the place where the last one ends."""
    data = path.read_bytes()
    (start, size) = next((at, size) for kind, at, size in boxes(path) if kind == "sidx")
    timescale = struct.unpack_from(">I", data, start + 16)[0]
    count = struct.unpack_from(">H", data, start + 38)[0]
    at, found = start + size, []
    for number in range(count):
        length, duration = struct.unpack_from(">II", data, start + 40 + 12 * number)
        found.append((at, duration / timescale))
        at += length
    return [*found, (at, 0.0)]


def test_the_pictures_that_chromium_wants_lie_in_the_first_block(package: Path) -> None:
    with av.open(str(package / LOW)) as container:
        packets = container.demux(video=0)
        last = [next(packets) for _ in range(OPENING_PICTURES)][-1]
        assert last.pos is not None
        assert last.pos + last.size <= BLOCK


def test_the_head_of_a_long_film_stays_small(package: Path) -> None:
    """It grows by its index alone, by an entry for each segment."""
    heads = {kind: size for kind, _, size in boxes(package / LOW) if kind in ("moov", "sidx")}
    assert heads["moov"] < 2_000
    assert heads["sidx"] <= 40 + 12 * (SECONDS // GOP_SECONDS + 1)


@pytest.mark.parametrize("name", [LOW, SOUND])
def test_the_index_ends_with_the_file_so_that_nobody_looks_for_more(
    package: Path, name: str
) -> None:
    kinds = [kind for kind, _, _ in boxes(package / name)]
    assert kinds[:4] == ["ftyp", "moov", "sidx", "moof"]
    assert kinds.count("sidx") == 1
    assert "mfra" not in kinds
    entries = index(package / name)
    assert entries[-1][0] == (package / name).stat().st_size
    assert sum(seconds for _, seconds in entries) == pytest.approx(SECONDS, abs=0.1)


def test_every_entry_of_the_index_begins_with_a_keyframe(package: Path, rate: Fraction) -> None:
    """Each with a picture that is decoded in the second that it names, and seen two later."""
    whole = (package / LOW).read_bytes()
    head = whole[: next(at for kind, at, _ in boxes(package / LOW) if kind == "sidx")]
    second = 0.0
    for at, seconds in index(package / LOW)[:-1]:
        part = package / "part.mp4"
        part.write_bytes(head + whole[at:])
        with av.open(str(part)) as container:
            frame = next(container.decode(video=0))
            assert frame.key_frame
            assert frame.time == pytest.approx(
                second + (2 / float(rate) if second else 0), abs=0.01
            )
        second += seconds


@pytest.mark.parametrize("read", [0, 2.5, 11])
@pytest.mark.parametrize("wanted", [0, 3.9, 4, 4.1, 7.99, 12, 17.5])
def test_a_jump_lands_on_the_keyframe_before(
    package: Path, rate: Fraction, wanted: float, read: float
) -> None:
    """By ffmpeg's own demuxer, which Chromium contains, wherever the film was read until then; a
    keyframe every four seconds. Sound goes on from when that is decoded, or just before.
    """
    with av.open(str(package / LOW)) as container:
        video = container.streams.video[0]
        assert video.time_base is not None
        for packet in container.demux(video):
            assert packet.pts is not None
            if packet.pts * video.time_base >= read:
                break
        container.seek(round(wanted / video.time_base), stream=video)
        landed = {}
        for packet in container.demux():
            assert packet.pts is not None
            landed.setdefault(packet.stream.type, packet)
            if len(landed) == 2:
                break
    key = wanted // GOP_SECONDS * GOP_SECONDS
    assert landed["video"].is_keyframe
    times = {kind: float(packet.pts * packet.time_base) for kind, packet in landed.items()}
    assert times["video"] == key
    assert -0.05 <= times["audio"] - max(0, key - 2 / rate) <= 0


def test_the_voice_alone_is_jumped_into(package: Path) -> None:
    with av.open(str(package / SOUND)) as container:
        (stream,) = container.streams
        container.seek(round(13 / stream.time_base), stream=stream)
        packet = next(container.demux())
        assert float(packet.pts * packet.time_base) == pytest.approx(13, abs=0.05)


def test_picture_and_voice_take_turns_at_the_beginning(package: Path) -> None:
    """What is heard lies at most a second of film away from what is seen then."""
    reached = {"video": 0.0, "audio": 0.0}
    for _, kind, second in sorted(packets(package / LOW)):
        if second < GOP_SECONDS - 1:
            reached[kind] = second
            assert abs(reached["video"] - reached["audio"]) <= 1


def test_later_fragments_have_their_voice_first(package: Path) -> None:
    for at, _ in index(package / LOW)[1:-1]:
        after = sorted(packet for packet in packets(package / LOW) if packet[0] > at)
        assert [kind for _, kind, _ in after[:80]] == ["audio"] * 80


@pytest.mark.parametrize("jumps", [(12, 0), (16, 9), (13, 5, 1), (9, 17, 10, 2, 14, 6), (17, 4, 0)])
def test_after_jumps_to_and_fro_the_film_goes_on_in_order(
    package: Path, rate: Fraction, jumps: tuple[int, ...]
) -> None:
    """To the end, over what was read before and what was not; each time a second is played."""
    with av.open(str(package / LOW)) as container:
        video, sound = container.streams.video[0], container.streams.audio[0]
        assert video.time_base is not None
        step = {"video": round(1 / rate / video.time_base), "audio": 1024}
        for number, second in enumerate(jumps):
            container.seek(round(second / video.time_base), stream=video)
            last: dict[str, int] = {}
            for packet in container.demux(video, sound):
                kind = packet.stream.type
                if packet.dts is None:
                    break
                if kind == "video" and kind not in last:
                    assert packet.is_keyframe
                    assert packet.pts * video.time_base == second // GOP_SECONDS * GOP_SECONDS
                assert packet.dts - last.get(kind, packet.dts - step[kind]) == step[kind]
                last[kind] = packet.dts
                is_played = "video" in last and packet.dts * packet.time_base > second + 1
                if is_played and number < len(jumps) - 1:
                    break
        assert last["video"] * video.time_base > SECONDS - 1
        assert last["audio"] * sound.time_base > SECONDS - 1


def test_the_voice_is_silent_to_the_end_where_the_sound_ends_before(
    package: Path, tmp_path: Path
) -> None:
    shutil.copytree(package, tmp_path / "film")
    command = light_sound_command(SECONDS + 9, binary=ffmpeg_binary())
    run(command, files=Files(writes=tmp_path / "film"), cwd=tmp_path / "film")
    with av.open(str(tmp_path / "film" / MAKING / SOUND)) as container:
        assert container.duration is not None
        assert container.duration / 1_000_000 == pytest.approx(SECONDS + 9, abs=0.1)


def packets(film: Path) -> list[tuple[int, str, float]]:
    """(place, kind, second of decoding) of each."""
    with av.open(str(film)) as container:
        return [
            (packet.pos, packet.stream.type, float(packet.dts * packet.time_base))
            for packet in container.demux()
            if packet.dts is not None and packet.pos is not None
        ]


def test_the_film_goes_on_after_its_opening_without_a_gap(package: Path, rate: Fraction) -> None:
    with av.open(str(package / LOW)) as container:
        times = [frame.time for frame in container.decode(video=0)]
    steps = [after - before for before, after in itertools.pairwise(times)]
    assert len(times) == SECONDS * rate
    assert max(steps) == pytest.approx(float(1 / rate), abs=0.001)
    assert min(steps) == pytest.approx(float(1 / rate), abs=0.001)


def test_the_opening_is_left_out_where_no_decoder_would_go_on_from_it(
    package: Path, tmp_path: Path
) -> None:
    shutil.copytree(package, tmp_path / "other")
    init = tmp_path / "other" / MAKING / OPENING / "init.mp4"
    data = init.read_bytes()
    at = data.index(b"avcC") + 8
    init.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    assert OPENING in opened_playlist(package, RUNG)
    assert OPENING not in opened_playlist(tmp_path / "other", RUNG)


def test_a_file_that_ends_in_the_middle_gets_no_index(package: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes((package / LOW).read_bytes()[:-100])
    with pytest.raises(BoxError):
        add_index(cut, tmp_path / "out.mp4")


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
    command = low_command(has_audio=False, binary="ffmpeg")
    assert not [part for part in command if SOUND in part]
    assert command.count("-map") == 1
