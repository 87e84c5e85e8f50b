"""One media playlist of a package together with the files it names: read, measured, finished."""

import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from media_pipeline.ffmpeg.boxes import InitFacts, read_head, read_init, read_segment
from media_pipeline.ffmpeg.playlists import (
    MediaPlaylist,
    PlaylistError,
    average_bandwidth,
    peak_bandwidth,
    read_media_playlist,
    vod_playlist,
)
from media_pipeline.ffmpeg.recipe import PLAYLIST
from media_pipeline.ffmpeg.runner import FailureReason, MediaProcessFailed


@dataclass(frozen=True)
class Track:
    """One media playlist of the package with the files it names."""

    name: str
    playlist: MediaPlaylist
    init: InitFacts
    sizes: tuple[int, ...]
    starts: tuple[Fraction, ...]  # presentation time of each segment's first sample
    keyframes: tuple[bool, ...]
    bytes: int

    @property
    def peak(self) -> int:
        seconds = [segment.seconds for segment in self.playlist.segments]
        return peak_bandwidth(self.sizes, seconds, target=self.playlist.target_seconds)

    @property
    def average(self) -> int:
        return average_bandwidth(self.sizes, [s.seconds for s in self.playlist.segments])


def read_track(out_dir: Path, name: str) -> Track:
    """Read a media playlist and the heads of all its files. Raises MediaProcessFailed."""
    directory = out_dir / name
    try:
        playlist = read_media_playlist((directory / PLAYLIST).read_text("ascii"))
        init = read_init((directory / playlist.init_uri).read_bytes())
        paths = [directory / segment.uri for segment in playlist.segments]
        heads = [read_segment(read_head(path), init) for path in paths]
        sizes = tuple(path.stat().st_size for path in paths)
        in_all = sum(entry.stat().st_size for entry in directory.iterdir())
    except (OSError, ValueError) as error:
        raise bad_output(f"{name}: {error}") from error
    return Track(
        name=name,
        playlist=playlist,
        init=init,
        sizes=sizes,
        starts=tuple(Fraction(head.presentation_time, init.timescale) for head in heads),
        keyframes=tuple(head.starts_with_keyframe for head in heads),
        bytes=in_all,
    )


def finish_playlist(out_dir: Path, name: str) -> None:
    """Replace the list that grew by the list of a finished film."""
    path = out_dir / name / PLAYLIST
    try:
        playlist = read_media_playlist(path.read_text("ascii"))
    except (OSError, PlaylistError) as error:
        raise bad_output(f"{name}: {error}") from error
    if not playlist.ended or not playlist.segments:
        raise bad_output(f"{name}: the playlist has no end")
    replace_text(path, vod_playlist(playlist))


def replace_text(path: Path, text: str) -> None:
    """Write beside and rename: a player that reads meanwhile sees the old or the new file."""
    beside = path.with_name(path.name + ".new")
    beside.write_text(text, "utf-8")
    os.replace(beside, path)


def bad_output(what: str) -> MediaProcessFailed:
    """The error for work of ours that does not pass."""
    return MediaProcessFailed(FailureReason.BAD_OUTPUT, what)
