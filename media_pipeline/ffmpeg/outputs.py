"""How ffmpeg is told to write: encoders, segments, time stamps. Pure values, no commands.

A name outside `MAKING` belongs to something whole: it appears by a rename, and its bytes never
change afterwards. So a later attempt may share the file (`resume.adopt`), whoever still writes.
"""

from fractions import Fraction
from math import ceil
from typing import Any

from media_pipeline.ffmpeg.grid import keyframes_from
from media_pipeline.ffmpeg.ladder import AUDIO_RATE, GOP_SECONDS, LIGHT, Rung

MAKING = "making"  # what is not whole yet
AUDIO = "audio"
PLAYLIST = "index.m3u8"
INIT = "init.mp4"
SEGMENT = "seg_%05d.m4s"

_BT709 = {
    "color_range": "tv",
    "colorspace": "bt709",
    "color_primaries": "bt709",
    "color_trc": "bt709",
}
_CMAF = "+cmaf+frag_custom+dash+delay_moov"
# x264's preset "faster" with one reference, a coarser search for motion, B-frames in a fixed order
# and no thread of its own that looks ahead: docs/adr/0015 says what each costs and brings.
ENCODER = {
    "preset": "faster",
    "refs": 1,
    "subq": 2,
    "b_strategy": 0,
    "x264-params": "sync-lookahead=0",
}
THREADS = 2  # for the encoder of the largest rung; more costs memory
LOOKAHEAD = 12  # pictures, which are large ones above 360 lines; the preset's 20 below
# Phones write the place of recording into the one, and their owner's words into the other.
PLAIN = {"map_metadata": -1, "map_chapters": -1}


def ladder_options(rungs: tuple[Rung, ...], rate: Fraction, *, first: int) -> dict[str, Any]:
    """All rungs from segment `first` on, as CMAF whose times go on where segment `first` is."""
    options = {
        **x264_options(keyframes=ceil(rate * GOP_SECONDS)),
        **ENCODER,
        "force_key_frames": keyframes_from(first, rate),
        # The pictures are steady already; ffmpeg would fill the time before `first` with copies.
        "fps_mode": "passthrough",
        **PLAIN,
        # There is a keyframe where a segment begins and nowhere else, so each of them is a cut. At
        # odd rates two of them may be a little less than the full seconds apart.
        **_segments(1, movflags=_CMAF + ("+frag_discont" if first else ""), number=first),
        "hls_segment_filename": f"%v/{SEGMENT}",
        "var_stream_map": " ".join(f"v:{n},name:{rung.name}" for n, rung in enumerate(rungs)),
    }
    for number, rung in enumerate(rungs):
        options[f"threads:v:{number}"] = 1 if number else THREADS
        if min(rung.width, rung.height) > LIGHT.short:
            options[f"rc-lookahead:v:{number}"] = LOOKAHEAD
        options[f"crf:v:{number}"] = rung.crf
        options[f"maxrate:v:{number}"] = rung.maxrate
        options[f"bufsize:v:{number}"] = rung.bufsize
    return options


def opening_options(
    folder: str, rung: Rung, rate: Fraction, *, maxrate: int, bufsize: int
) -> dict[str, Any]:
    """The first segment of a rung once more, under a tighter cap: as the ladder writes it, so that
    the rung's own segments may follow.
    """
    return {
        **x264_options(keyframes=ceil(rate * GOP_SECONDS)),
        **ENCODER,
        "crf": rung.crf,
        "maxrate": maxrate,
        "bufsize": bufsize,
        "fps_mode": "passthrough",
        **PLAIN,
        **_segments(2 * GOP_SECONDS, movflags=_CMAF),
        "hls_segment_filename": f"{folder}/{SEGMENT}",
    }


def sound_options(coder: str) -> dict[str, Any]:
    """The one track that all rungs share."""
    return {
        **aac_options(),
        "aac_coder": coder,
        **PLAIN,
        **_segments(GOP_SECONDS, movflags=_CMAF),
        "hls_segment_filename": f"{MAKING}/{AUDIO}/{SEGMENT}",
    }


def growing_options(folder: str, *, seconds: float) -> dict[str, Any]:
    """One stream of segments with picture and sound, to be played while it is written.

    Streams that are copied begin each at a time of its own, before 0 where pictures are stored out
    of order or sound has a run-up. A second later all these times are written down as they are;
    otherwise each stream would be made to begin at 0.
    """
    return {
        **PLAIN,
        **_segments(seconds, movflags=f"{_CMAF}+frag_discont"),
        "hls_segment_filename": f"{folder}/{SEGMENT}",
        "output_ts_offset": 1,
    }


def x264_options(*, keyframes: int) -> dict[str, Any]:
    return {
        "c:v": "libx264",
        "profile:v": "high",
        "g": keyframes,
        "keyint_min": keyframes,
        "sc_threshold": 0,
        "threads:v": THREADS,
        **_BT709,
    }


def aac_options() -> dict[str, Any]:
    return {"c:a": "aac", "b:a": AUDIO_RATE}


def _segments(seconds: float, *, movflags: str, number: int = 0) -> dict[str, Any]:
    # Browsers' media source buffers ignore edit lists: with them the sound would be early by the
    # delay of B-frames (67 ms at 30 pictures a second, 200 ms at 10).
    fragments = f"movflags={movflags}:use_editlist=0"
    return {
        "f": "hls",
        "hls_time": seconds,
        "hls_playlist_type": "event",
        "hls_list_size": 0,
        "hls_segment_type": "fmp4",
        "hls_flags": "independent_segments+temp_file",
        "hls_segment_options": f"{fragments}:fragment_index={number + 1}",
        "hls_fmp4_init_filename": INIT,
        "start_number": number,
    }
