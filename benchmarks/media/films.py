"""The three kinds of film: a slide lecture, a talking head, a film held by hand; 1080p30, with a
voice or what is as loud as one.

Out of a folder that has `slides`, `head` and `handheld` (any container; shorter ones are looped),
else made: slides by the demo's own means, the others from drawn pictures that move and have a
camera's noise. Drawn ones are the same in every run.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw, ImageFilter

from lms.demo.films import make_film
from lms.demo.lectures import LECTURES
from media_pipeline.ffmpeg.binary import ffmpeg_binary
from media_pipeline.ffmpeg.runner import run

KINDS = ("slides", "head", "handheld")
RATE = 30
FONTS = Path(__file__).parents[2] / "node_modules" / "@expo-google-fonts" / "noto-sans-sc"
# As a phone encodes: fast, a keyframe each second, far more bits than anybody needs.
PHONE = (
    "-c:v libx264 -preset superfast -b:v 12M -maxrate 17M -bufsize 17M -g 30 -pix_fmt yuv420p"
    " -color_range tv -colorspace bt709 -color_primaries bt709 -color_trc bt709 -c:a aac -b:a 128k"
)


@dataclass(frozen=True)
class Film:
    kind: str
    path: Path
    origin: str


def films(work: Path, *, folder: Path | None, seconds: int, kinds: tuple[str, ...]) -> list[Film]:
    """The films of so many seconds, in `work`."""
    made = {"slides": _slides, "head": _head, "handheld": _handheld}
    found = []
    for kind in kinds:
        path = work / f"{kind}.mp4"
        given = next(iter(sorted(folder.glob(f"{kind}.*"))), None) if folder else None
        if given is not None:
            path = path.with_suffix(given.suffix)
            _ffmpeg("-stream_loop", "-1", "-i", given, "-t", seconds, "-c", "copy", path)
        else:
            made[kind](path, seconds)
        found.append(Film(kind, path, "recording" if given else "made"))
    return found


def _slides(path: Path, seconds: int) -> None:
    lecture = max(LECTURES, key=lambda lecture: len(lecture.slides))
    shape = replace(lecture.film, container="mp4", codec="h264", width=1920, height=1080, fps=RATE)
    whole = replace(lecture, film=replace(shape, rotation=0, variable_rate=False))
    spoken = make_film(whole, out_dir=path.parent / "demo", font_dir=FONTS)
    _ffmpeg("-stream_loop", "-1", "-i", spoken, "-t", seconds, "-c", "copy", path)


def _head(path: Path, seconds: int) -> None:
    """A figure that sways and gestures before a wall with shelves; a lens keeps still."""
    room = _texture(Random(1), (1920, 1080), strength=18, base=(168, 160, 148))
    pen = ImageDraw.Draw(room)
    books = Random(2)
    for shelf in range(4):
        x = 1180
        while x < 1860:
            width, height = books.randrange(14, 40), books.randrange(110, 180)
            colour = tuple(books.randrange(40, 200) for _ in range(3))
            pen.rectangle((x, 230 * shelf + 200 - height, x + width, 230 * shelf + 200), colour)
            x += width + 2
    room.save(path.with_name("room.png"))
    size = (640, 860)
    figure = _texture(Random(3), size, strength=30, base=(70, 74, 92)).convert("RGBA")
    mask = Image.new("L", size)
    outline = ImageDraw.Draw(mask)
    outline.ellipse((200, 40, 440, 360), 255)
    outline.rounded_rectangle((60, 380, 580, 1000), 140, 255)
    skin = _texture(Random(4), size, strength=24, base=(205, 164, 140))
    face = Image.new("L", size)
    ImageDraw.Draw(face).ellipse((200, 40, 440, 360), 255)
    figure.paste(skin, (0, 0), face)
    figure.putalpha(mask.filter(ImageFilter.GaussianBlur(2)))
    figure.save(path.with_name("figure.png"))
    hand = skin.crop((0, 0, 130, 110)).convert("RGBA")
    palm = Image.new("L", hand.size)
    ImageDraw.Draw(palm).ellipse((0, 0, 129, 109), 255)
    hand.putalpha(palm.filter(ImageFilter.GaussianBlur(1)))
    hand.save(path.with_name("hand.png"))
    graph = (
        "[0][1]overlay=x='560+26*sin(t*1.1)+5*sin(t*5.3)':y='230+8*sin(t*2.3)'[a];"
        "[a][2]overlay=x='680+190*sin(t*1.7)':y='720+120*sin(t*2.9)',"
        "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,noise=alls=4:allf=t[v]"
    )
    pictures = [path.with_name(f"{name}.png") for name in ("room", "figure", "hand")]
    _filmed(path, pictures, graph, seconds)


def _handheld(path: Path, seconds: int) -> None:
    """A village seen through a hand's shake while walking on."""
    village = _texture(Random(5), (2304, 1296), strength=40, base=(110, 122, 96))
    pen = ImageDraw.Draw(village)
    houses = Random(6)
    for _ in range(90):
        x, y = houses.randrange(2304), houses.randrange(300, 1296)
        width, height = houses.randrange(30, 150), houses.randrange(20, 90)
        pen.rectangle((x, y, x + width, y + height), tuple(houses.randrange(255) for _ in "rgb"))
    village.save(path.with_name("village.png"))
    graph = (
        "[0]crop=1920:1080:'192+150*sin(t/3)+14*sin(t*4.1)+6*sin(t*11)'"
        ":'108+70*sin(t/5)+12*cos(t*3.3)+5*sin(t*9)',"
        "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,noise=alls=6:allf=t[v]"
    )
    _filmed(path, [path.with_name("village.png")], graph, seconds)


def _texture(
    random: Random, size: tuple[int, int], *, strength: int, base: tuple[int, int, int]
) -> Image.Image:
    """A surface as lenses see them: coarse shapes strongly, fine grain weakly."""
    layers = Image.new("L", size, 128)
    for grain, share in ((128, 0.6), (32, 0.5), (8, 0.4), (2, 0.25)):
        small = (size[0] // grain + 2, size[1] // grain + 2)
        noise = Image.frombytes("L", small, random.randbytes(small[0] * small[1]))
        layers = Image.blend(layers, noise.resize(size, Image.Resampling.BICUBIC), share)
    bands = [
        layers.point([min(255, max(0, level + (v - 128) * strength // 64)) for v in range(256)])
        for level in base
    ]
    return Image.merge("RGB", bands)


def _filmed(path: Path, pictures: list[Path], graph: str, seconds: int) -> None:
    still = [part for p in pictures for part in ("-loop", "1", "-framerate", RATE, "-i", p)]
    voice = (
        "anoisesrc=c=pink:a=0.5:seed=1,tremolo=f=3:d=0.9,lowpass=f=3500,"
        f"highpass=f=150,atrim=end={seconds}"
    )
    _ffmpeg(
        *(*still, "-f", "lavfi", "-i", voice, "-filter_complex", graph, "-map", "[v]"),
        *("-map", f"{len(pictures)}:a", "-t", seconds, *PHONE.split(), path),
    )


def _ffmpeg(*arguments: object) -> None:
    run([ffmpeg_binary(), "-nostdin", "-y", "-v", "error", *map(str, arguments)], files=None)
