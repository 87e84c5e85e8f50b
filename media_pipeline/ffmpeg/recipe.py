"""The command lines: what ffmpeg is told to do with a film. Pure; nothing is run here.

The only module that uses ffmpeg-python, as a builder of argument lists. Output names are relative:
the commands are to be run in the directory of the package, so a `%` in its path means nothing.
Options are ones that ffmpeg 5.1 and 9 both take.
"""

from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import ffmpeg

from media_pipeline.ffmpeg.facts import NO_STREAM, TRANSFER_HLG, SourceFacts
from media_pipeline.ffmpeg.ladder import AUDIO_RATE, GOP_SECONDS, Rung, frame_rate_for
from media_pipeline.ffmpeg.still import (
    STAGE,
    STILL_HEIGHT,
    STILL_RATE,
    STILL_WIDTH,
    still_boxes,
)
from media_pipeline.ffmpeg.storyboard import SHEET_NAME, storyboard_for

AUDIO = "audio"
PLAYLIST = "index.m3u8"
PREVIEW = "preview.mp4"
PROGRESSIVE = "progressive.mp4"
POSTER = "poster.jpg"
TILES = "tiles.mjpeg"
CANDIDATES = "candidates.mjpeg"
POSTER_LONG_SIDE = 960  # a library page shows a dozen of them over weak lines
POSTER_CANDIDATES = 30  # seconds of film the most typical picture is chosen from
PROGRESSIVE_SHORT_SIDE = 720
AAC_DELAY = 1024  # samples, of ffmpeg's own encoder
THREADS = 2  # for the decoder and for each encoder; more costs memory, not less CPU

# With diffuse white at 203 nit (ITU-R BT.2408) greys up to three quarters come back exact; what is
# brighter is pressed together to leave room for highlights.
_TONE_MAP: tuple[tuple[str, dict[str, Any]], ...] = (
    ("format", {"pix_fmts": "gbrpf32le"}),
    ("zscale", {"primaries": "bt709"}),
    ("tonemap", {"tonemap": "mobius", "param": 0.6, "desat": 0}),
    ("zscale", {"transfer": "bt709", "matrix": "bt709", "range": "tv"}),
    ("format", {"pix_fmts": "yuv420p"}),
)
# H.273 matrix number to the name that ffmpeg's colorspace filter knows.
_MATRICES = {
    1: "bt709",
    4: "fcc",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    9: "bt2020ncl",
}
_BT709 = {
    "color_range": "tv",
    "colorspace": "bt709",
    "color_primaries": "bt709",
    "color_trc": "bt709",
}
# Browsers read every JPEG so (JFIF), whatever film it was taken from.
_AS_JPEG = {"out_color_matrix": "bt601", "out_range": "pc"}
_INTERMEDIATE = {"f": "mjpeg", "c:v": "mjpeg", "q:v": 2, "fps_mode": "passthrough"}
ERROR_RATE_EXCEEDED = 69  # ffmpeg's exit status when more than MAX_ERROR_RATE cannot be decoded
MAX_ERROR_RATE = 0.1
# Where recordings were joined, tracks change to the new clock one after the other; with ffmpeg's
# own 10 s a part that is shorter leaves a hole. As `probe_child` counts.
_JOINS = ("-dts_delta_threshold", "3")
_QUIET = (*_JOINS, "-nostdin", "-hide_banner", "-v", "warning", "-nostats", "-progress", "pipe:1")


