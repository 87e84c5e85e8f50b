"""The command lines: what ffmpeg is told to do with a film. Pure; nothing is run here.

Uses ffmpeg-python as a builder of argument lists, as `filters` does. Output names are relative:
the commands are to be run in the directory of the package, so a `%` in its path means nothing.
Options are ones that ffmpeg 5.1 and 9 both take.
"""

from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import ffmpeg

from media_pipeline.ffmpeg.facts import (
    AUDIO_CODECS,
    COVER_CODECS,
    MAX_PIXELS,
    MAX_STREAMS,
    VIDEO_CODECS,
    SourceFacts,
)
from media_pipeline.ffmpeg.filters import picture, sound, treated
from media_pipeline.ffmpeg.grid import start_of
from media_pipeline.ffmpeg.ladder import Rung, frame_rate_for
from media_pipeline.ffmpeg.loudness import Treatment
from media_pipeline.ffmpeg.outputs import (
    AUDIO,
    MAKING,
    PLAIN,
    PLAYLIST,
    aac_options,
    growing_options,
    ladder_options,
    sound_options,
    x264_options,
)
from media_pipeline.ffmpeg.sniff import Container
from media_pipeline.ffmpeg.storyboard import SHEET_NAME, storyboard_for

PROGRESSIVE = "progressive.mp4"
POSTER = "poster.jpg"
LOOKS = "looks.txt"
LOOK_LONG_SIDE = 320
# Films of fewer seconds have too few keyframes to choose a poster from: all pictures are decoded.
FEW_KEYFRAMES_SECONDS = 20
# Where keyframes alone are read, ffmpeg takes their times for up to three pictures less or more.
KEYFRAMES_EARLY = 1.0
PROGRESSIVE_SHORT_SIDE = 720

# Browsers read every JPEG so (JFIF), whatever film it was taken from.
_AS_JPEG = {"out_color_matrix": "bt601", "out_range": "pc"}
ERROR_RATE_EXCEEDED = 69  # ffmpeg's exit status when more than MAX_ERROR_RATE cannot be decoded
MAX_ERROR_RATE = 0.1
# Where recordings were joined, tracks change to the new clock one after the other; with ffmpeg's
# own 10 s a part that is shorter leaves a hole. As `probe_child` counts.
_JOINS = ("-dts_delta_threshold", "3")
_REPORTING = (*_JOINS, "-nostdin", "-hide_banner", "-nostats", "-progress", "pipe:1")
_QUIET = (*_REPORTING, "-v", "warning")
_TALKING = (*_REPORTING, "-v", "info")
_TOLERANT = ("-max_error_rate", str(MAX_ERROR_RATE))
INDEXED = frozenset({Container.MOV, Container.MATROSKA})  # can be entered anywhere
SEEK_MARGIN = 2.0  # seconds
PREVIEW_SECONDS = 2
PREVIEW_CRF = 25


def measure_command(facts: SourceFacts, *, source: Path, binary: str) -> list[str]:
    """How loud the film's sound is, as it will be encoded, told in ffmpeg's last words; peaks are
    those of samples, in half the time.
    """
    return _measuring(sound(film_input(facts, source), facts), "sample", binary)


def measure_sound_command(*, binary: str) -> list[str]:
    """How loud the track is that `sound_command` made."""
    made = ffmpeg.input(f"{MAKING}/{AUDIO}/{PLAYLIST}", protocol_whitelist="file")
    return _measuring(made["0"], "true", binary)


def sound_command(
    facts: SourceFacts, treatment: Treatment, *, source: Path, binary: str
) -> list[str]:
    """The one track of sound, made as loud as `treatment` says, as CMAF HLS below `MAKING`."""
    stream = treated(sound(film_input(facts, source), facts), treatment)
    output = ffmpeg.output(stream, f"{MAKING}/{AUDIO}/{PLAYLIST}", **sound_options(treatment.coder))
    return _compiled(output.global_args(*_TOLERANT), binary)


