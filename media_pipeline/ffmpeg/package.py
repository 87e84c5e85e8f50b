"""A finished package: measured, verified, and given its own playlists.

Works on a directory that `transcode` filled. Nothing is published that did not pass here.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media_pipeline.ffmpeg.bubblewrap import Files
from media_pipeline.ffmpeg.facts import SourceFacts
from media_pipeline.ffmpeg.ladder import Rung, frame_rate_for
from media_pipeline.ffmpeg.light import LOW, SOUND
from media_pipeline.ffmpeg.outputs import AUDIO, PLAYLIST
from media_pipeline.ffmpeg.playlists import SoundEntry, VideoEntry, master_playlist
from media_pipeline.ffmpeg.recipe import POSTER, PROGRESSIVE, progressive_rung
from media_pipeline.ffmpeg.refusals import MediaRefused, Refusal
from media_pipeline.ffmpeg.runner import run
from media_pipeline.ffmpeg.sandbox import ProcessLimits
from media_pipeline.ffmpeg.storyboard import STORYBOARD
from media_pipeline.ffmpeg.tracks import Track, bad_output, read_track, replace_text

MASTER = "master.m3u8"
CHECK_ADDRESS_SPACE = 1_000_000_000
# Seconds that may be missing at the end of a long film; of a short one a twentieth, or a second.
MOST_LOST = 30.0
# Seconds that the ends of two rungs may lie apart: a picture of the slowest rate.
MOST_APART = 0.11


@dataclass(frozen=True)
class RenditionFacts:
    """One rung, or the sound (width and height 0). Bandwidths in bits a second, the sound's
    included; `bandwidth` is the measured peak.
    """

    name: str
    width: int
    height: int
    bandwidth: int
    average_bandwidth: int
    codecs: str
    bytes: int


@dataclass(frozen=True)
class PackageFacts:
    duration: float
    has_audio: bool
    renditions: tuple[RenditionFacts, ...]  # highest first, the sound last
    bytes_total: int
    loudness: float | None = None  # of the source, LUFS; None where there is no sound
    moments: tuple[float, ...] = ()  # seconds of pictures that would do as a poster, best first
    brightness: float | None = None  # the median of its pictures, 0 to 255
    master: str = MASTER
    progressive: str = PROGRESSIVE
    poster: str = POSTER
    storyboard: str = STORYBOARD


def verify_package(
    out_dir: Path,
    facts: SourceFacts,
    rungs: tuple[Rung, ...],
    *,
    should_stop: Callable[[], bool] | None = None,
) -> PackageFacts:
    """Check everything a player relies on, write the master, and return what was measured.

    Raises MediaProcessFailed with reason bad_output when our work is bad, MediaRefused(damaged)
    when the film ended long before its own end because no more of it could be decoded.
    """
    videos = [read_track(out_dir, rung.name) for rung in rungs]
    sound = read_track(out_dir, AUDIO) if facts.audio else None
    duration = max(track.playlist.seconds for track in (*videos, sound) if track)
    _check_alignment(videos)  # one decoding made all rungs: where one is shorter, we are at fault
    _check_length(videos[0].playlist.seconds, facts.duration)
    if sound is not None and facts.audio is not None:
        _check_length(sound.playlist.seconds, facts.audio.end - facts.audio.start)
    if duration > facts.duration + _tolerance(facts.duration):
        raise bad_output(f"{duration:.1f} s were made of {facts.duration:.1f} s")
    for track, rung in zip(videos, rungs, strict=True):
        if (track.init.width, track.init.height) != (rung.width, rung.height):
            raise bad_output(f"{track.name} is {track.init.width}x{track.init.height}")
    for name in (POSTER, PROGRESSIVE, STORYBOARD, LOW, *([SOUND] if sound else [])):
        if not (out_dir / name).is_file():
            raise bad_output(f"{name} is missing")
    films = {PROGRESSIVE: progressive_rung(rungs), LOW: rungs[-1]}
    _check_opens(out_dir, videos, sound, films, duration, should_stop)
    write_master(out_dir, facts, videos, sound)
    return _measured(out_dir, videos, sound, duration)


def _check_length(made: float, seconds: float) -> None:
    """The voice going on does not make up for pictures that end early, nor the other way round."""
    if made < seconds - _tolerance(seconds):
        raise MediaRefused(
            Refusal.DAMAGED, detail=f"only {made:.1f} of {seconds:.1f} s could be decoded"
        )


def _tolerance(seconds: float) -> float:
    return max(1.0, min(MOST_LOST, 0.05 * seconds))


def _check_alignment(videos: list[Track]) -> None:
    """Players change rungs at segment borders: these are the same instants in all rungs, and each
    begins with a keyframe.
    """
    for track in videos:
        if not all(track.keyframes):
            raise bad_output(f"{track.name}: a segment begins without a keyframe")
        apart = abs(track.playlist.seconds - videos[0].playlist.seconds)
        if track.starts != videos[0].starts or apart > MOST_APART:
            raise bad_output(f"{track.name} and {videos[0].name} are cut at different times")


def _check_opens(
    out_dir: Path,
    videos: list[Track],
    sound: Track | None,
    films: dict[str, Rung],
    duration: float,
    should_stop: Callable[[], bool] | None,
) -> None:
    tracks = [*videos, *([sound] if sound else [])]
    pieces = [
        [f"{t.name}/{t.playlist.init_uri}", f"{t.name}/{t.playlist.segments[0].uri}"]
        for t in tracks
    ]
    seen = _look([*pieces, *([name] for name in films)], out_dir, should_stop)
    voice = "aac" if sound else None
    for track, piece in zip(tracks, seen, strict=False):
        video = None if track is sound else ["h264", track.init.width, track.init.height]
        if "error" in piece or piece["video"] != video or (track is sound and not piece["audio"]):
            raise bad_output(f"{track.name} does not open: {piece}")
    for (name, rung), whole in zip(films.items(), seen[len(pieces) :], strict=True):
        if whole.get("video") != ["h264", rung.width, rung.height] or whole.get("audio") != voice:
            raise bad_output(f"{name} does not open: {whole}")
        if abs((whole["seconds"] or 0.0) - duration) > 1.0:
            raise bad_output(f"{name} lasts {whole['seconds']} s of {duration:.1f} s")


def _look(
    pieces: list[list[str]], out_dir: Path, should_stop: Callable[[], bool] | None
) -> list[dict[str, Any]]:
    child = Path(__file__).with_name("check_child.py")
    result = run(
        [sys.executable, "-I", str(child), json.dumps(pieces)],
        files=Files(reads=(child, out_dir)),
        cwd=out_dir,
        should_stop=should_stop,
        wall_seconds=120,
        limits=ProcessLimits(cpu_seconds=60, address_space=CHECK_ADDRESS_SPACE, file_bytes=0),
    )
    seen: list[dict[str, Any]] = json.loads(result.stdout)
    return seen


def write_master(
    out_dir: Path, facts: SourceFacts, videos: list[Track], sound: Track | None
) -> None:
    """Write the master with measured rates; also for a package that still grows."""
    rate = frame_rate_for(fps=facts.fps, is_vfr=facts.is_vfr)
    entries = [
        VideoEntry(
            uri=f"{track.name}/{PLAYLIST}",
            codec=track.init.codec,
            width=track.init.width,
            height=track.init.height,
            frame_rate=rate,
            bandwidth=track.peak,
            average_bandwidth=track.average,
        )
        for track in videos
    ]
    voice = None
    if sound is not None:
        voice = SoundEntry(
            uri=f"{sound.name}/{PLAYLIST}",
            codec=sound.init.codec,
            channels=min(facts.audio_channels, 2),
            bandwidth=sound.peak,
            average_bandwidth=sound.average,
        )
    replace_text(out_dir / MASTER, master_playlist(entries, voice))


def _measured(
    out_dir: Path, videos: list[Track], sound: Track | None, duration: float
) -> PackageFacts:
    tracks = [*videos, *([sound] if sound else [])]
    return PackageFacts(
        duration=duration,
        has_audio=sound is not None,
        renditions=tuple(_rendition(track, sound) for track in tracks),
        bytes_total=sum(path.stat().st_size for path in out_dir.rglob("*") if path.is_file()),
    )


def _rendition(track: Track, sound: Track | None) -> RenditionFacts:
    together = [track] if sound is None or track is sound else [track, sound]
    return RenditionFacts(
        name=track.name,
        width=track.init.width,
        height=track.init.height,
        bandwidth=sum(part.peak for part in together),
        average_bandwidth=sum(part.average for part in together),
        codecs=",".join(part.init.codec for part in together),
        bytes=track.bytes,
    )