def ladder_command(
    facts: SourceFacts, rungs: tuple[Rung, ...], *, source: Path, binary: str
) -> list[str]:
    """One process, one decode: all rungs and the sound as CMAF HLS, and the small pictures that
    `pictures_command` arranges.

    Tiling and choosing belong into a second command because ffmpeg reports no progress before
    each output has its first picture, and a sheet of tiles is full after minutes of film.
    """
    film = _source(facts, source, threads=THREADS)
    rate = frame_rate_for(fps=facts.fps, is_vfr=facts.is_vfr)
    copies = _picture(film, facts, rungs[0], rate).filter_multi_output("split", len(rungs) + 2)
    streams = [copies.stream(0)]
    for number, rung in enumerate(rungs[1:], start=1):
        streams.append(copies.stream(number).filter("scale", rung.width, rung.height))
    if facts.audio is not None:
        streams.append(_sound(film, facts))
    outputs = ffmpeg.merge_outputs(
        ffmpeg.output(*streams, f"%v/{PLAYLIST}", **_hls_options(facts, rungs, rate)),
        _tiles(copies.stream(len(rungs)), facts, rungs[0]),
        _poster_candidates(copies.stream(len(rungs) + 1), rungs[0]),
    )
    return _compiled(outputs.global_args("-max_error_rate", str(MAX_ERROR_RATE)), binary)


def pictures_command(facts: SourceFacts, rungs: tuple[Rung, ...], *, binary: str) -> list[str]:
    """The storyboard's sheets, and as the poster the most typical of the first pictures."""
    top = rungs[0]
    plan = storyboard_for(duration=facts.duration, width=top.width, height=top.height)
    tiles, candidates = (
        ffmpeg.input(name, f="mjpeg", protocol_whitelist="file") for name in (TILES, CANDIDATES)
    )
    sheets = tiles["0"].filter("tile", layout=f"{plan.columns}x{plan.rows}")
    poster = candidates["0"].filter("thumbnail", n=POSTER_CANDIDATES)
    outputs = ffmpeg.merge_outputs(
        ffmpeg.output(sheets, SHEET_NAME, **_jpeg(5), **{"frames:v": plan.sheets}),
        ffmpeg.output(poster, POSTER, **_jpeg(6), **{"frames:v": 1, "update": 1}),
    )
    return _compiled(outputs, binary)


def _jpeg(quality: int) -> dict[str, Any]:
    return {"f": "image2", "c:v": "mjpeg", "q:v": quality, "fps_mode": "passthrough"}


def remux_command(facts: SourceFacts, *, source: Path, binary: str) -> list[str]:
    """The film's own streams in an MP4 that plays while it loads: no encoding, seconds."""
    film = _source(facts, source)
    streams = [film[str(facts.video_index)]]
    if facts.audio is not None:
        streams.append(film[str(facts.audio.index)])
    output = ffmpeg.output(*streams, PREVIEW, c="copy", **_mp4_options())
    return _compiled(output, binary)


def progressive_command(rung: Rung, *, has_audio: bool, binary: str) -> list[str]:
    """One rung and the sound of a finished package in one MP4, copied. Both begin at 0 there, and
    ffmpeg puts the beginning of each input at 0: no `copyts`, which would let B-frames show late.
    """
    names = [rung.name, AUDIO] if has_audio else [rung.name]
    inputs = [ffmpeg.input(f"{name}/{PLAYLIST}", protocol_whitelist="file") for name in names]
    output = ffmpeg.output(*(i["0"] for i in inputs), PROGRESSIVE, c="copy", **_mp4_options())
    return _compiled(output, binary)


def progressive_rung(rungs: tuple[Rung, ...]) -> Rung:
    """The rung for players without HLS: the best one up to 720 lines."""
    fitting = [r for r in rungs if min(r.width, r.height) <= PROGRESSIVE_SHORT_SIDE]
    return fitting[0] if fitting else rungs[-1]


def _source(facts: SourceFacts, source: Path, *, threads: int | None = None) -> Any:
    """The film, opened by the one demuxer that its bytes called for, from a file only."""
    options: dict[str, Any] = {
        "protocol_whitelist": "file",
        "format_whitelist": str(facts.container),
        "max_streams": 64,
    }
    if threads is not None:
        options["threads"] = threads
    if facts.lead:
        options["itsoffset"] = -facts.lead
    return ffmpeg.input(str(source.absolute()), **options)


