"""Decides whether a file is a film or a sound recording we take, and what it is like.

First our own look at the bytes (`sniff`, `structure`), then PyAV in a child process with tight
limits (`probe_child`), then the judgement here. Nothing is written anywhere.
"""

import json
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from media_pipeline.ffmpeg.bubblewrap import Files
from media_pipeline.ffmpeg.facts import (
    AUDIO_CODECS,
    COVER_CODECS,
    MATRIX_BT601,
    MAX_CHANNELS,
    MAX_PIXELS,
    MAX_RATE,
    MAX_SAMPLE_RATE,
    MAX_STREAMS,
    NO_STREAM,
    RANGE_FULL,
    UNKNOWN,
    VIDEO_CODECS,
    AudioFacts,
    SourceFacts,
)
from media_pipeline.ffmpeg.refusals import MediaRefused, Refusal
from media_pipeline.ffmpeg.runner import FailureReason, MediaProcessFailed, run
from media_pipeline.ffmpeg.sandbox import ProcessLimits
from media_pipeline.ffmpeg.sniff import HEAD_BYTES, Container, sniff
from media_pipeline.ffmpeg.still import STILL_HEIGHT, STILL_RATE, STILL_WIDTH
from media_pipeline.ffmpeg.structure import Structure, read_structure

CHILD = Path(__file__).with_name("probe_child.py")
CHILD_BROKEN, CHILD_UNREAD = 3, 4  # probe_child.ENVIRONMENT_BROKEN, UNREAD
MAX_AVERAGE_RATE = 250  # packets a second, over the longest film we take
SPARSEST = 0.1  # packets a second of picture and sound together
# A broken environment, or kill -9 by somebody else: a host without memory, an operator.
# Trying again may help; a film that causes it runs out of attempts.
NOT_THE_FILM = (CHILD_BROKEN, -signal.SIGKILL, 128 + signal.SIGKILL)
SMALLEST_SIDE = 32
SMALLEST_LEAD = 0.02  # seconds; less is the run-up of an encoder
# Their demuxers guess the length from the size and the first frames.
GUESSED_ENDS = frozenset({Container.MP3, Container.ADTS, Container.AMR})
SLOWEST_PACKETS = 10_000_000  # bytes a second of CPU: all packets of the file are read once
# By the clock it may take so many times its CPU: a disk that is slow is not the film's fault.
PATIENCE = 3
# Packets and bytes that tell enough of a long film for a first look: some minutes of it. To read
# all packets of two hours takes six seconds of CPU.
ENOUGH = (15_000, 200_000_000)


@dataclass(frozen=True)
class Limits:
    """What an installation takes. Bytes, seconds, pixels of one picture."""

    max_bytes: int | None = None
    max_seconds: float = 4 * 3600
    min_seconds: float = 0.5
    max_pixels: int = MAX_PIXELS
    address_space: int = 1_000_000_000
    cpu_seconds: float = 60


def probe(
    path: Path,
    *,
    limits: Limits = Limits(),
    should_stop: Callable[[], bool] | None = None,
    beginning: bool = False,
) -> SourceFacts:
    """Return the facts of the film at `path`. With `beginning` a long film is read as far as is
    ENOUGH and its length is what it declares: then they are not `whole`, and what is wrong with it
    further on may be missed.

    Raises MediaRefused when the file is the trouble, MediaProcessFailed when our side is (PyAV
    cannot be loaded, the disk does not give the film), MediaProcessStopped, and OSError when the
    file cannot be opened.
    """
    size = path.stat().st_size
    if size == 0:
        raise MediaRefused(Refusal.EMPTY)
    if limits.max_bytes is not None and size > limits.max_bytes:
        raise MediaRefused(Refusal.TOO_LARGE, {"bytes": size, "limit_bytes": limits.max_bytes})
    with path.open("rb") as file:
        container = sniff(file.read(HEAD_BYTES))
    structure = read_structure(path, container)
    if structure.headless:
        raise MediaRefused(Refusal.DAMAGED, detail="no index (moov)")
    report = _ask_child(
        path,
        container,
        size=size,
        limits=limits,
        should_stop=should_stop,
        enough=ENOUGH if beginning and not structure.cut_off else None,
    )
    try:
        return judge(report, container=container, structure=structure, size=size, limits=limits)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        # The report is made of the file's own numbers, by a process that read untrusted bytes.
        raise MediaRefused(Refusal.DAMAGED, detail=f"no sense in it: {error!r}") from error


