"""What the product is measured against, written out by hand, without its own recipe: commands that
run in the folder that they fill.
"""

from fractions import Fraction
from pathlib import Path

from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.ladder import Rung

# MediaCMS's renditions: lines, and kb/s of which one and a half times are the cap.
PER_RUNG = {144: 150, 240: 300, 360: 500, 480: 1000, 720: 2500, 1080: 4500}


def bare(film: Path, rungs: tuple[Rung, ...], rate: Fraction) -> list[str]:
    """One pass with the same outputs: one decode, the same rungs at the same settings, the sound
    as it is and in mono, storyboard and pictures for a poster.

    The product's look at the film, its loudness, its copied MP4s and its verification are not in
    here: they count against it.
    """
    graph = [f"[0:v:0]fps={rate},setsar=1,format=yuv420p,split=3[c0][s][p]"]
    for n, rung in enumerate(rungs):  # each out of the one above, which is the cheapest
        more = f",split=2[v{n}][c{n + 1}]" if n + 1 < len(rungs) else f"[v{n}]"
        graph.append(f"[c{n}]scale={rung.width}:{rung.height}{more}")
    graph.append("[s]fps=1/4,scale=160:90,format=yuvj420p,tile=6x5[sb]")
    graph.append("[p]fps=1,scale=640:360,format=yuvj420p,thumbnail=n=30[po]")
    graph.append("[0:a:0]aresample=48000,asplit=2[au][mo]")
    command = [ffmpeg_binary(), *_BEGIN, "-threads", "2", "-i", str(film)]
    command += ["-filter_complex", ";".join(graph)]
    for n in range(len(rungs)):
        command += ["-map", f"[v{n}]"]
    command += ["-map", "[au]", *_X264.split()]
    for n, rung in enumerate(rungs):
        command += [f"-threads:v:{n}", "1" if n else "2", f"-crf:v:{n}", str(rung.crf)]
        if min(rung.width, rung.height) > 360:
            command += [f"-rc-lookahead:v:{n}", "12"]
        command += [f"-maxrate:v:{n}", str(rung.maxrate), f"-bufsize:v:{n}", str(rung.bufsize)]
    variants = [f"v:{n},agroup:a" for n in range(len(rungs))]
    command += [*_AAC, "-b:a", "64k", "-f", "hls", *_HLS.split()]
    command += ["-var_stream_map", " ".join([*variants, "a:0,agroup:a"]), "%v/index.m3u8"]
    command += ["-map", "[mo]", *_AAC, "-b:a", "40k", "-ac", "1", "sound.mp4"]
    command += ["-map", "[sb]", "-q:v", "5", "-f", "image2", "story_%03d.jpg"]
    return [*command, "-map", "[po]", "-q:v", "6", "-frames:v", "1", "-update", "1", "poster.jpg"]


def per_rung(film: Path) -> dict[int, list[str]]:
    """One process for each rendition, as MediaCMS encodes them; 0 is the pass for the storyboard.
    Each makes `<lines>.mp4`, which is then also stored cut up as HLS, at the same size.
    """
    commands = {}
    for lines, rate in PER_RUNG.items():
        commands[lines] = [
            *(ffmpeg_binary(), *_BEGIN, "-i", str(film), "-map", "0:v:0", "-map", "0:a:0?"),
            *("-vf", f"scale=-2:{lines},format=yuv420p", "-c:v", "libx264", "-preset", "medium"),
            *("-crf", "23", "-maxrate", f"{rate * 3 // 2}k", "-bufsize", f"{rate * 2}k"),
            *("-x264-params", "keyint=120:keyint_min=120"),
            *("-force_key_frames", "expr:gte(t,n_forced*4)", "-c:a", "aac", "-b:a", "128k"),
            *("-movflags", "+faststart", f"{lines}.mp4"),
        ]
    commands[0] = [
        *(
            ffmpeg_binary(),
            *_BEGIN,
            "-i",
            str(film),
            "-an",
            "-vf",
            "fps=1/10,scale=160:90,format=yuvj420p",
        ),
        *("-q:v", "5", "-f", "image2", "sprite_%03d.jpg"),
    ]
    return commands


def decode(film: Path) -> list[str]:
    return [ffmpeg_binary(), *_BEGIN, "-i", str(film), "-map", "0:v:0", "-f", "null", "-"]


_BEGIN = ("-nostdin", "-y", "-v", "error")
_X264 = (
    "-c:v libx264 -preset faster -refs 1 -subq 2 -b_strategy 0 -profile:v high -g 120"
    " -keyint_min 120 -sc_threshold 0 -x264-params sync-lookahead=0"
)
_AAC = ("-c:a", "aac", "-aac_coder", "fast")
_HLS = (
    "-hls_time 4 -hls_playlist_type vod -hls_segment_type fmp4 -hls_flags independent_segments"
    " -master_pl_name master.m3u8 -hls_segment_filename %v/seg_%05d.m4s"
)
