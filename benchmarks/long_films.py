"""Films as long as lectures are, drawn by ffmpeg and Pillow at the size of the lowest rung, for the
figures of the weak line: what it carries depends on that rung alone.
"""

import random
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.runner import run

ROOT = Path(__file__).resolve().parent.parent
FONT = ROOT / "node_modules/@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf"
PAGES, PAGE_LINES, LINE_SIGNS = 40, 9, 32
# A voice is as loud and as quiet by turns as this noise, about.
VOICE = "anoisesrc=d={seconds}:c=pink:a=0.4,tremolo=f=4:d=0.8,lowpass=3500"
MOVING_SECONDS = 60  # what moves is drawn once and shown again and again


def slides(folder: Path, seconds: int) -> list[str]:
    """Pages full of writing, ten pictures a second."""
    chance = random.Random(1)
    listed = []
    for number in range(PAGES):
        page = Image.new("RGB", (1280, 720), "#FBF8F3")
        draw = ImageDraw.Draw(page)
        draw.rectangle((0, 0, 1280, 110), fill="#B8141B")
        for line in range(PAGE_LINES + 1):
            place = (60, 25) if line == 0 else (60, 78 + 62 * line)
            signs = "".join(chr(chance.randrange(0x4E00, 0x9000)) for _ in range(LINE_SIGNS))
            size, ink = (52, "white") if line == 0 else (34, "#1F1B16")
            text = signs[:16] if line == 0 else signs
            draw.text(place, text, font=ImageFont.truetype(FONT, size), fill=ink)
        page.save(folder / f"{number}.png")
        listed.append(f"file '{number}.png'\nduration {seconds / PAGES:.3f}\n")
    (folder / "pages.txt").write_text("".join(listed))
    source = ["-f", "concat", "-i", str(folder / "pages.txt")]
    return [*source, "-vf", "fps=10,scale=640:360", "-r", "10"]


def head(folder: Path, seconds: int) -> list[str]:
    """Somebody who talks and sways before a wall, with the noise of a camera; 25 a second."""
    graph = (
        "cellauto=s=640x360:rate=25:rule=110,trim=end_frame=1,loop=loop=-1:size=1:start=0,gblur=2,"
        f"setpts=N/25/TB,trim=duration={MOVING_SECONDS}[wall];"
        f"testsrc2=s=200x240:r=25:d={MOVING_SECONDS},gblur=3[body];"
        "[wall][body]overlay=x='220+14*sin(t*1.3)':y='80+8*sin(t*2.1)',noise=alls=5:allf=t"
    )
    return again(folder / "head.mp4", graph)


def hand(folder: Path, seconds: int) -> list[str]:
    """Everything moves, as where the camera is held by hand; 30 a second."""
    graph = f"mandelbrot=s=640x360:rate=30,trim=duration={MOVING_SECONDS},noise=alls=8:allf=t"
    return again(folder / "hand.mp4", graph)


def again(part: Path, graph: str) -> list[str]:
    inputs = ["-f", "lavfi", "-i", f"{graph},format=yuv420p"]
    ffmpeg(*inputs, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", str(part))
    return ["-stream_loop", "-1", "-i", str(part)]


FILMS: dict[str, Callable[[Path, int], list[str]]] = {"slides": slides, "head": head, "hand": hand}


def make_film(name: str, folder: Path, *, seconds: int) -> Path:
    made = folder / f"film-{name}.mp4"
    work = folder / name
    work.mkdir()
    picture = FILMS[name](work, seconds)
    voice = ["-f", "lavfi", "-i", VOICE.format(seconds=seconds)]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-pix_fmt", "yuv420p"]
    ffmpeg(
        *(*picture[: picture.index("-i") + 2], *voice, *picture[picture.index("-i") + 2 :]),
        *("-map", "0:v", "-map", "1:a", "-t", str(seconds), *codecs, "-c:a", "aac", str(made)),
    )
    return made


def ffmpeg(*arguments: str) -> None:
    run([ffmpeg_binary(), "-nostdin", "-v", "error", "-y", *arguments], files=None)