def _ask_child(
    path: Path,
    container: Container,
    *,
    size: int,
    limits: Limits,
    should_stop: Callable[[], bool] | None,
    enough: tuple[int, int] | None,
) -> dict[str, Any]:
    task = {
        "format": str(container),
        "codecs": sorted(VIDEO_CODECS | AUDIO_CODECS),
        "covers": sorted(COVER_CODECS),
        "max_pixels": limits.max_pixels,
        "max_streams": MAX_STREAMS,
        "max_packets": int(limits.max_seconds * MAX_AVERAGE_RATE),
        "enough": enough,
    }
    seconds = limits.cpu_seconds + size / SLOWEST_PACKETS
    try:
        result = run(
            [sys.executable, "-I", str(CHILD), str(path.absolute()), json.dumps(task)],
            files=Files(reads=(CHILD, path)),
            should_stop=should_stop,
            wall_seconds=PATIENCE * seconds,
            limits=ProcessLimits(
                cpu_seconds=int(seconds),
                address_space=limits.address_space,
                file_bytes=0,
                open_files=64,
            ),
        )
        report = json.loads(result.stdout)
    except MediaProcessFailed as failure:
        # With SIGKILL, too, ends what has used up its processor time: that is the film's doing.
        spent = failure.reason is FailureReason.CPU_LIMIT
        slow = failure.reason is FailureReason.TOO_SLOW
        if slow or failure.exit_status == CHILD_UNREAD:
            raise MediaProcessFailed(
                FailureReason.UNREAD, failure.stderr_tail, failure.exit_status
            ) from failure
        if failure.reason is FailureReason.NOT_STARTED or (
            failure.exit_status in NOT_THE_FILM and not spent
        ):
            raise
        raise MediaRefused(Refusal.DAMAGED, detail=f"probe {failure}") from failure
    except ValueError as error:
        raise MediaRefused(Refusal.DAMAGED, detail="probe gave no answer") from error
    if not isinstance(report, dict):
        raise MediaRefused(Refusal.DAMAGED, detail="probe gave no answer")
    return report


def judge(
    report: dict[str, Any],
    *,
    container: Container,
    structure: Structure,
    size: int,
    limits: Limits,
) -> SourceFacts:
    """Turn what the child reported into facts, or refuse. Pure."""
    if "error" in report:
        # Too many streams, or an index that claims more memory than any recording needs.
        out_of_memory = report["error"].startswith("MemoryError")
        code = Refusal.UNSUPPORTED if out_of_memory else Refusal.DAMAGED
        raise MediaRefused(code, detail=report["error"])
    if "too_many_packets" in report:
        raise MediaRefused(Refusal.TOO_MANY_PICTURES, detail="too many packets")
    if "refused_codec" in report:
        raise MediaRefused(Refusal.UNSUPPORTED, {"what": report["refused_codec"]})
    if "refused_size" in report:
        width, height = report["refused_size"]
        raise MediaRefused(Refusal.TOO_BIG_PICTURE, {"width": width, "height": height})
    video, audio = report["video"], report["audio"]
    if not report["whole"]:
        _end_as_declared(report)
    if video is not None and audio is not None and not video["packets"]:
        video = None  # a recorder without a camera
    if audio is not None and (audio["start"] is None or not audio["decodes"]):
        if audio["packets"]:
            raise MediaRefused(Refusal.DAMAGED, detail="the sound cannot be decoded")
        audio = None  # a recorder without a microphone leaves an empty track
    if audio is not None and not _sounds(audio):
        heard = f"{audio['channels']} channels at {audio['rate']} Hz"
        raise MediaRefused(Refusal.UNSUPPORTED, {"what": heard})
    if video is not None:
        if not video["decodes"] or video["start"] is None:
            raise MediaRefused(Refusal.DAMAGED, detail="no picture can be decoded")
        facts = _film(report, video, audio, container=container, size=size)
    elif audio is not None:
        facts = _sound_only(report, audio, container=container, size=size)
    else:
        raise MediaRefused(Refusal.NOTHING_RECORDED)
    tracks = [track for track in (video, audio) if track]
    if report["whole"]:
        _check_whole(report, video or audio, tracks, facts, structure)
    _check_pictures(video or audio, facts)
    if facts.duration > limits.max_seconds:
        raise MediaRefused(
            Refusal.TOO_LONG, {"seconds": facts.duration, "limit_seconds": limits.max_seconds}
        )
    if facts.duration < limits.min_seconds:
        raise MediaRefused(Refusal.TOO_SHORT, {"seconds": facts.duration})
    if facts.width * facts.height > limits.max_pixels:
        raise MediaRefused(Refusal.TOO_BIG_PICTURE, {"width": facts.width, "height": facts.height})
    if facts.fps > MAX_RATE:
        raise MediaRefused(Refusal.TOO_MANY_PICTURES, detail=f"{float(facts.fps):.0f} a second")
    if min(facts.width, facts.height) < SMALLEST_SIDE:
        raise MediaRefused(Refusal.UNSUPPORTED, {"what": f"{facts.width}x{facts.height}"})
    return facts


