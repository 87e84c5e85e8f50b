"""A test card as films that phones and cameras could have made of it.

The card tells on a package what became of it (`checks`): a mark in the upper left corner, eight
bars of colour, a disc, and a field below on the right that flashes for a fifth of a second at 1,
3, 5 … s while a tone is heard.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from PIL import Image, ImageDraw

from tests.integration.media_pipeline.ffmpeg.films import X264, ffmpeg

GROUND = (128, 128, 128)
BARS = (
    (190, 190, 190),
    (190, 190, 70),
    (70, 190, 190),
    (70, 190, 70),
    (190, 70, 190),
    (190, 70, 70),
    (70, 70, 190),
    (50, 50, 50),
)
BARS_AT = (0.44, 0.62)  # of the height
DISC_AT, DISC_RADIUS = (0.5, 0.22), 0.16  # shares of the sides; of the shorter side
FLASH_AT = (0.7, 0.75)
MARK = 0.14  # of the sides
FLASH_SECONDS = 0.2


def coded(matrix: str, *, span: str = "tv", pixels: str = "yuv420p", tag: str = "") -> str:
    """Filters from RGB to what a camera codes; `tag` (default: the matrix) is what it says."""
    tag = tag or matrix
    return (
        f"scale=out_color_matrix={matrix}:out_range={span},format={pixels},setparams=range={span}"
        f":color_primaries={tag}:color_trc={tag}:colorspace={tag}"
    )


BT709 = coded("bt709")
BT601 = coded("bt601", tag="smpte170m")


def hdr(curve: str) -> str:
    """The card in BT.2020 with its white at 203 nit (ITU-R BT.2408)."""
    return (
        f"{BT709},format=yuv444p10le,zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt2020"
        f",zscale=t={curve}:m=2020_ncl:r=tv:npl=203,format=yuv420p10le"
    )


BEEP = "sin(2*PI*1000*t)"
AAC = "-c:a aac -b:a 128k"


@dataclass(frozen=True)
class Card:
    """How the film is made. `size` is what the viewer is to see; `filters` bring the RGB card to
    what is coded; `voice` is one expression for each channel, with `{beep}` for the tone.
    """

    size: tuple[int, int] = (640, 480)
    rate: str = "15"
    seconds: float = 5
    filters: str = BT709
    video: str = X264
    audio: str = AAC
    voice: str = "{beep}*0.4"
    layout: str = "mono"
    sample_rate: int = 48_000


@cache
def _still(width: int, height: int) -> Path:
    """The card without the flash."""
    image = Image.new("RGB", (width, height), GROUND)
    draw = ImageDraw.Draw(image)
    top, bottom = (share * height for share in BARS_AT)
    for number, colour in enumerate(BARS):
        left, right = (width * (number + n) / len(BARS) for n in (0, 1))
        draw.rectangle((left, top, right - 1, bottom), fill=colour)
    x, y = DISC_AT[0] * width, DISC_AT[1] * height
    radius = DISC_RADIUS * min(width, height)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(235, 235, 235))
    draw.rectangle((0, 0, MARK * width, MARK * height), fill=(235, 235, 235))
    draw.rectangle((FLASH_AT[0] * width, FLASH_AT[1] * height, width, height), fill=(16, 16, 16))
    path = Path(mkdtemp(prefix="card-")) / "card.png"
    image.save(path)
    return path


def film_of(card: Card, path: Path, *more: str) -> Path:
    """Make the film at `path`; `more` goes between its options and its name."""
    ffmpeg("", *film_arguments(card), *more, str(path))
    return path


def film_arguments(card: Card) -> list[str]:
    x, y = FLASH_AT
    # Half a picture earlier: the picture that is nearest to the second is the first bright one.
    lit = f"between(mod(t+0.5/({card.rate})\\,2)\\,1\\,{1 + FLASH_SECONDS})"
    graph = (
        f"loop=loop=-1:size=1,setpts=N/({card.rate}*TB),fps={card.rate},trim=duration={card.seconds}"
        f",format=rgb24,drawbox=x=iw*{x}:y=ih*{y}:w=iw:h=ih:c=0xF0F0F0:t=fill:enable='{lit}'"
        f",format=gbrp,{card.filters}"
    )
    inputs = ["-i", str(_still(*card.size))]
    outputs = ["-map", "[v]", *card.video.split()]
    if card.audio:
        inputs += ["-f", "lavfi", "-i", sound(card)]
        outputs += ["-map", "1:a", *card.audio.split()]
    return [*inputs, "-filter_complex", f"[0:v]{graph}[v]", *outputs]


def sound(card: Card) -> str:
    """The tone as a lavfi source."""
    heard = f"between(mod(t\\,2)\\,1\\,{1 + FLASH_SECONDS})*{BEEP}"
    return (
        f"aevalsrc={card.voice.format(beep=heard)}:c={card.layout}:s={card.sample_rate}"
        f":d={card.seconds}"
    )