def ladder_command(
    facts: SourceFacts, rungs: tuple[Rung, ...], *, source: Path, binary: str, first: int = 0
) -> list[str]:
    """One process, one decode: the pictures of all rungs from segment `first` on, as CMAF HLS.
    Which pictures these are does not depend on `first`.
    """
    rate = frame_rate_for(fps=facts.fps, is_vfr=facts.is_vfr)
    start = start_of(first, rate)
    seek = _seek_before(facts, start)
    film = film_input(facts, source, threads=1, seek=seek)  # faster than the encoders by far
    streams = []
    shown = picture(film, facts, rungs[0], rate, start=start)
    for rung in rungs[1:]:  # each out of the one above: fewer pixels to go through
        pair = shown.filter_multi_output("split", 2)
        streams.append(pair.stream(0))
        shown = pair.stream(1).filter("scale", rung.width, rung.height)
    streams.append(shown)
    output = ffmpeg.output(
        *streams, f"{MAKING}/%v/{PLAYLIST}", **ladder_options(rungs, rate, first=first)
    )
    if seek is not None:  # the film's own clock, as without seeking
        output = output.global_args("-copyts", "-start_at_zero")
    allowed = min(1.0, MAX_ERROR_RATE * facts.duration / max(0.1, facts.duration - float(start)))
    return _compiled(output.global_args("-max_error_rate", f"{allowed:.4f}"), binary)


def pictures_command(
    facts: SourceFacts, rungs: tuple[Rung, ...], *, every: float, binary: str
) -> list[str]:
    """The storyboard's sheets, and what one picture in `every` seconds looks like, written to
    `LOOKS`: `poster_choice` reads it. Out of the finished MP4, of which only the keyframes need to
    be decoded. A lecture of sound alone gets no sheets: each tile would show the same still.
    """
    few = facts.duration < FEW_KEYFRAMES_SECONDS
    film = ffmpeg.input(
        PROGRESSIVE,
        protocol_whitelist="file",
        threads=1,
        **({} if few else {"discard": "nokey", "skip_frame": "nokey"}),
    )
    size = progressive_rung(rungs)
    if facts.sound_only:
        return _compiled(_looks(film["v:0"], size, _one_each(every)), binary)
    copies = film["v:0"].filter_multi_output("split", 2)
    early = 0.1 if few else KEYFRAMES_EARLY
    plan = storyboard_for(duration=facts.duration, width=size.width, height=size.height)
    sheets = (
        copies.stream(0)
        .filter("select", _one_each(plan.interval, early))
        .filter("scale", plan.tile_width, plan.tile_height, **_AS_JPEG)
        .filter("tile", layout=f"{plan.columns}x{plan.rows}")
    )
    jpeg = {"f": "image2", "c:v": "mjpeg", "q:v": 5, "fps_mode": "passthrough"}
    outputs = ffmpeg.merge_outputs(
        ffmpeg.output(sheets, f"{MAKING}/{SHEET_NAME}", **jpeg, **{"frames:v": plan.sheets}),
        _looks(copies.stream(1), size, _one_each(every, early)),
    )
    return _compiled(outputs, binary)


def _looks(stream: Any, size: Rung, which: str) -> Any:
    factor = min(1.0, LOOK_LONG_SIDE / max(size.width, size.height))
    looked = (
        stream.filter("select", which)
        .filter("scale", 2 * round(size.width * factor / 2), 2 * round(size.height * factor / 2))
        .filter("format", "gray")
        .filter("signalstats")
        .filter("entropy")
        .filter("blurdetect", block_width=32, block_height=32, block_pct=80)
        .filter("metadata", mode="print", file=f"{MAKING}/{LOOKS}")
    )
    return ffmpeg.output(looked, "-", f="null", fps_mode="passthrough")


def remux_preview_command(
    facts: SourceFacts,
    *,
    source: Path,
    folder: str,
    binary: str,
    most_seconds: float | None = None,
) -> list[str]:
    """The film's own streams as a growing HLS, cut at its own keyframes: no encoding. All of it, or
    about the first `most_seconds`.
    """
    film = film_input(facts, source)
    streams = [film[str(facts.video_index)]]
    if facts.audio is not None:
        streams.append(film[str(facts.audio.index)])
    options = growing_options(folder, seconds=PREVIEW_SECONDS) | _most(most_seconds)
    if facts.container is Container.MPEGTS:  # its AAC repeats in each packet what MP4 says once
        options["bsf:a"] = "aac_adtstoasc"
    return _compiled(ffmpeg.output(*streams, f"{folder}/{PLAYLIST}", c="copy", **options), binary)