def _end_as_declared(report: dict[str, Any]) -> None:
    """For a film of which only the beginning was read."""
    for track in (report["video"], report["audio"]):
        if track is not None and track["start"] is not None:
            length = track["declared_seconds"] or report["declared_seconds"]
            track["end"] = max(track["end"], track["start"] + length)


def _film(
    report: dict[str, Any],
    video: dict[str, Any],
    audio: dict[str, Any] | None,
    *,
    container: Container,
    size: int,
) -> SourceFacts:
    width, height = _upright(video)
    fps, is_vfr = _rate(video)
    start = min(track["start"] for track in (video, audio) if track)
    end = max(track["end"] for track in (video, audio) if track)
    return SourceFacts(
        container=container,
        bytes=size,
        duration=end - start,
        width=width,
        height=height,
        rotation=round(video["rotation"]),
        fps=fps,
        is_vfr=is_vfr,
        video_index=video["index"],
        video_codec=video["codec"],
        video_profile=video["profile"],
        pix_fmt=video["pix_fmt"] or "",
        interlaced=video["interlaced"],
        color_range=video["range"],
        color_matrix=video["matrix"],
        color_transfer=video["transfer"],
        color_primaries=video["primaries"],
        video_start=video["start"],
        video_end=video["end"],
        keyframe_gap=video["keyframe_gap"] or 0.0,
        audio=_audio_facts(audio) if audio else None,
        lead=_lead(report, start),
        whole=report["whole"],
    )


def _sound_only(
    report: dict[str, Any], audio: dict[str, Any], *, container: Container, size: int
) -> SourceFacts:
    """The film that a cover and the sound make."""
    cover = report["cover"]
    if cover is None or min(cover["width"], cover["height"]) < SMALLEST_SIDE:
        cover = {
            "index": NO_STREAM,
            "codec": "png",
            "width": STILL_WIDTH,
            "height": STILL_HEIGHT,
            "pix_fmt": "rgb24",
        }
    width, height = _within_still(cover["width"], cover["height"])
    return SourceFacts(
        container=container,
        bytes=size,
        duration=audio["end"] - audio["start"],
        width=width,
        height=height,
        rotation=0,
        fps=STILL_RATE,
        is_vfr=False,
        video_index=cover["index"],
        video_codec=cover["codec"],
        video_profile="",
        pix_fmt=cover["pix_fmt"] if cover["pix_fmt"].startswith(("yuv", "gray")) else "rgb24",
        interlaced=False,
        color_range=RANGE_FULL,
        color_matrix=MATRIX_BT601,
        color_transfer=UNKNOWN,
        color_primaries=UNKNOWN,
        video_start=audio["start"],
        video_end=audio["end"],
        keyframe_gap=audio["end"] - audio["start"],
        audio=_audio_facts(audio),
        sound_only=True,
        lead=_lead(report, audio["start"]),
        whole=report["whole"],
    )


