"""What hostile files are made of: honest little films, and the places they try to reach."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.runner import run

_PICTURE = "-f lavfi -i testsrc2=size=96x64:rate=10:duration=2"
_SOUND = "-f lavfi -i sine=frequency=440:sample_rate=44100:duration=2"
_EXACT = "-fflags +bitexact -flags:v +bitexact -flags:a +bitexact -threads 1"
_H264 = "-c:v libx264 -preset ultrafast -g 10 -bf 0 -pix_fmt yuv420p"
_AAC = "-c:a aac -b:a 48k"
# name: (options, muxer)
_FILMS = {
    "mp4": (f"{_H264} {_AAC}", "mp4"),
    "fragments": (f"{_H264} {_AAC} -movflags frag_keyframe+empty_moov", "mp4"),
    "mkv": (f"{_H264} {_AAC}", "matroska"),
    "webm": ("-c:v libvpx -deadline realtime -g 10 -c:a libopus", "webm"),
    "vp9": ("-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 10 -an", "webm"),
    "avi": ("-c:v mpeg4 -g 10 -c:a libmp3lame", "avi"),
    "ts": (f"{_H264} {_AAC}", "mpegts"),
    "flv": (f"{_H264} {_AAC}", "flv"),
    "mjpeg": ("-c:v mjpeg -pix_fmt yuvj420p -an", "mov"),
    "prores": ("-c:v prores_ks -profile:v 0 -an", "mov"),
    "hevc": ("-c:v libx265 -preset ultrafast -x265-params log-level=none:pools=none -an", "mp4"),
}


@dataclass(frozen=True)
class Workshop:
    """`folder` is where the file will lie, with the canaries beside it; `port` is listened to."""

    folder: Path
    port: int

    def film(self, name: str) -> bytes:
        return encoded(name)

    @property
    def web(self) -> str:
        return f"http://127.0.0.1:{self.port}/canary.ts"

    @property
    def canary(self) -> str:
        return str(self.folder / "canary.ts")


@dataclass(frozen=True)
class Hostile:
    name: str
    family: str
    make: Callable[[Workshop], bytes]


@cache
def encoded(name: str) -> bytes:
    options, muxer = _FILMS[name]
    return _ffmpeg(f"{_PICTURE} {_SOUND} {options}", muxer)


@cache
def sized(size: str, codec: str = _H264, muxer: str = "mpegts") -> bytes:
    """Two seconds of picture at a size of its own."""
    source = f"-f lavfi -i testsrc2=size={size}:rate=10:duration=2"
    return _ffmpeg(f"{source} {codec} -an", muxer)


@cache
def jpeg(width: int = 96, height: int = 64) -> bytes:
    source = f"-f lavfi -i testsrc2=size={width}x{height}:rate=1:duration=1"
    return _ffmpeg(f"{source} -frames:v 1 -c:v mjpeg -pix_fmt yuvj420p", "mjpeg")


@cache
def with_file(options: str, name: str, content: bytes, base: str = "mkv") -> bytes:
    """An honest film muxed with a file of any content; `{}` in the options is its path."""
    folder = _scratch()
    (folder / name).write_bytes(content)
    (folder / "base").write_bytes(encoded(base))
    muxer = "mp4" if base == "mp4" else "matroska"
    return _ffmpeg(f"-i {folder / 'base'} {options.format(folder / name)}", muxer)


def _ffmpeg(options: str, muxer: str) -> bytes:
    path = _scratch() / "out"
    command = f"-nostdin -y -v error {options} {_EXACT} -f {muxer}".split()
    run([ffmpeg_binary(), *command, str(path)], files=None, wall_seconds=120)
    data = path.read_bytes()
    path.unlink()
    return data


@cache
def _scratch() -> Path:
    import atexit
    import shutil
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="hostile-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
