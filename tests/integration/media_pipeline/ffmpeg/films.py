"""Tiny films in the formats that phones, browsers and cameras produce, made by ffmpeg."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.facts import SourceFacts
from media_pipeline.ffmpeg.package import PackageFacts
from media_pipeline.ffmpeg.probe import probe
from media_pipeline.ffmpeg.runner import run
from media_pipeline.ffmpeg.transcode import transcode

X264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p"
X265 = "-c:v libx265 -preset ultrafast -x265-params log-level=error"
TONE = "-f lavfi -i sine=frequency=440:duration={seconds}"


def ffmpeg(arguments: str, *more: str) -> bytes:
    """Run ffmpeg with blank-separated arguments, then `more` as they are; returns stdout."""
    command = [ffmpeg_binary(), "-nostdin", "-y", "-v", "error", *arguments.split(), *more]
    return run(command, files=None, wall_seconds=600).stdout


def ffmpeg_fed(data: bytes, arguments: str, *more: str) -> None:
    """Run ffmpeg with `data` as its `pipe:0`."""
    command = [ffmpeg_binary(), "-y", "-v", "error", *arguments.split(), *more]
    subprocess.run(command, input=data, check=True, timeout=120)


def film(
    path: Path,
    *,
    size: str = "320x180",
    rate: int = 15,
    seconds: float = 2,
    video: str = X264,
    audio: str = "-c:a aac",
    sound: str = TONE,
    picture: str = "testsrc2",
) -> Path:
    """A moving picture with a tone; `sound=""` for a silent one."""
    tone = sound.format(seconds=seconds)
    source = f"-f lavfi -i {picture}=size={size}:rate={rate}:duration={seconds} {tone}"
    ffmpeg(f"{source} {video} {audio if tone else ''}", str(path))
    return path


def staircase(frames: int, size: int = 64) -> bytes:
    """Raw pictures that each differ from their neighbours, so that a wrong one is seen."""
    return b"".join(
        bytes([24 + 40 * (n % 5)]) * size * size + b"\x80" * (size * size // 2)
        for n in range(frames)
    )


def steps(path: Path, arguments: str, *, rate: str = "30", seconds: float = 14) -> Path:
    """A film of such pictures, with a tone."""
    raw = f"-f rawvideo -pix_fmt yuv420p -s 64x64 -r {rate} -i pipe:0"
    frames = round(seconds * (30000 / 1001 if "/" in rate else float(rate)))
    tone = f"-f lavfi -i sine=d={seconds}"
    ffmpeg_fed(staircase(frames), f"{raw} {tone} {arguments}", str(path))
    return path


@dataclass
class Made:
    """A transcoded film with everything that was reported on the way."""

    facts: SourceFacts
    package: PackageFacts
    out_dir: Path
    steps: list[tuple[str, float]] = field(default_factory=list)
    first_play: list[str] = field(default_factory=list)


def make(
    source: Path,
    out_dir: Path,
    *,
    on_first_play: Callable[[str], None] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    facts: SourceFacts | None = None,
) -> Made:
    facts = facts or probe(source)
    steps: list[tuple[str, float]] = []
    first_play: list[str] = []

    def announce(path: str) -> None:
        first_play.append(path)
        if on_first_play is not None:
            on_first_play(path)

    package = transcode(
        source=source,
        facts=facts,
        out_dir=out_dir,
        on_step=lambda step, done: steps.append((str(step), done)),
        on_first_play=announce,
        should_stop=should_stop,
        binary=ffmpeg_binary(),
    )
    return Made(facts, package, out_dir, steps, first_play)


def cut_back(out_dir: Path, to: int) -> None:
    """Leave of a package what an attempt would that was killed after `to` segments."""
    for path in out_dir.glob("*p/seg_*.m4s"):
        if int(path.stem[4:]) >= to:
            path.unlink()
    for path in [*out_dir.glob("*p/index.m3u8"), *out_dir.glob("*.jpg"), *out_dir.glob("*.vtt")]:
        path.unlink()
    for name in ("master.m3u8", "progressive.mp4"):
        (out_dir / name).unlink(missing_ok=True)


def segments(out_dir: Path) -> dict[str, tuple[bytes, int]]:
    """Bytes and time of writing of each segment that is there under its final name."""
    paths = sorted(path for path in out_dir.rglob("seg_*.m4s") if "making" not in path.parts)
    return {
        str(path.relative_to(out_dir)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in paths
    }


def colour_at(path: Path, *, x: float, y: float, seconds: float = 0.0) -> tuple[int, int, int]:
    """Red, green and blue at a place given in shares of the picture, read as BT.709."""
    place = (
        f"crop=8:8:(iw-8)*{x}:(ih-8)*{y},scale=1:1:flags=area:in_color_matrix=bt709:in_range=tv,"
        "format=rgb24"
    )
    data = ffmpeg(
        f"-ss {seconds} -i", str(path), "-vf", place, "-frames:v", "1", "-f", "rawvideo", "-"
    )
    return data[0], data[1], data[2]


def loud_from(path: Path) -> float:
    """Second at which the sound is first heard."""
    data = ffmpeg("-i", str(path), "-vn", "-ac", "1", "-ar", "8000", "-f", "s16le", "-")
    samples = memoryview(data).cast("h")
    return next(number for number, value in enumerate(samples) if abs(value) > 1000) / 8000


def bright_from(path: Path) -> float:
    """Second at which the picture first turns bright, at 30 pictures a second."""
    data = ffmpeg(
        "-i", str(path), *["-an", "-vf", "fps=30,scale=1:1,format=gray", "-f", "rawvideo", "-"]
    )
    return next(number for number, value in enumerate(data) if value > 128) / 30