def _lead(report: dict[str, Any], start: float) -> float:
    lead = start - report["clock_start"] if report["clock_start"] is not None else 0.0
    return round(lead, 6) if lead > SMALLEST_LEAD else 0.0


def _within_still(width: int, height: int) -> tuple[int, int]:
    """A cover's size, no larger than the still, so that it gets one rung of its own."""
    factor = min(STILL_WIDTH / width, STILL_HEIGHT / height, 1.0)
    return round(width * factor), round(height * factor)


def _audio_facts(audio: dict[str, Any]) -> AudioFacts:
    return AudioFacts(
        index=audio["index"],
        codec=audio["codec"],
        profile=audio["profile"],
        channels=audio["channels"],
        sample_rate=audio["rate"],
        start=audio["start"],
        end=audio["end"],
    )


def _sounds(audio: dict[str, Any]) -> bool:
    channels, rate = audio["channels"], audio["rate"]
    return 1 <= channels <= MAX_CHANNELS and 1 <= rate <= MAX_SAMPLE_RATE


def _upright(video: dict[str, Any]) -> tuple[int, int]:
    ratio = Fraction(*video["pixel_ratio"]) if all(video["pixel_ratio"]) else Fraction(1)
    width, height = round(video["width"] * ratio), video["height"]
    if round(video["rotation"]) % 180 == 90:
        return height, width
    return width, height


def _rate(video: dict[str, Any]) -> tuple[Fraction, bool]:
    """Pictures a second, and whether they come irregularly (then by the usual distance)."""
    by_gap = 1 / Fraction(*video["gap"]) if video["gap"] else Fraction(25)
    is_vfr = video["steady"] < 0.95
    average = Fraction(*video["average_rate"]) if video["average_rate"] else Fraction(0)
    # Containers with millisecond clocks round the distance; their average is the better number.
    if not is_vfr and average and abs(average / by_gap - 1) < Fraction(1, 20):
        return average.limit_denominator(1001), False
    return by_gap.limit_denominator(1001) or Fraction(25), is_vfr


def _check_whole(
    report: dict[str, Any],
    main: dict[str, Any],
    tracks: list[dict[str, Any]],
    facts: SourceFacts,
    structure: Structure,
) -> None:
    """Refuse what lost its end or its middle on the way to us. `main` is the picture, or the sound
    where there is none.

    A recording whose recorder crashed declares no end and is taken as it is. A copy that broke
    off declares more than is there. Edit lists and other tracks make small differences normal, so
    without the proof that bytes are missing only a large gap counts.
    """
    declared = main["declared_seconds"] or report["declared_seconds"]
    if facts.container in GUESSED_ENDS:
        declared = None
    elif facts.container is Container.MATROSKA and not main["declared_seconds"] and declared:
        declared -= max(0.0, main["start"])  # it declares the instant of its end
    span = main["end"] - main["start"] if main["declared_seconds"] else facts.duration
    missing = (declared or span) - span
    if structure.cut_off:
        if missing > 0.5 or any(track["corrupt"] for track in tracks):
            raise MediaRefused(Refusal.DAMAGED, detail="the file ends early")
        if any(track["packets"] < track["declared_packets"] for track in tracks):
            raise MediaRefused(Refusal.DAMAGED, detail="the file ends early")
    if missing > max(2.0, 0.1 * (declared or 0)):
        raise MediaRefused(Refusal.DAMAGED, detail=f"{missing:.1f} s missing at the end")
    if report["read_error"] and not declared:
        raise MediaRefused(Refusal.DAMAGED, detail=report["read_error"])
    if sum(track["packets"] for track in tracks) < SPARSEST * facts.duration:
        raise MediaRefused(Refusal.DAMAGED, detail="hours made of a few packets")


def _check_pictures(main: dict[str, Any], facts: SourceFacts) -> None:
    if main["blank"] and not facts.sound_only:  # silence is zeros as well
        raise MediaRefused(Refusal.DAMAGED, detail=f"{main['blank']} pictures are zeros")
    if False in main.get("spots", ()):
        raise MediaRefused(Refusal.DAMAGED, detail="it cannot be decoded further on")
