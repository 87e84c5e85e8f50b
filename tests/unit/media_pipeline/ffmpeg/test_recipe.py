from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.ffmpeg.facts import (
    MAX_PIXELS,
    NO_STREAM,
    TRANSFER_HLG,
    TRANSFER_PQ,
    AudioFacts,
    SourceFacts,
)
from media_pipeline.ffmpeg.ladder import ladder_for
from media_pipeline.ffmpeg.loudness import Treatment
from media_pipeline.ffmpeg.recipe import (
    ladder_command,
    measure_command,
    pictures_command,
    progressive_command,
    progressive_rung,
    remux_preview_command,
    small_preview_command,
    sound_command,
)
from media_pipeline.ffmpeg.sniff import Container
from media_pipeline.ffmpeg.survey import survey_command

VOICE = AudioFacts(2, "aac", "LC", 2, 48_000, 0.0, 60.0)
FACTS = SourceFacts(
    container=Container.MOV,
    bytes=1_000_000,
    duration=60.0,
    width=1920,
    height=1080,
    rotation=0,
    fps=Fraction(30),
    is_vfr=False,
    video_index=1,
    video_codec="h264",
    video_profile="High",
    pix_fmt="yuv420p",
    interlaced=False,
    color_range=1,
    color_matrix=1,
    color_transfer=1,
    color_primaries=1,
    video_start=0.0,
    video_end=60.0,
    keyframe_gap=1.0,
    audio=VOICE,
)
SOURCE = Path("/data/-i http:evil %d.mp4")


def ladder(facts: SourceFacts = FACTS, first: int = 0) -> list[str]:
    rungs = ladder_for(width=facts.width, height=facts.height)
    return ladder_command(facts, rungs, source=SOURCE, binary="/bin/ffmpeg", first=first)


AS_IT_IS = Treatment()


def sound(facts: SourceFacts = FACTS, treatment: Treatment = AS_IT_IS) -> list[str]:
    return sound_command(facts, treatment, source=SOURCE, binary="/bin/ffmpeg")


def graph(facts: SourceFacts) -> str:
    return value(ladder(facts), "-filter_complex")


def value(command: list[str], option: str) -> str:
    return command[command.index(option) + 1]


@pytest.mark.parametrize(
    "command",
    [
        ladder(),
        ladder(first=9),
        sound(),
        measure_command(FACTS, source=SOURCE, binary="/bin/ffmpeg"),
        survey_command(
            replace(FACTS, duration=4.0, video_end=4.0), source=SOURCE, binary="/bin/ffmpeg"
        ),
        remux_preview_command(FACTS, source=SOURCE, folder="preview", binary="/bin/ffmpeg"),
        small_preview_command(
            FACTS,
            ladder_for(width=640, height=360)[0],
            source=SOURCE,
            folder="preview",
            binary="/bin/ffmpeg",
        ),
    ],
)
def test_the_film_is_one_absolute_file_for_one_demuxer(command: list[str]) -> None:
    assert command[0] == "/bin/ffmpeg"
    assert command.count("-i") == 1
    assert value(command, "-i") == str(SOURCE)
    before = command[: command.index("-i")]
    assert value(before, "-protocol_whitelist") == "file"
    assert value(before, "-format_whitelist") == "mov"
    assert {"h264", "hevc", "aac"} < set(value(before, "-codec_whitelist").split(","))
    assert int(value(before, "-max_streams")) <= 64
    assert int(value(before, "-max_pixels")) == MAX_PIXELS


@given(
    width=st.integers(64, 4096),
    height=st.integers(64, 2304),
    fps=st.fractions(5, 120, max_denominator=100),
    duration=st.floats(1, 14_000),
    voice=st.booleans(),
)
def test_every_rung_has_its_limits_and_all_have_the_same_keyframes(
    width: int, height: int, fps: Fraction, duration: float, voice: bool
) -> None:
    facts = replace(
        FACTS,
        width=width,
        height=height,
        fps=fps,
        duration=duration,
        video_end=duration,
        audio=replace(VOICE, end=duration) if voice else None,
    )
    rungs = ladder_for(width=width, height=height)
    command = ladder_command(facts, rungs, source=SOURCE, binary="ffmpeg")
    for number, rung in enumerate(rungs):
        assert value(command, f"-maxrate:v:{number}") == str(rung.maxrate)
    assert command.count("-g") == 1
    assert value(command, "-g") == value(command, "-keyint_min")
    assert len(value(command, "-var_stream_map").split()) == len(rungs)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"interlaced": True}, "yadif"),
        ({"color_transfer": TRANSFER_PQ}, "transferin=smpte2084"),
        ({"color_transfer": TRANSFER_HLG}, "transferin=arib-std-b67"),
        ({"color_matrix": 6}, "ispace=smpte170m"),
        ({"color_matrix": 2, "width": 640, "height": 480}, "ispace=smpte170m"),
        ({"color_matrix": 9}, "iprimaries=bt2020"),
        ({"pix_fmt": "yuvj420p"}, "in_range=pc"),
        ({"color_range": 2}, "in_range=pc"),
        ({"pix_fmt": "gbrp", "color_matrix": 0}, "out_color_matrix=bt709"),
        ({"video_end": 50.0}, "tpad=stop_duration=10"),
        ({"fps": Fraction(60)}, "fps=fps=30/1"),
    ],
)
def test_the_picture_is_treated_as_it_needs(change: dict[str, object], part: str) -> None:
    assert part in graph(replace(FACTS, **change))  # type: ignore[arg-type]
    assert part not in graph(replace(FACTS, fps=Fraction(25)))