def _picture(film: Any, facts: SourceFacts, top: Rung, rate: Fraction) -> Any:
    """Upright (ffmpeg turns by the flag itself), steady, at the top rung's size, BT.709."""
    if facts.sound_only:
        return _held(film, facts, top, rate)
    stream = film[str(facts.video_index)]
    if facts.interlaced:
        stream = stream.filter("yadif", deint="interlaced")
    # start_time fills a late start with the first picture, so that sound and picture begin at 0.
    stream = stream.filter("fps", fps=_ratio(rate), start_time=0)
    still = facts.audio.end - facts.video_end if facts.audio else 0.0
    if still > 0.5:  # the voice goes on after the last picture: keep showing that
        stream = stream.filter("tpad", stop_mode="clone", stop_duration=round(still, 3))
    return _coloured(stream, facts, top)


def _coloured(stream: Any, facts: SourceFacts, top: Rung) -> Any:
    if facts.is_hdr:
        stream = _tone_mapped(stream.filter("scale", top.width, top.height), facts)
    else:
        stream = _as_bt709(stream, facts, top)
    return stream.filter("setsar", 1).filter(
        "setparams", range="tv", color_primaries="bt709", color_trc="bt709", colorspace="bt709"
    )


def _held(film: Any, facts: SourceFacts, top: Rung, rate: Fraction) -> Any:
    """The one picture of a lecture of sound, for as long as that lasts. It is decoded and scaled
    once, and has no time of its own.
    """
    picture = _still() if facts.video_index == NO_STREAM else film[str(facts.video_index)]
    return (
        _coloured(picture, facts, top)
        .filter("loop", loop=-1, size=1)
        .filter("setpts", f"N/({_ratio(rate)}*TB)")
        .filter("fps", fps=_ratio(rate))
        .filter("trim", end=round(facts.duration - float(rate**-1) / 2, 3))
    )


def _still() -> Any:
    """The house's own picture."""
    stage = f"color=c={STAGE}:s={STILL_WIDTH}x{STILL_HEIGHT}:r={STILL_RATE}:d=0.1"
    stream = ffmpeg.input(stage, f="lavfi").filter("format", "rgb24")
    for box in still_boxes():
        stream = stream.filter(
            "drawbox", box.x, box.y, box.width, box.height, f"{box.colour}@1", t="fill"
        )
    return stream


def _tone_mapped(stream: Any, facts: SourceFacts) -> Any:
    """Scaled first: at 1080p this costs 43 ms a picture."""
    stream = stream.filter(
        "zscale",
        transferin="arib-std-b67" if facts.color_transfer == TRANSFER_HLG else "smpte2084",
        matrixin="bt2020nc",
        primariesin="bt2020",
        transfer="linear",
        npl=203,
    )
    for name, options in _TONE_MAP:
        stream = stream.filter(name, **options)
    return stream


def _as_bt709(stream: Any, facts: SourceFacts, top: Rung) -> Any:
    """Size and range by `scale`, the matrix by `colorspace`: `scale` would go through RGB for
    that, which costs a fifth more CPU for the whole job.
    """
    stream = stream.filter(
        "scale",
        top.width,
        top.height,
        in_range="pc" if facts.is_full_range else "tv",
        out_range="tv",
        **({"out_color_matrix": "bt709"} if facts.is_rgb else {}),
    ).filter("format", "yuv420p")
    matrix = _matrix(facts)
    if facts.is_rgb or matrix == "bt709":
        return stream
    wide = matrix == "bt2020ncl"
    return stream.filter(
        "colorspace",
        ispace=matrix,
        iprimaries="bt2020" if wide else "bt709",
        itrc="bt709",
        irange="tv",
        space="bt709",
        primaries="bt709",
        trc="bt709",
        range="tv",
        fast=0 if wide else 1,
    )


def _matrix(facts: SourceFacts) -> str:
    """Untagged film is BT.601 when it is small and BT.709 when it is HD, as players assume."""
    if facts.color_matrix in _MATRICES:
        return _MATRICES[facts.color_matrix]
    return "bt709" if min(facts.width, facts.height) >= 720 else "smpte170m"


