"""What must hold for every package, measured on its bytes: nothing here asks the pipeline."""

import io
import re
import struct
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
from PIL import Image

from tests.integration.media_pipeline.ffmpeg import cards

ITU709, MPEG_RANGE = 1, 1


@dataclass
class Watched:
    """One track or file, decoded. Seconds are presentation times as browsers see them."""

    times: list[float] = field(default_factory=list)
    keyframes: list[float] = field(default_factory=list)
    flash: list[int] = field(default_factory=list)  # luma where the card flashes
    picture: Image.Image | None = None
    tags: tuple[int, int] | None = None
    samples: array = field(default_factory=lambda: array("f"))  # first channel
    channels: int = 0
    rate: int = 0
    sound_start: float = 0.0

    def flashes(self) -> list[float]:
        lit = [False, *(luma > 128 for luma in self.flash)]
        return [t for t, (a, b) in zip(self.times, pairwise(lit), strict=True) if b and not a]

    def beeps(self) -> list[float]:
        """When it becomes loud after a quarter of a second of silence."""
        loud = 0.3 * max(map(abs, self.samples))
        starts, last = [], -self.rate
        for number, value in enumerate(self.samples):
            if abs(value) > loud:
                if number - last > self.rate / 4:
                    starts.append(self.sound_start + number / self.rate)
                last = number
        return starts


def watch(source: bytes | Path) -> Watched:
    """Decode a whole track of a package, or a film by its path."""
    seen = Watched()
    data: Any = io.BytesIO(source) if isinstance(source, bytes) else str(source)
    with av.open(data) as container:
        streams = [*container.streams.video[:1], *container.streams.audio[:1]]
        for packet in container.demux(streams):
            if packet.stream.type == "video" and packet.is_keyframe and packet.pts is not None:
                seen.keyframes.append(float(packet.pts * packet.time_base))
            for frame in packet.decode():
                _take(seen, frame)
    if isinstance(source, bytes) and seen.times:
        # libavformat shows B-frames late where a track has no edit list; browsers do not.
        late = seen.times[0] - first_shown(source)
        seen.times = [time - late for time in seen.times]
        seen.keyframes = [time - late for time in seen.keyframes]
    return seen


def first_shown(track: bytes) -> float:
    """Presentation time of a CMAF track's first sample, by its own boxes."""
    mdhd = track.index(b"mdhd") + 4
    (scale,) = struct.unpack_from(">I", track, mdhd + (20 if track[mdhd] else 12))
    tfdt = track.index(b"tfdt") + 4
    (decoded,) = struct.unpack_from(">Q" if track[tfdt] else ">I", track, tfdt + 4)
    trun = track.index(b"trun") + 4
    flags = int.from_bytes(track[trun + 1 : trun + 4], "big")
    at = trun + 8 + 4 * sum(bool(flags & bit) for bit in (0x1, 0x4, 0x100, 0x200, 0x400))
    offset = struct.unpack_from(">i", track, at)[0] if flags & 0x800 else 0
    return float(decoded + offset) / scale


def _take(seen: Watched, frame: Any) -> None:
    if isinstance(frame, av.AudioFrame):
        if not seen.rate:
            seen.rate, seen.channels = frame.sample_rate, len(frame.layout.channels)
            seen.sound_start = frame.time
        first = array("f")
        first.frombytes(bytes(frame.planes[0])[: 4 * frame.samples])
        seen.samples.extend(first)
        return
    seen.times.append(frame.time)
    plane = frame.planes[0]
    x, y = (1 + cards.FLASH_AT[0]) / 2 * frame.width, (1 + cards.FLASH_AT[1]) / 2 * frame.height
    seen.flash.append(memoryview(plane)[int(y) * plane.line_size + int(x)])
    if seen.picture is None and frame.time >= 0.1:
        seen.tags = (int(frame.colorspace), int(frame.color_range))
        seen.picture = frame.reformat(format="rgb24", src_colorspace="itu709").to_image()


@dataclass(frozen=True)
class Variant:
    uri: str
    attributes: dict[str, str]


@dataclass(frozen=True)
class Playlist:
    """A media playlist with its files; `seconds` and `sizes` are by segment."""

    init: bytes
    whole: bytes
    seconds: list[float]
    sizes: list[int]
    target: int

    @property
    def peak(self) -> float:
        """Section 4.1 of RFC 8216: the largest rate of any run of segments between half and one
        and a half target durations.
        """
        return max(
            8 * sum(self.sizes[a:b]) / sum(self.seconds[a:b])
            for a in range(len(self.sizes))
            for b in range(a + 1, len(self.sizes) + 1)
            if len(self.sizes) == 1
            or 0.5 * self.target <= sum(self.seconds[a:b]) <= 1.5 * self.target
        )

    @property
    def average(self) -> float:
        return 8 * sum(self.sizes) / sum(self.seconds)


