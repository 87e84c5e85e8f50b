"""How loud a lecture is, and what is to be done to its sound. Pure.

Loudness is that of ITU-R BS.1770 as EBU R 128 gates it: LUFS over the whole programme, pauses not
counted. Peaks of what was made are true peaks, between the samples too: dBTP. Those of a source are
its samples', measured in half the time.
"""

import re
from dataclasses import dataclass
from math import inf, isfinite

TARGET = -16.0  # LUFS
HIGHEST_PEAK = -1.5  # dBTP
MOST_GAIN = 20.0  # dB; more would lift the noise of the room with a voice that is hardly there
SILENCE = -69.0  # the meter's gate is at -70: below it there is nothing to measure
TOLERANCE = 0.5  # LU from the target that is left as it is
# What encoding at 64 kb/s adds to a peak: usually, and at the most. ffmpeg's slow coder slips now
# and then where a voice sets in (6.4 dB measured). Its fast one does not (0.4 dB at most); in mono
# it is the better one as well, in stereo it loses what is high (docs/adr/0028).
CODEC_ROOM = {"twoloop": 1.5, "fast": 0.7}
SLIP = 2.5
MOST_CODEC_ROOM = 8.0
AIM_BELOW = 0.3
# What true peaks may be above those of the samples, in dB: in speech next to nothing.
BETWEEN_SAMPLES = 1.0
SAFE_RATE = 192_000  # samples a second, the fourfold rate that BS.1770 asks for true peaks


@dataclass(frozen=True)
class Loudness:
    """What the meter read: LUFS (-inf when there was nothing to measure) and the peak in dB."""

    integrated: float
    peak: float

    @property
    def is_silence(self) -> bool:
        return self.integrated < SILENCE


@dataclass(frozen=True)
class Treatment:
    """A gain in dB, the peak in dB that nothing may exceed after it (None: nothing will), and how
    AAC is coded.
    """

    gain: float = 0.0
    ceiling: float | None = None
    coder: str = "twoloop"

    @property
    def limit(self) -> float:
        """The ceiling as a factor of full scale."""
        return float(10 ** ((self.ceiling or 0.0) / 20))


def read_loudness(text: str) -> Loudness | None:
    """What ffmpeg's ebur128 filter says in its summary, the last words of its log; None when it
    says nothing.
    """
    summary = text[text.rfind("Summary:") :] if "Summary:" in text else ""
    numbers = [
        re.search(rf"^\s*{label}:\s+(-?(?:[0-9.]+|inf|nan)) {unit}", summary, re.MULTILINE)
        for label, unit in (("I", "LUFS"), ("Peak", "dBFS"))
    ]
    if numbers[0] is None or numbers[1] is None:
        return None
    integrated, peak = (float(match[1]) for match in numbers if match)
    return Loudness(integrated if isfinite(integrated) else -inf, peak if isfinite(peak) else -inf)


def treatment_for(source: Loudness, *, channels: int) -> Treatment:
    """What brings the source to the target."""
    coder = "fast" if channels == 1 else "twoloop"
    if source.is_silence:
        return Treatment(coder=coder)
    gain = round(min(TARGET - source.integrated, MOST_GAIN), 2)
    return Treatment(gain, _ceiling(source, gain, coder), coder)


def corrected(treatment: Treatment, *, source: Loudness, made: Loudness) -> Treatment | None:
    """What to do instead, after `treatment` made this of the source; None when it may stay.

    Holding peaks down takes loudness away, and encoding adds to peaks: how much of either shows
    only afterwards.
    """
    if source.is_silence or made.is_silence:
        return None
    gain, ceiling, coder = treatment.gain, treatment.ceiling, treatment.coder
    off = TARGET - made.integrated
    if abs(off) > TOLERANCE:
        gain = round(min(gain + off, MOST_GAIN), 2)
    if made.peak > HIGHEST_PEAK:
        if ceiling is None:  # between samples there was more than reckoned
            ceiling = HIGHEST_PEAK - CODEC_ROOM[coder]
        elif coder != "fast" and made.peak - min(source.peak + treatment.gain, ceiling) > SLIP:
            coder = "fast"
        else:
            ceiling = round(ceiling - (made.peak - HIGHEST_PEAK) - AIM_BELOW, 2)
    if ceiling is None:
        ceiling = _ceiling(source, gain, coder)
    better = Treatment(gain, ceiling, coder)
    return None if better == treatment else better


def is_certain(treatment: Treatment, *, source: Loudness) -> bool:
    """Whether the outcome is known without measuring it: nothing comes near the limit, and it is
    not the slow coder, which takes up to 0.8 LU away where much is high.
    """
    return source.is_silence or (
        treatment.ceiling is None
        and treatment.coder == "fast"
        and source.peak + treatment.gain <= HIGHEST_PEAK - MOST_CODEC_ROOM
    )


def _ceiling(source: Loudness, gain: float, coder: str) -> float | None:
    highest = HIGHEST_PEAK - CODEC_ROOM[coder]
    return highest if source.peak + BETWEEN_SAMPLES + gain > highest else None
