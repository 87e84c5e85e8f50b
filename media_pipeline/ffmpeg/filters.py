"""Filter chains: from the streams of a film, however it was recorded, to steady pictures in BT.709
and even sound. Pure; `recipe` puts them between inputs and outputs.
"""

from fractions import Fraction
from typing import Any

import ffmpeg

from media_pipeline.ffmpeg.facts import NO_STREAM, TRANSFER_HLG, SourceFacts
from media_pipeline.ffmpeg.ladder import Rung
from media_pipeline.ffmpeg.loudness import SAFE_RATE, Treatment
from media_pipeline.ffmpeg.still import (
    STAGE,
    STILL_HEIGHT,
    STILL_RATE,
    STILL_WIDTH,
    still_boxes,
)

AAC_DELAY = 1024  # samples, of ffmpeg's own encoder
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


def picture(
    film: Any, facts: SourceFacts, top: Rung, rate: Fraction, *, start: Fraction = Fraction(0)
) -> Any:
    """Upright (ffmpeg turns by the flag itself), steady, at the top rung's size, BT.709; from
    `start` on, which is the time of a picture.
    """
    if facts.sound_only:
        return _held(film, facts, top, rate, start=start)
    stream = film[str(facts.video_index)]
    if facts.interlaced:
        stream = stream.filter("yadif", deint="interlaced")
    # start_time fills a late start with the first picture, so that sound and picture begin at 0;
    # later it drops what is before, all but the picture that is still to be seen at that time.
    # After the last picture there is none, so that one is kept for `tpad` first.
    from_picture = min(start, Fraction(max(0, int((facts.pictures_end - 1) * rate))) / rate)
    stream = stream.filter("fps", fps=ratio(rate), start_time=seconds_text(from_picture))
    still = facts.audio.end - facts.video_end if facts.audio else 0.0
    if still > 0.05:  # the voice goes on after the last picture: keep showing that
        stream = stream.filter("tpad", stop_mode="clone", stop_duration=round(still, 3))
    if from_picture < start:
        stream = stream.filter("trim", start_pts=int(start * rate))
    return _coloured(stream, facts, top)


def _coloured(stream: Any, facts: SourceFacts, top: Rung) -> Any:
    if facts.is_hdr:
        stream = _tone_mapped(stream.filter("scale", top.width, top.height), facts)
    else:
        stream = _as_bt709(stream, facts, top)
    return stream.filter("setsar", 1).filter(
        "setparams", range="tv", color_primaries="bt709", color_trc="bt709", colorspace="bt709"
    )


def _held(film: Any, facts: SourceFacts, top: Rung, rate: Fraction, *, start: Fraction) -> Any:
    """The one picture of a lecture of sound, from `start` for as long as that lasts. It is decoded
    and scaled once, and has no time of its own.
    """
    picture = _still() if facts.video_index == NO_STREAM else film[str(facts.video_index)]
    return (
        _coloured(picture, facts, top)
        .filter("loop", loop=-1, size=1)
        .filter("setpts", f"N/({ratio(rate)}*TB)")
        .filter("fps", fps=ratio(rate), start_time=seconds_text(start))
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


def sound(film: Any, facts: SourceFacts) -> Any:
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


def treated(stream: Any, treatment: Treatment) -> Any:
    """Louder or softer by a plain factor; peaks that this would take too high are held down, at a
    rate at which what lies between the samples is seen.
    """
    if treatment.gain:
        stream = stream.filter("volume", f"{treatment.gain:.2f}dB")
    if treatment.ceiling is None:
        return stream
    return (
        stream.filter("aresample", SAFE_RATE)
        .filter("alimiter", limit=f"{treatment.limit:.4f}", level=0, attack=5, release=100)
        .filter("aresample", 48_000)
    )


def seconds_text(value: Fraction) -> str:
    return f"{float(value):.6f}"


def ratio(rate: Fraction) -> str:
    return f"{rate.numerator}/{rate.denominator}"
