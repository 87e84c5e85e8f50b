"""Which renditions a film gets, and at how many pictures a second. Pure.

Rungs go by the short side, so a portrait film from a phone gets the same rungs as a landscape one.
"""

from bisect import bisect_left
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

GOP_SECONDS = 4
AUDIO_RATE = 64_000
STILL_CRF, STILL_MAXRATE = 28.0, 16_000
LONGEST_SIDE = 4096  # what hardware decoders of H.264 take
# A film a little under a rung (1276x718, cropped PAL) keeps its size and takes the rung's name.
NEARLY = 0.96


@dataclass(frozen=True)
class Rung:
    """One rendition: even size in pixels, x264 CRF, the cap on its rate in bits a second."""

    name: str
    width: int
    height: int
    crf: float
    maxrate: int
    bufsize: int


class Pace(StrEnum):
    """How much moves in a film (`survey` finds out)."""

    STILL = "still"  # pages of a lecture, a screen
    CALM = "calm"  # somebody talks, the light is good, the camera stands
    BUSY = "busy"  # the camera moves, or all of the picture has its noise


@dataclass(frozen=True)
class _Step:
    short: int
    maxrate: int
    bufsize: int


# Between 720 and 360 lines there is none: what it takes of CPU and bytes does more in the others.
# A film that has no more lines than that gets one of 480 as its highest.
_STEPS = (
    _Step(1080, 7_200_000, 9_000_000),
    _Step(720, 3_600_000, 4_800_000),
    _Step(480, 1_500_000, 2_000_000),
    _Step(360, 750_000, 1_000_000),
)
# The lowest rung of any film runs on a weak line together with the sound, and is what the file for
# such lines is a copy of (`light`). Where much moves it stands below a rung of the same size.
LIGHT = _Step(360, 280_000, 560_000)
LIGHT_NAME = "light"
# By measurement (docs/adr/0015): what stands still shows each fault for longer, the smaller the
# picture the more of it. Above 720 lines, above 360, and from there down.
_CRFS: dict[Pace, tuple[float, float, float]] = {
    Pace.STILL: (20.5, 20.5, 20),
    Pace.CALM: (21.5, 20.75, 20.5),
    Pace.BUSY: (21.5, 20.75, 20.5),
}
SMOOTH_LINES = 720


def ladder_for(
    *, width: int, height: int, still: bool = False, pace: Pace = Pace.CALM, sharp: bool = True
) -> tuple[Rung, ...]:
    """Rungs for a film shown at `width` x `height` (upright, square pixels), highest first.

    Never larger than the film, nor than 720 lines where it is not `sharp` beyond these; a film
    below 360 lines gets one rung of its own size. So does a `still` picture, which costs no more
    than a keyframe each four seconds.
    """
    short = min(width, height)
    own = _scaled(width, height, short)
    if still:
        return (Rung(f"{min(own)}p", *own, STILL_CRF, STILL_MAXRATE, GOP_SECONDS * STILL_MAXRATE),)
    fitting = [step for step in _STEPS if step.short * NEARLY <= short]
    if not fitting:
        return (Rung(f"{min(own)}p", *own, _crf(pace, short), LIGHT.maxrate, LIGHT.bufsize),)
    steps = [
        step
        for step in fitting
        if (sharp or step.short <= SMOOTH_LINES) and (step.short != 480 or step is fitting[0])
    ]
    if pace is Pace.BUSY:
        steps.append(LIGHT)
    else:
        steps[-1] = replace(steps[-1], maxrate=LIGHT.maxrate, bufsize=LIGHT.bufsize)
    return tuple(
        Rung(
            LIGHT_NAME if step is LIGHT else f"{step.short}p",
            *_scaled(width, height, min(step.short, short)),
            _crf(pace, step.short),
            step.maxrate,
            step.bufsize,
        )
        for step in steps
    )


def _crf(pace: Pace, short: int) -> float:
    large, middle, small = _CRFS[pace]
    return large if short > SMOOTH_LINES else middle if short > 360 else small


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
