"""VMAF of a rendition against its film, on a screen of the film's size: scaled up by cubic
interpolation, model vmaf_v0.6.1, every sixth picture of a stretch in the middle.
"""

import re
from pathlib import Path

from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.runner import run

EVERY = 6


def vmaf(rendition: Path, film: Path, *, start: float, seconds: float) -> float:
    """`rendition` is an MP4 that begins with the film."""
    graph = (
        "[0:v:0]fps=30,scale=1920:1080:flags=bicubic,{same}[d];[1:v:0]fps=30,{same}[r];"
        "[d][r]libvmaf=n_threads=2:n_subsample={every}"
    ).format(same="format=yuv420p,settb=AVTB,setpts=PTS-STARTPTS", every=EVERY)
    part = ["-ss", str(start), "-t", str(seconds), "-i"]
    said = run(
        [
            *(ffmpeg_binary(), "-nostdin", "-hide_banner", "-nostats"),
            *(*part, str(rendition), *part, str(film)),
            *("-an", "-filter_complex", graph, "-f", "null", "-"),
        ],
        files=None,
    )
    score = re.search(r"VMAF score: ([\d.]+)", said.stderr_tail)
    assert score, said.stderr_tail
    return float(score[1])