def _sound(film: Any, facts: SourceFacts) -> Any:
    assert facts.audio is not None
    layout = "mono" if facts.audio.channels == 1 else "stereo"
    # async fills holes that a phone left, first_pts a late start: sound stays with the picture.
    # AAC begins with 1024 samples of run-up that play without an edit list; as many are cut here.
    return (
        film[str(facts.audio.index)]
        .filter("aresample", 48_000, **{"async": 1, "first_pts": 0})
        .filter("aformat", channel_layouts=layout)
        .filter("atrim", start_sample=AAC_DELAY)
        .filter("asetpts", "PTS-STARTPTS")
    )


def _hls_options(facts: SourceFacts, rungs: tuple[Rung, ...], rate: Fraction) -> dict[str, Any]:
    frames = ceil(rate * GOP_SECONDS)
    group = f",agroup:{AUDIO}" if facts.audio else ""
    variants = [f"v:{n}{group},name:{rung.name}" for n, rung in enumerate(rungs)]
    options: dict[str, Any] = {
        "c:v": "libx264",
        "preset": "veryfast",
        "profile:v": "high",
        "g": frames,
        "keyint_min": frames,
        "sc_threshold": 0,
        "force_key_frames": f"expr:gte(t,n_forced*{GOP_SECONDS})",
        "threads:v": THREADS,
        **_BT709,
        "map_metadata": -1,  # phones write the place of recording into it
        "map_chapters": -1,
        "f": "hls",
        "hls_time": GOP_SECONDS,
        "hls_playlist_type": "event",
        "hls_list_size": 0,
        "hls_segment_type": "fmp4",
        "hls_flags": "independent_segments+temp_file",
        # Browsers' media source buffers ignore edit lists: with them the sound would be early by
        # the delay of B-frames (67 ms at 30 pictures a second, 200 ms at 10).
        "hls_segment_options": "movflags=+cmaf+frag_custom+dash+delay_moov:use_editlist=0",
        "hls_fmp4_init_filename": "init.mp4",
        "hls_segment_filename": "%v/seg_%05d.m4s",
    }
    for number, rung in enumerate(rungs):
        options[f"crf:v:{number}"] = rung.crf
        options[f"maxrate:v:{number}"] = rung.maxrate
        options[f"bufsize:v:{number}"] = rung.bufsize
    if facts.audio:
        options |= {"c:a": "aac", "b:a": AUDIO_RATE}
        variants.append(f"a:0,agroup:{AUDIO},default:yes,language:zh,name:{AUDIO}")
    options["var_stream_map"] = " ".join(variants)
    return options


def _tiles(stream: Any, facts: SourceFacts, top: Rung) -> Any:
    plan = storyboard_for(duration=facts.duration, width=top.width, height=top.height)
    small = stream.filter("select", _one_each(plan.interval)).filter(
        "scale", plan.tile_width, plan.tile_height, **_AS_JPEG
    )
    return ffmpeg.output(small, TILES, **_INTERMEDIATE)


def _poster_candidates(stream: Any, top: Rung) -> Any:
    factor = min(Fraction(1), Fraction(POSTER_LONG_SIDE, max(top.width, top.height)))
    chosen = stream.filter("select", f"lt(t,{POSTER_CANDIDATES})*({_one_each(1)})").filter(
        "scale", 2 * round(top.width * factor / 2), 2 * round(top.height * factor / 2), **_AS_JPEG
    )
    return ffmpeg.output(chosen, CANDIDATES, **_INTERMEDIATE)


def _one_each(seconds: float) -> str:
    return f"isnan(prev_selected_t)+gte(t-prev_selected_t,{seconds:g})"


def _mp4_options() -> dict[str, Any]:
    return {"f": "mp4", "movflags": "+faststart", "map_metadata": -1, "map_chapters": -1}


def _ratio(rate: Fraction) -> str:
    return f"{rate.numerator}/{rate.denominator}"


def _compiled(outputs: Any, binary: str) -> list[str]:
    command = outputs.global_args(*_QUIET).overwrite_output().compile(cmd=binary)
    return [str(part) for part in command]
