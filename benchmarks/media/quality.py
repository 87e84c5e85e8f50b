"""VMAF of a rendition against its film, on a screen of the film's size: scaled up by cubic
interpolation, model vmaf_v0.6.1, every sixth picture of a stretch in the middle.
"""

import re
from fractions import Fraction
from pathlib import Path

from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.runner import run

EVERY = 6
BT709 = "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"


def vmaf(rendition: Path, film: Path, *, rate: Fraction, start: float, seconds: float) -> float:
    """`rendition` is an MP4 that begins with the film; pictures are compared at `rate`."""
    # Both begin at 0, as browsers show them; libavformat shows B-frames late where a track has no
    # edit list. Both are BT.709; without its tag the film would be taken for BT.601 and converted.
    part = f"{BT709},setpts=PTS-STARTPTS,fps={rate},trim={start}:{start + seconds}"
    same = "format=yuv420p,settb=AVTB,setpts=PTS-STARTPTS"
    graph = (
        f"[0:v:0]{part},scale=1920:1080:flags=bicubic,{same}[d];[1:v:0]{part},{same}[r];"
        f"[d][r]libvmaf=n_threads=2:n_subsample={EVERY}"
    )
    until = ["-copyts", "-t", str(start + seconds + 1), "-i"]
    said = run(
        [
            *(ffmpeg_binary(), "-nostdin", "-hide_banner", "-nostats"),
            *(*until, str(rendition), *until, str(film)),
            *("-an", "-filter_complex", graph, "-f", "null", "-"),
        ],
        files=None,
    )
    score = re.search(r"VMAF score: ([\d.]+)", said.stderr_tail)
    assert score, said.stderr_tail
    return float(score[1])
