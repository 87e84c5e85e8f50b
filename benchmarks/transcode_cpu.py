"""CPU of the whole job against a bare ffmpeg command with the same outputs.

The whole job is probe, loudness, sound, ladder, progressive MP4, pictures, playlists and
verification. The bare command is written out here by hand, without the product's own recipe: one
decode, the same rungs at the same settings, sound, poster and storyboard; loudness and the MP4,
which it does not make, count against the product.
"""

import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import Figure
from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.probe import probe
from media_pipeline.ffmpeg.runner import run
from media_pipeline.ffmpeg.transcode import transcode

SECONDS = 64
ROUNDS = 2
LIMIT = 1.15

GRAPH = (
    "[0:v:0]fps=30,setsar=1,format=yuv420p,split=5[v0][b][c][s][p];[b]scale=854:480[v1];"
    "[c]scale=640:360[v2];[s]fps=1/5,scale=160:90,tile=6x3[sb];"
    "[p]fps=1,scale=960:540,thumbnail=n=30[po];[0:a:0]aresample=48000[au]"
)
BARE = (
    "-map [v0] -map [v1] -map [v2] -map [au] -c:v libx264 -preset veryfast -profile:v high"
    " -crf:v:0 20 -maxrate:v:0 2200k -bufsize:v:0 3300k -crf:v:1 20 -maxrate:v:1 1000k"
    " -bufsize:v:1 1500k -crf:v:2 19 -maxrate:v:2 400k -bufsize:v:2 400k"
    " -g 120 -keyint_min 120 -sc_threshold 0 -threads:v 2 -c:a aac -b:a 64k -ac 2 -f hls"
    " -hls_time 4 -hls_playlist_type vod -hls_segment_type fmp4 -hls_flags independent_segments"
    " -master_pl_name master.m3u8 -hls_segment_filename %v/seg_%05d.m4s"
    " -var_stream_map v:0,agroup:a|v:1,agroup:a|v:2,agroup:a|a:0,agroup:a %v/index.m3u8"
    " -map [sb] -q:v 5 -f image2 story_%03d.jpg -map [po] -q:v 6 -frames:v 1 -update 1 poster.jpg"
)


def source(path: Path) -> Path:
    """A still drawing with a moving corner, noise for a voice; 720p30. Easy to encode, like
    slides, so that the product's own share shows.
    """
    picture = (
        f"smptehdbars=s=1280x720:r=30:d={SECONDS}[a];testsrc2=s=320x180:r=30:d={SECONDS}[b];"
        "[a][b]overlay=format=auto,scale=out_color_matrix=bt709,format=yuv420p"
    )
    sound = f"anoisesrc=d={SECONDS}:c=pink:a=0.2"
    inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-colorspace", "bt709", "-c:a", "aac"]
    command = [ffmpeg_binary(), "-nostdin", "-v", "error", *inputs, *codecs, str(path)]
    run(command, files=None)
    return path


def cpu_of(work: Callable[[Path], object]) -> float:
    """CPU seconds of `work`, in this process and in those it started."""

    def used() -> float:
        usages = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, usages))

    with tempfile.TemporaryDirectory(prefix="lectern-bench-") as folder:
        before = used()
        work(Path(folder))
        return used() - before


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="lectern-bench-") as folder:
        film = source(Path(folder) / "film.mp4")

        def job(out_dir: Path) -> None:
            transcode(
                source=film,
                facts=probe(film),
                out_dir=out_dir,
                on_step=lambda step, done: None,
                on_first_play=lambda path: None,
                should_stop=lambda: False,
                binary=ffmpeg_binary(),
            )

        def bare(out_dir: Path) -> None:
            options = [part.replace("|", " ") for part in BARE.split()]
            command = [ffmpeg_binary(), "-nostdin", "-v", "error", "-threads", "2", "-i", str(film)]
            run([*command, "-filter_complex", GRAPH, *options], files=None, cwd=out_dir)

        whole, least = [], []
        for _ in range(ROUNDS):
            whole.append(cpu_of(job))
            least.append(cpu_of(bare))
            sys.stderr.write(f"  job {whole[-1]:.1f} s, bare command {least[-1]:.1f} s\n")
    ratio = min(whole) / min(least)
    return [Figure(f"CPU of a job of {SECONDS} s to bare ffmpeg", ratio, LIMIT, "x")]