def small_preview_command(
    facts: SourceFacts,
    rung: Rung,
    *,
    source: Path,
    folder: str,
    binary: str,
    most_seconds: float | None = None,
) -> list[str]:
    """One small rendition with its sound as a growing HLS, made as fast as can be; as long as that
    of `remux_preview_command`.
    """
    film = film_input(facts, source, threads=1)
    rate = frame_rate_for(fps=facts.fps, is_vfr=facts.is_vfr)
    streams = [picture(film, facts, rung, rate)]
    options: dict[str, Any] = {
        **x264_options(keyframes=ceil(rate * PREVIEW_SECONDS)),
        "preset": "superfast",
        "bf": 0,
        "crf": PREVIEW_CRF,
        "maxrate": rung.maxrate,
        "bufsize": rung.bufsize,
        "fps_mode": "passthrough",
        **growing_options(folder, seconds=PREVIEW_SECONDS),
        **_most(most_seconds),
    }
    if facts.audio is not None:
        streams.append(sound(film, facts))
        options |= aac_options()
    output = ffmpeg.output(*streams, f"{folder}/{PLAYLIST}", **options)
    return _compiled(output, binary)


def _most(seconds: float | None) -> dict[str, Any]:
    return {} if seconds is None else {"t": seconds}


def progressive_command(rung: Rung, *, has_audio: bool, binary: str) -> list[str]:
    """One rung and the sound of a finished package in one MP4, copied. Both begin at 0 there, and
    ffmpeg puts the beginning of each input at 0: no `copyts`, which would let B-frames show late.
    """
    names = [rung.name, AUDIO] if has_audio else [rung.name]
    inputs = [ffmpeg.input(f"{name}/{PLAYLIST}", protocol_whitelist="file") for name in names]
    options = {"f": "mp4", "movflags": "+faststart", "c": "copy", **PLAIN}
    output = ffmpeg.output(*(i["0"] for i in inputs), f"{MAKING}/{PROGRESSIVE}", **options)
    return _compiled(output, binary)


def progressive_rung(rungs: tuple[Rung, ...]) -> Rung:
    """The rung for players without HLS: the best one up to 720 lines."""
    fitting = [r for r in rungs if min(r.width, r.height) <= PROGRESSIVE_SHORT_SIDE]
    return fitting[0] if fitting else rungs[-1]


def _seek_before(facts: SourceFacts, start: Fraction) -> float | None:
    """Where to begin reading so that no picture from `start` on is missing: well before the last
    keyframe, because a film may show its last picture for long. None: at the film's beginning,
    which is also where containers without a reliable index are read from.
    """
    if facts.container not in INDEXED:
        return None
    seconds = min(float(start), facts.pictures_end) - facts.keyframe_gap - SEEK_MARGIN
    return round(seconds, 3) if seconds > 0 else None


def film_input(
    facts: SourceFacts, source: Path, *, threads: int | None = None, seek: float | None = None
) -> Any:
    """The film, opened by the one demuxer that its bytes called for, from a file only, decoded by
    no decoder but ours to choose, whatever else it holds or turns into later on.
    """
    options: dict[str, Any] = {
        "protocol_whitelist": "file",
        "format_whitelist": str(facts.container),
        "codec_whitelist": ",".join(sorted(VIDEO_CODECS | AUDIO_CODECS | COVER_CODECS)),
        "max_streams": MAX_STREAMS,
        "max_pixels": MAX_PIXELS,
    }
    if threads is not None:
        options["threads"] = threads
    if facts.lead:
        options["itsoffset"] = -facts.lead
    if seek is not None:
        # Not accurate: that throws away the picture that is still to be seen at this instant.
        options |= {"ss": seek, "noaccurate_seek": None}
    return ffmpeg.input(str(source.absolute()), **options)


def _measuring(stream: Any, peak: str, binary: str) -> list[str]:
    meter = stream.filter("ebur128", peak=peak, framelog="quiet")
    command = ffmpeg.output(meter, "-", f="null").global_args(*_TALKING).compile(cmd=binary)
    return [str(part) for part in command]


def _one_each(seconds: float, early: float = 0.1) -> str:
    """One picture each so many seconds, which may be told to come that much early."""
    return f"gte(t+{early:g},selected_n*{seconds:g})"


def _compiled(outputs: Any, binary: str) -> list[str]:
    command = outputs.global_args(*_QUIET).overwrite_output().compile(cmd=binary)
    return [str(part) for part in command]