def read_playlist(path: Path) -> Playlist:
    text = path.read_text()
    init = (path.parent / re.search(r'#EXT-X-MAP:URI="([^"]+)"', text)[1]).read_bytes()
    parts = [(path.parent / name).read_bytes() for name in re.findall(r"^[^#\s].*$", text, re.M)]
    return Playlist(
        init,
        init + b"".join(parts),
        [float(value) for value in re.findall(r"#EXTINF:([\d.]+)", text)],
        [len(part) for part in parts],
        int(re.search(r"#EXT-X-TARGETDURATION:(\d+)", text)[1]),
    )


def read_master(text: str) -> tuple[list[Variant], Variant | None]:
    """The variants with a picture, and the sound's group."""
    variants = [
        Variant(uri, _attributes(line))
        for line, uri in re.findall(r"^#EXT-X-STREAM-INF:(.*)\n(.+)$", text, re.M)
    ]
    group = re.search(r"^#EXT-X-MEDIA:(.*TYPE=AUDIO.*)$", text, re.M)
    attributes = _attributes(group[1]) if group else {}
    return (
        [v for v in variants if "RESOLUTION" in v.attributes],
        Variant(attributes["URI"], attributes) if group else None,
    )


def _attributes(line: str) -> dict[str, str]:
    return {key: value.strip('"') for key, value in re.findall(r'([A-Z-]+)=("[^"]*"|[^,]+)', line)}


def codec_of(init: bytes) -> str:
    """RFC 6381 from the decoder's own configuration."""
    if (at := init.find(b"avcC")) >= 0:
        return f"avc1.{init[at + 5 : at + 8].hex()}"
    esds = init[init.index(b"esds") + 8 :]
    specific = esds[esds.index(b"\x05\x80\x80\x80") + 5 :]
    return f"mp4a.40.{specific[0] >> 3}"


def check_package(
    out_dir: Path,
    *,
    seconds: float,
    shape: float,
    rate: float | None = None,
    has_audio: bool = True,
    tolerance: int = 10,
    flashes: Sequence[float] | None = None,
) -> None:
    """Raise AssertionError unless the package is a right showing of the card: what `check_lists`
    says, and upright, colours within `tolerance` of 255, with flash and tone together, at
    `flashes` (by default 1, 3, 5 … s), and so is what weak lines get.
    """
    if flashes is None:
        flashes = range(1, round(seconds), 2)
    seen, heard, whole = check_lists(
        out_dir, seconds=seconds, shape=shape, rate=rate, has_audio=has_audio
    )
    for film in (*seen, whole):
        check_picture(film.picture, tolerance=tolerance)
        check_together(film, whole if film is whole else heard, flashes)
    check_picture(still_in(out_dir / "poster.jpg"), tolerance=tolerance + 4)
    light = watch(out_dir / "low.mp4")
    assert abs(max(light.times) + light.times[1] - light.times[0] - seconds) <= 0.1, light.times[-1]
    check_picture(light.picture, tolerance=tolerance)
    check_together(light, light, flashes)
    if has_audio:
        voice = watch(out_dir / "sound.mp4")
        assert abs(len(voice.samples) / voice.rate - seconds) <= 0.1
        check_together(light, voice, flashes)


