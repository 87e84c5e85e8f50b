"""Where segments begin: the same pictures in every rung, and in every attempt at a film. Pure."""

from fractions import Fraction
from math import ceil

from media_pipeline.ffmpeg.ladder import GOP_SECONDS


def picture_at(segment: int, rate: Fraction) -> int:
    """Number of the picture that begins `segment`: the first one not before its full seconds."""
    return ceil(segment * GOP_SECONDS * rate)


def start_of(segment: int, rate: Fraction) -> Fraction:
    """Seconds at which `segment` begins; a fraction of a picture late where the rate is odd."""
    return picture_at(segment, rate) / rate


def keyframes_from(segment: int, rate: Fraction) -> str:
    """ffmpeg's expression for keyframes at the beginnings of `segment` and all that follow.

    In whole numbers: seconds that have been through a floating point number are a picture late
    now and then, after an hour at 30000/1001.
    """
    pictures = f"(n+{picture_at(segment, rate)})*{rate.denominator}"
    segments = f"(n_forced+{segment})*{GOP_SECONDS * rate.numerator}"
    return f"expr:gte({pictures},{segments})"
