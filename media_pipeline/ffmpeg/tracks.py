"""One media playlist of a package together with the files it names: read, measured, written."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from media_pipeline.ffmpeg.boxes import (
    BoxError,
    InitFacts,
    read_head,
    read_init,
    read_segment,
    read_whole_segment,
)
from media_pipeline.ffmpeg.outputs import INIT, PLAYLIST, SEGMENT
from media_pipeline.ffmpeg.playlists import (
    MediaPlaylist,
    Segment,
    average_bandwidth,
    media_playlist,
    peak_bandwidth,
    read_media_playlist,
)
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
        # What ffmpeg is still writing has no place in it yet, nor in the sizes.
        listed = (directory / PLAYLIST).read_text("ascii")
        playlist = read_media_playlist(listed)
        opening = (directory / playlist.init_uri).read_bytes()
        init = read_init(opening)
        paths = [directory / segment.uri for segment in playlist.segments]
        heads = [read_segment(read_head(path), init) for path in paths]
        sizes = tuple(path.stat().st_size for path in paths)
    except (OSError, ValueError) as error:
        raise bad_output(f"{name}: {error}") from error
    return Track(
        name=name,
        playlist=playlist,
        init=init,
        sizes=sizes,
        starts=tuple(Fraction(head.presentation_time, init.timescale) for head in heads),
        keyframes=tuple(head.starts_with_keyframe for head in heads),
        bytes=len(listed) + len(opening) + sum(sizes),
    )


@dataclass(frozen=True)
class Piece:
    """A segment that is whole: when it is shown, in seconds, and that it begins with a keyframe."""

    start: Fraction
    seconds: Fraction

    @property
    def end(self) -> Fraction:
        return self.start + self.seconds


def read_piece(folder: Path, number: int, init: InitFacts) -> Piece | None:
    """Segment `number` of a track; None when it is not there or not whole."""
    try:
        facts = read_whole_segment(folder / (SEGMENT % number), init)
    except (OSError, BoxError):
        return None
    if not facts.starts_with_keyframe:
        return None
    return Piece(
        Fraction(facts.presentation_time, init.timescale), Fraction(facts.duration, init.timescale)
    )


def write_playlist(folder: Path, pieces: Sequence[Piece], *, ended: bool) -> None:
    segments = tuple(Segment(SEGMENT % n, float(piece.seconds)) for n, piece in enumerate(pieces))
    replace_text(folder / PLAYLIST, media_playlist(MediaPlaylist(INIT, segments, ended)))


def is_finished(folder: Path) -> bool:
    """Whether the track has been made to its end, and all of it is there."""
    try:
        playlist = read_media_playlist((folder / PLAYLIST).read_text("ascii"))
        init = read_init((folder / INIT).read_bytes())
    except (OSError, ValueError):
        return False
    numbers = range(len(playlist.segments))
    return playlist.ended and all(read_piece(folder, number, init) for number in numbers)


def replace_text(path: Path, text: str) -> None:
    """Write beside and rename: a player that reads meanwhile sees the old or the new file."""
    replace_bytes(path, text.encode())


def replace_bytes(path: Path, data: bytes) -> None:
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(data)
    os.replace(beside, path)


def bad_output(what: str) -> MediaProcessFailed:
    """The error for work of ours that does not pass."""
    return MediaProcessFailed(FailureReason.BAD_OUTPUT, what)