def still_in(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGB")


def check_lists(
    out_dir: Path,
    *,
    seconds: float,
    shape: float,
    rate: float | None = None,
    has_audio: bool = True,
) -> tuple[list[Watched], Watched | None, Watched]:
    """Raise AssertionError unless master, playlists and progressive MP4 tell the truth, are as
    long as `seconds` and as wide to high as `shape`; returns the rungs, the sound and the
    progressive MP4, decoded.
    """
    variants, group = read_master((out_dir / "master.m3u8").read_text())
    assert variants
    assert (group is not None) is has_audio
    lists = {
        v.uri: read_playlist(out_dir / v.uri) for v in [*variants, *([group] if group else [])]
    }
    sound = lists[group.uri] if group else None
    frame = 1 / float(variants[0].attributes["FRAME-RATE"])
    if rate is not None:
        assert abs(1 / frame - rate) < 0.001, 1 / frame
    for media in lists.values():
        assert abs(sum(media.seconds) - seconds) <= 0.1, media.seconds
        assert all(abs(s - 4) <= frame + 0.001 for s in media.seconds[:-1]), media.seconds
        assert media.seconds[-1] <= 4 + frame + 0.001
    seen = {v.uri: watch(lists[v.uri].whole) for v in variants}
    for variant in variants:
        _check_variant(variant, lists[variant.uri], sound, seen[variant.uri], shape)
    _check_keyframes(list(seen.values()), frame)
    whole = watch(out_dir / "progressive.mp4")
    assert abs(max(whole.times) + frame - seconds) <= 0.1
    assert bool(whole.samples) is has_audio
    return list(seen.values()), watch(sound.whole) if sound else None, whole


def _check_variant(
    variant: Variant, media: Playlist, sound: Playlist | None, film: Watched, shape: float
) -> None:
    said = variant.attributes
    together = [media, *([sound] if sound else [])]
    assert abs(int(said["BANDWIDTH"]) - sum(m.peak for m in together)) <= len(together)
    assert abs(int(said["AVERAGE-BANDWIDTH"]) - sum(m.average for m in together)) <= len(together)
    assert said["CODECS"] == ",".join(codec_of(m.init) for m in together)
    width, height = map(int, said["RESOLUTION"].split("x"))
    assert film.picture is not None
    assert film.picture.size == (width, height)
    assert abs(width / height / shape - 1) < 0.02, (width, height)
    assert film.tags == (ITU709, MPEG_RANGE)
    gaps = [b - a for a, b in pairwise(film.times)]
    assert max(gaps) - min(gaps) < 0.002, "not at a constant rate"


def _check_keyframes(films: list[Watched], frame: float) -> None:
    times = [[round(t, 4) for t in film.keyframes] for film in films]
    assert all(keys == times[0] for keys in times), times
    assert all(abs(t - 4 * n) <= frame for n, t in enumerate(times[0])), times[0]


def check_together(film: Watched, voice: Watched | None, expected: Sequence[float]) -> None:
    """Flash and tone come together, when they should; `voice` is None for a silent film."""
    seen = film.flashes()
    assert len(seen) == len(expected), seen
    assert all(abs(a - b) <= 0.1 for a, b in zip(seen, expected, strict=True)), seen
    if voice is not None and voice.samples:
        beeps = voice.beeps()
        assert len(beeps) == len(seen), (beeps, seen)
        apart = [b - a for a, b in zip(seen, beeps, strict=True)]
        assert all(abs(value) <= 0.040 for value in apart), apart


def check_picture(picture: Image.Image | None, *, tolerance: int) -> None:
    """Upright, in the right shape, in the right colours."""
    assert picture is not None
    picture = picture.convert("RGB")
    corners = {
        (x, y): _mean(picture, x, y)[1] > 180
        for x in (cards.MARK / 2, 1 - cards.MARK / 2)
        for y in (cards.MARK / 2, 1 - cards.MARK)
    }
    marked = [corner for corner, bright in corners.items() if bright]
    assert marked == [(cards.MARK / 2, cards.MARK / 2)], marked
    across = _extent(_line(picture, y=cards.DISC_AT[1]), cards.DISC_AT[0])
    down = _extent(_line(picture, x=cards.DISC_AT[0]), cards.DISC_AT[1])
    assert abs(across / down - 1) < 0.04, f"the disc is {across} x {down}"
    middle = sum(cards.BARS_AT) / 2
    for number, colour in enumerate(cards.BARS):
        got = _mean(picture, (number + 0.5) / len(cards.BARS), middle)
        apart = max(abs(a - b) for a, b in zip(got, colour, strict=True))
        assert apart <= tolerance, f"{got} for {colour}"


def _mean(picture: Image.Image, x: float, y: float) -> tuple[int, ...]:
    at = round(x * picture.width), round(y * picture.height)
    area = picture.crop((at[0] - 2, at[1] - 2, at[0] + 3, at[1] + 3))
    return area.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # type: ignore[return-value]


def _line(picture: Image.Image, *, x: float | None = None, y: float | None = None) -> list[int]:
    grey = picture.convert("L")
    if y is not None:
        row = round(y * grey.height)
        return list(grey.crop((0, row, grey.width, row + 1)).tobytes())
    assert x is not None
    column = round(x * grey.width)
    return list(grey.crop((column, 0, column + 1, grey.height)).tobytes())


def _extent(values: list[int], at: float) -> float:
    """How far around `at` (a share) it is bright, with parts of pixels at both ends."""
    middle, dark, light = round(at * len(values)), cards.GROUND[0], values[round(at * len(values))]

    def share(value: int) -> float:
        return min(1.0, max(0.0, (value - dark) / (light - dark)))

    def run(side: Iterator[int]) -> float:
        length = 0.0
        for value in side:
            length += share(value)
            if share(value) < 0.5:
                break
        return length

    return run(iter(values[middle:])) + run(iter(reversed(values[:middle])))
