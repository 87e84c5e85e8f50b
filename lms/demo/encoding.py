"""The ffmpeg command lines that make the demo's recordings look like those of real devices.

Pure: argv in lists, nothing is run. What belongs here: codecs, containers, rotation flags,
uneven frame rates. What does not: pictures and sound themselves (`films`).
"""

from __future__ import annotations

from pathlib import Path

from lms.demo.lectures import Film, Rotation
from lms.demo.paper import RED, SHORT_SIDE
from lms.demo.slides import PROGRESS_LINE

# Brings the flat synthetic voice to about -16 LUFS with true peaks below -1 dB.
_VOICE_FILTER = (
    "aresample=48000,highpass=f=70,"
    "acompressor=threshold=0.06:ratio=3:attack=4:release=120:makeup={makeup},"
    "alimiter=limit=0.84:level=false"
)

_TICKS = 90_000

_VIDEO_CODECS: dict[str, list[str]] = {
    "h264": ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "23", "-threads", "2"],
    "hevc": [
        "-c:v", "libx265", "-preset", "ultrafast", "-crf", "22", "-tag:v", "hvc1",
        "-x265-params", "log-level=error:pools=none:frame-threads=1:wpp=0:bframes=0",
    ],
    "vp8": [
        "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "900k",
        "-threads", "1",
    ],
    "vp9": [
        "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "0",
        "-crf", "30", "-row-mt", "1", "-threads", "2",
    ],
}  # fmt: skip

_AUDIO_CODECS: dict[str, list[str]] = {
    "webm": ["-c:a", "libopus", "-b:a", "48k"],
    "3gp": ["-c:a", "aac", "-aac_coder", "fast", "-b:a", "48k"],
}
_AUDIO_ELSEWHERE = ["-c:a", "aac", "-aac_coder", "fast", "-b:a", "96k"]

_MUXERS = {"mp4": "mp4", "mov": "mov", "webm": "webm", "3gp": "3gp", "mkv": "matroska"}


def film_command(
    *, film: Film, pictures: Path, voice: Path, makeup: float, frames: int, out: Path, binary: str
) -> list[str]:
    """Encode a list of still pictures (ffconcat) and a voice (WAV) into `out`.

    A film with a rotation is stored turned; `rotation_command` then adds the flag.
    """
    rate_out = ["-fps_mode", "cfr", "-r", str(film.fps)]
    if film.variable_rate:
        rate_out = ["-fps_mode", "passthrough", "-enc_time_base", f"1:{_TICKS}"]
    graph = f"{_picture_graph(film, frames)};[1:a]{_VOICE_FILTER.format(makeup=makeup)}[a]"
    return [
        binary, "-nostdin", "-y", "-v", "warning",
        "-f", "concat", "-safe", "0", "-i", str(pictures),
        "-i", str(voice),
        "-filter_complex", graph, "-map", "[v]", "-map", "[a]",
        *_VIDEO_CODECS[film.codec], *rate_out, "-g", str(film.fps * 2),
        *_AUDIO_CODECS.get(film.container, _AUDIO_ELSEWHERE),
        *_reproducible(film), str(out),
    ]  # fmt: skip


def rotation_command(*, film: Film, source: Path, out: Path, binary: str) -> list[str]:
    """Copy `source` and write into it how far a player must turn it, as a phone does."""
    # The option counts counter-clockwise, a film's rotation clockwise.
    return [
        binary, "-nostdin", "-y", "-v", "warning",
        "-display_rotation:v:0", str((360 - film.rotation) % 360), "-i", str(source),
        "-map", "0", "-c", "copy", *(["-tag:v", "hvc1"] if film.codec == "hevc" else []),
        *_reproducible(film), str(out),
    ]  # fmt: skip


def _reproducible(film: Film) -> list[str]:
    exact = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
    ticks = ["-video_track_timescale", str(_TICKS)] if film.container in ("mp4", "mov") else []
    return ["-map_metadata", "-1", *exact, *ticks, "-f", _MUXERS[film.container]]


def _picture_graph(film: Film, frames: int) -> str:
    """Stills to even frames, the red line growing along the foot, then what the device does."""
    tall = max(2, round(PROGRESS_LINE * min(film.width, film.height) / SHORT_SIDE))
    colour = f"0x{RED.removeprefix('#')}"
    matrix = (
        f"out_color_matrix={_matrix(film)}:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_int"
    )
    steps = [
        # JPEG is always BT.601 in full range.
        f"[0:v]scale=in_color_matrix=bt601:in_range=pc:{matrix},format=yuv420p,"
        f"fps={film.fps},trim=end_frame={frames}[still]",
        f"color=c={colour}:s={film.width}x{tall}:r={film.fps}:d={1 / film.fps:.4f},"
        f"scale={matrix},format=yuv420p[line]",
        f"[still][line]overlay=x='-w+w*t/{frames / film.fps:.4f}':y=H-h:eval=frame"
        f"{_turned(film.rotation)}{_uneven(film)},setsar=1,"
        f"setparams=range=tv:colorspace={_matrix(film).replace('bt601', 'smpte170m')}"
        ":color_primaries=bt709:color_trc=bt709[v]",
    ]
    return ";".join(steps)


def _matrix(film: Film) -> str:
    """VP8 has no field for its colours: every player takes them for BT.601."""
    return "bt601" if film.codec == "vp8" else "bt709"


def _turned(rotation: Rotation) -> str:
    """What undoes a player's clockwise turn."""
    return {0: "", 90: ",transpose=cclock", 180: ",hflip,vflip", 270: ",transpose=clock"}[rotation]


def _uneven(film: Film) -> str:
    """The frame rate of a phone: jitter always, and in dim stretches every third frame gone."""
    if not film.variable_rate:
        return ""
    return (
        ",select='if(lt(mod(t,9),6),1,gt(mod(n,3),0))'"
        f",settb=1/{_TICKS},setpts='PTS+round(420*sin(N*1.7))'"
    )