@pytest.mark.parametrize(("channels", "layout"), [(1, "mono"), (2, "stereo"), (6, "stereo")])
def test_the_sound_is_mono_or_stereo(channels: int, layout: str) -> None:
    facts = replace(FACTS, audio=replace(VOICE, channels=channels))
    assert f"channel_layouts={layout}" in value(sound(facts), "-filter_complex")


def test_the_sound_gets_the_gain_and_the_limit_it_needs() -> None:
    assert "volume" not in value(sound(), "-filter_complex")
    treated = value(sound(FACTS, Treatment(7.5, -3.0)), "-filter_complex")
    assert "volume=7.50dB" in treated
    assert "aresample=192000" in treated
    assert "alimiter=attack=5:level=0:limit=0.7079" in treated


@pytest.mark.parametrize(
    ("change", "first", "seek"),
    [
        ({}, 0, None),
        ({}, 1, 1.0),  # 4 s, a second between keyframes, two to be sure
        ({"keyframe_gap": 10.0}, 5, 8.0),
        ({"keyframe_gap": 30.0}, 5, None),
        ({"container": Container.MATROSKA}, 5, 17.0),
        ({"container": Container.MPEGTS}, 5, None),
        ({"video_end": 30.0}, 12, 27.0),  # nothing but a still follows
    ],
)
def test_a_later_segment_is_reached_from_a_keyframe_well_before(
    change: dict[str, object], first: int, seek: float | None
) -> None:
    command = ladder(replace(FACTS, **change), first)  # type: ignore[arg-type]
    before = command[: command.index("-i")]
    assert ("-ss" in before) is (seek is not None)
    assert ("-copyts" in command) is (seek is not None)
    if seek is not None:
        assert float(value(before, "-ss")) == seek
        assert "-noaccurate_seek" in before


def test_pictures_before_a_later_segment_are_dropped_before_they_are_scaled() -> None:
    parts = value(ladder(first=9), "-filter_complex").split(";")
    assert "fps=fps=30/1:start_time=36.000000" in parts[0]


def test_a_tolerated_share_of_faults_is_that_of_the_whole_film() -> None:
    assert value(ladder(), "-max_error_rate") == "0.1000"
    assert value(ladder(first=12), "-max_error_rate") == "0.5000"


def test_the_small_pictures_are_taken_from_keyframes_unless_there_are_few() -> None:
    rungs = ladder_for(width=1920, height=1080)
    command = pictures_command(FACTS, rungs, every=1.0, binary="ffmpeg")
    assert value(command, "-skip_frame") == value(command, "-discard") == "nokey"
    assert "tile=layout=6x3" in value(command, "-filter_complex")
    short = pictures_command(replace(FACTS, duration=9.0), rungs, every=1.0, binary="ffmpeg")
    assert "-skip_frame" not in short
    assert "-discard" not in short


def test_the_progressive_film_is_a_copy_of_at_most_720_lines() -> None:
    rung = progressive_rung(ladder_for(width=1080, height=1920))
    assert rung.name == "720p"
    command = progressive_command(rung, has_audio=True, binary="ffmpeg")
    assert [command[n + 1] for n, part in enumerate(command) if part == "-i"] == [
        "720p/index.m3u8",
        "audio/index.m3u8",
    ]
    assert value(command, "-c") == "copy"


@pytest.mark.parametrize(
    "change",
    [
        {"video_codec": "hevc"},
        {"pix_fmt": "yuv420p10le"},
        {"pix_fmt": "yuv444p"},
        {"width": 3840, "height": 2160},
        {"container": Container.AVI},
        {"interlaced": True},
        {"color_transfer": TRANSFER_HLG},
        {"audio": replace(VOICE, codec="opus")},
    ],
)
def test_only_plain_films_are_copied_for_a_first_look(change: dict[str, object]) -> None:
    assert FACTS.can_remux
    assert replace(FACTS, audio=None, width=1080, height=1920, rotation=-90).can_remux
    assert not replace(FACTS, **change).can_remux  # type: ignore[arg-type]


def test_tracks_that_are_not_taken_do_not_set_the_clock() -> None:
    assert value(ladder(replace(FACTS, lead=2.0)), "-itsoffset") == "-2.0"
    assert "-itsoffset" not in ladder()


@pytest.mark.parametrize(("index", "picture"), [(1, "[0:1]"), (NO_STREAM, "drawbox")])
def test_a_lecture_of_sound_shows_its_cover_or_a_still_as_long_as_it_lasts(
    index: int, picture: str
) -> None:
    facts = replace(FACTS, sound_only=True, video_index=index, fps=Fraction(10))
    shown = graph(facts)
    assert picture in shown
    assert "loop=loop=-1:size=1" in shown
    assert "trim=end=59.95" in shown
    assert "tpad" not in shown
