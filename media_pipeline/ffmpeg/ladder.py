"""Which renditions a film gets, and at how many pictures a second. Pure.

Rungs go by the short side, so a portrait film from a phone gets the same rungs as a landscape one.
"""

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction

GOP_SECONDS = 4
AUDIO_RATE = 64_000
STILL_CRF, STILL_MAXRATE = 28.0, 16_000
LONGEST_SIDE = 4096  # what hardware decoders of H.264 take
# A film a little under a rung (1276x718, cropped PAL) keeps its size and takes the rung's name.
NEARLY = 0.96


@dataclass(frozen=True)
class Rung:
    """One rendition: even size in pixels, x264 CRF, and the cap on its rate in bits a second."""

    name: str
    width: int
    height: int
    crf: float
    maxrate: int
    bufsize: int


@dataclass(frozen=True)
class _Step:
    short: int
    crf: float
    maxrate: int
    bufsize: int


# Low CRF at a fast preset: measured better than a slow preset at CRF 23, for a third of the CPU.
# The lowest step stays near 500 kb/s together with the sound, whatever the film shows; its small
# buffer keeps single segments near that as well.
_STEPS = (
    _Step(1080, 20, 4_200_000, 6_300_000),
    _Step(720, 20, 2_200_000, 3_300_000),
    _Step(480, 20, 1_000_000, 1_500_000),
    _Step(360, 19, 400_000, 400_000),
)


def ladder_for(*, width: int, height: int, still: bool = False) -> tuple[Rung, ...]:
    """Rungs for a film shown at `width` x `height` (upright, square pixels), highest first.

    Never larger than the film; a film below the lowest step gets one rung of its own size. So does
    a `still` picture, which costs no more than a keyframe each four seconds.
    """
    short = min(width, height)
    if still:
        size = _scaled(width, height, short)
        return (
            Rung(f"{min(size)}p", *size, STILL_CRF, STILL_MAXRATE, GOP_SECONDS * STILL_MAXRATE),
        )
    fitting = [step for step in _STEPS if step.short * NEARLY <= short]
    if not fitting:
        own = _STEPS[-1]
        rung_size = _scaled(width, height, short)
        return (Rung(f"{min(rung_size)}p", *rung_size, own.crf, own.maxrate, own.bufsize),)
    return tuple(
        Rung(
            f"{step.short}p",
            *_scaled(width, height, min(step.short, short)),
            step.crf,
            step.maxrate,
            step.bufsize,
        )
        for step in fitting
    )


def _scaled(width: int, height: int, short: int) -> tuple[int, int]:
    """The size with `short` as its short side, in the film's shape, even, never larger."""
    factor = min(
        Fraction(short, min(width, height)), Fraction(LONGEST_SIDE, max(width, height)), Fraction(1)
    )
    return _even(width * factor, width), _even(height * factor, height)


def _even(value: Fraction, most: int) -> int:
    nearest = 2 * round(value / 2)
    return max(2, nearest if nearest <= most else nearest - 2)


SLOWEST, FASTEST = Fraction(10), Fraction(30)
_USUAL = (
    Fraction(10),
    Fraction(12),
    Fraction(25, 2),
    Fraction(15),
    Fraction(20),
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
)


def frame_rate_for(*, fps: Fraction, is_vfr: bool) -> Fraction:
    """The constant rate all rungs get: 10 to 30 pictures a second.

    A steady film keeps its rate; faster ones are divided so that every n-th picture stays
    (60 to 30, 50 to 25). An unsteady one gets the next usual rate.
    """
    if fps <= SLOWEST:
        return SLOWEST
    if fps > FASTEST * Fraction(201, 200):
        times = -(-fps // (FASTEST * Fraction(201, 200)))
        fps = fps / times
        if fps < Fraction(47, 2):
            return FASTEST
    nearest = min(_USUAL, key=lambda usual: abs(usual - fps))
    if abs(nearest - fps) <= nearest / 200:
        return nearest
    if is_vfr:
        return _USUAL[min(bisect_left(_USUAL, fps), len(_USUAL) - 1)]
    return min(fps.limit_denominator(1001), FASTEST)
