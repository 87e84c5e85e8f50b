from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.ffmpeg.playlists import (
    MediaPlaylist,
    PlaylistError,
    Segment,
    SoundEntry,
    VideoEntry,
    average_bandwidth,
    master_playlist,
    media_playlist,
    peak_bandwidth,
    read_media_playlist,
)

NAMES = st.from_regex(r"[a-z0-9_]{1,8}\.m4s", fullmatch=True)
SECONDS = st.integers(min_value=1, max_value=9_000_000).map(lambda micros: micros / 1_000_000)
SEGMENTS = st.lists(st.builds(Segment, NAMES, SECONDS), min_size=1, max_size=20).map(tuple)
SOUND = SoundEntry("audio/index.m3u8", "mp4a.40.2", 2, 66_000, 64_000)


def video(width: int, height: int, rate: int) -> VideoEntry:
    return VideoEntry(
        f"{height}p/index.m3u8", "avc1.64001f", width, height, Fraction(30), rate, rate // 2
    )


@given(segments=SEGMENTS)
def test_a_written_playlist_reads_back_the_same(segments: tuple[Segment, ...]) -> None:
    for ended in (True, False):
        playlist = MediaPlaylist("init_0.mp4", segments, ended)
        assert read_media_playlist(media_playlist(playlist)) == playlist


@given(segments=SEGMENTS)
def test_no_segment_exceeds_the_target_duration(segments: tuple[Segment, ...]) -> None:
    target = MediaPlaylist("init_0.mp4", segments, ended=True).target_seconds
    assert all(segment.seconds < target + 0.5 for segment in segments)


@given(text=st.text())
def test_reading_any_text_gives_a_playlist_or_the_one_error(text: str) -> None:
    for candidate in (text, "#EXTM3U\n" + text):
        try:
            read_media_playlist(candidate)
        except PlaylistError:
            continue


@pytest.mark.parametrize("uri", ["../x.m4s", "/etc/passwd", "http://host/x", "a/b", ".hidden"])
def test_addresses_outside_the_directory_are_refused(uri: str) -> None:
    with pytest.raises(PlaylistError):
        read_media_playlist(f'#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:4,\n{uri}\n')


def test_a_growing_playlist_has_no_end() -> None:
    text = '#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:4.0,\nseg_00000.m4s\n'
    assert not read_media_playlist(text).ended


def test_the_master_counts_the_sound_into_every_rung() -> None:
    text = master_playlist([video(1280, 720, 900_000), video(640, 360, 200_000)], SOUND)
    assert "BANDWIDTH=266000,AVERAGE-BANDWIDTH=164000" in text
    assert "BANDWIDTH=966000,AVERAGE-BANDWIDTH=514000" in text


def test_the_master_begins_with_the_lowest_rung_and_ends_with_the_sound_alone() -> None:
    text = master_playlist([video(1280, 720, 900_000), video(640, 360, 200_000)], SOUND)
    variants = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert variants == ["360p/index.m3u8", "720p/index.m3u8", "audio/index.m3u8"]


def test_the_master_names_codecs_size_rate_and_language() -> None:
    text = master_playlist([video(640, 360, 200_000)], SOUND)
    assert 'CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=30.000' in text
    assert 'LANGUAGE="zh"' in text


def test_a_silent_film_has_no_sound_group() -> None:
    text = master_playlist([video(640, 360, 200_000)], None)
    assert "AUDIO" not in text
    assert 'CODECS="avc1.64001f"' in text


@given(
    parts=st.lists(
        st.tuples(st.integers(1, 10_000_000), st.floats(min_value=0.05, max_value=6)),
        min_size=1,
        max_size=30,
    )
)
def test_the_peak_is_never_below_the_average_of_even_segments(
    parts: list[tuple[int, float]],
) -> None:
    sizes, seconds = [size for size, _ in parts], [4.0 for _ in parts]
    assert peak_bandwidth(sizes, seconds, target=4) >= average_bandwidth(sizes, seconds)
    assert peak_bandwidth(sizes, [length for _, length in parts], target=4) > 0


def test_a_short_dense_last_segment_does_not_make_the_peak() -> None:
    assert peak_bandwidth([500_000, 500_000, 50_000], [4.0, 4.0, 0.1], target=4) < 1_100_000
