"""HLS playlists as text (RFC 8216): reading what ffmpeg wrote, writing what is published. Pure.

The published lists are our own: ffmpeg leaves the sound out of BANDWIDTH and gives no FRAME-RATE,
and a wrong BANDWIDTH makes players on weak lines choose a rung that stalls. All URIs are relative,
so they inherit the signed prefix under which the master was asked for.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")


class PlaylistError(ValueError):
    """The text is not a playlist of ours."""


@dataclass(frozen=True)
class Segment:
    uri: str
    seconds: float


@dataclass(frozen=True)
class MediaPlaylist:
    init_uri: str
    segments: tuple[Segment, ...]
    ended: bool

    @property
    def seconds(self) -> float:
        return sum(segment.seconds for segment in self.segments)

    @property
    def target_seconds(self) -> int:
        """Whole seconds no segment exceeds when rounded, as section 4.3.3.1 wants it."""
        return max((int(segment.seconds + 0.5) for segment in self.segments), default=1) or 1


def read_media_playlist(text: str) -> MediaPlaylist:
    """Parse a media playlist, also one that still grows. Raises PlaylistError."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or lines[0] != "#EXTM3U":
        raise PlaylistError("no playlist")
    init_uri = ""
    segments: list[Segment] = []
    seconds: float | None = None
    for line in lines[1:]:
        if line.startswith("#EXT-X-MAP:"):
            match = re.search(r'URI="([^"]*)"', line)
            init_uri = _plain(match[1] if match else "")
        elif line.startswith("#EXTINF:"):
            try:
                seconds = float(line[8:].partition(",")[0])
            except ValueError as error:
                raise PlaylistError(line) from error
        elif not line.startswith("#"):
            if seconds is None:
                raise PlaylistError(f"no duration for {line}")
            segments.append(Segment(_plain(line), seconds))
            seconds = None
    return MediaPlaylist(_plain(init_uri), tuple(segments), "#EXT-X-ENDLIST" in lines)


def _plain(uri: str) -> str:
    if not _PLAIN_NAME.fullmatch(uri):
        raise PlaylistError(f"unexpected address {uri!r}")
    return uri


def media_playlist(playlist: MediaPlaylist) -> str:
    """The media playlist of a finished film, or of one that still grows."""
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{playlist.target_seconds}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        f"#EXT-X-PLAYLIST-TYPE:{'VOD' if playlist.ended else 'EVENT'}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{playlist.init_uri}"',
    ]
    for segment in playlist.segments:
        lines += [f"#EXTINF:{segment.seconds:.6f},", segment.uri]
    if playlist.ended:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join([*lines, ""])


@dataclass(frozen=True)
class SoundEntry:
    uri: str
    codec: str
    channels: int
    bandwidth: int
    average_bandwidth: int


@dataclass(frozen=True)
class VideoEntry:
    """One rung; the bandwidths are the picture's alone."""

    uri: str
    codec: str
    width: int
    height: int
    frame_rate: Fraction
    bandwidth: int
    average_bandwidth: int


def master_playlist(videos: Sequence[VideoEntry], sound: SoundEntry | None) -> str:
    """The master: rungs from the lowest up, so that a player that begins with the first one
    begins on any line; the sound once as the group of all rungs and once as a variant of its own.
    """
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if sound is not None:
        lines.append(
            '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="中文",LANGUAGE="zh",DEFAULT=YES,'
            f'AUTOSELECT=YES,CHANNELS="{sound.channels}",URI="{sound.uri}"'
        )
    for video in sorted(videos, key=lambda video: video.width * video.height):
        lines += [_variant(video, sound), video.uri]
    if sound is not None:
        lines += [
            f"#EXT-X-STREAM-INF:BANDWIDTH={sound.bandwidth},"
            f"AVERAGE-BANDWIDTH={sound.average_bandwidth},"
            f'CODECS="{sound.codec}",AUDIO="audio"',
            sound.uri,
        ]
    return "\n".join([*lines, ""])


def _variant(video: VideoEntry, sound: SoundEntry | None) -> str:
    codecs = video.codec if sound is None else f"{video.codec},{sound.codec}"
    return (
        f"#EXT-X-STREAM-INF:BANDWIDTH={video.bandwidth + (sound.bandwidth if sound else 0)},"
        "AVERAGE-BANDWIDTH="
        f"{video.average_bandwidth + (sound.average_bandwidth if sound else 0)},"
        f'CODECS="{codecs}",RESOLUTION={video.width}x{video.height},'
        f"FRAME-RATE={float(video.frame_rate):.3f}" + (',AUDIO="audio"' if sound else "")
    )


def peak_bandwidth(sizes: Sequence[int], seconds: Sequence[float], *, target: float) -> int:
    """Largest rate in bits a second over any run of segments that lasts between half and one and
    a half target durations (the definition of Apple's HLS authoring specification), so that a
    stub at the end does not count by itself.
    """
    peak = 0.0
    for first in range(len(sizes)):
        size, length = 0, 0.0
        for number in range(first, len(sizes)):
            size += sizes[number]
            length += seconds[number]
            if length > 1.5 * target:
                break
            if length >= 0.5 * target:
                peak = max(peak, 8 * size / length)
    return ceil(peak) or average_bandwidth(sizes, seconds)


def average_bandwidth(sizes: Sequence[int], seconds: Sequence[float]) -> int:
    """Bits a second over the whole playlist."""
    length = sum(seconds)
    return ceil(8 * sum(sizes) / length) if length else 0
