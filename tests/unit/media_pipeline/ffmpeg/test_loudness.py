import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.ffmpeg.loudness import (
    CODEC_ROOM,
    HIGHEST_PEAK,
    MOST_GAIN,
    TARGET,
    Loudness,
    Treatment,
    corrected,
    is_certain,
    read_loudness,
    treatment_for,
)

SUMMARY = """
[Parsed_ebur128_0 @ 0x7f0dd8001c00] Summary:

  Integrated loudness:
    I:         {integrated} LUFS
    Threshold: -35.6 LUFS

  Loudness range:
    LRA:         0.1 LU
    LRA low:   -25.7 LUFS
    LRA high:  -25.6 LUFS

  True peak:
    Peak:      {peak} dBFS
[out#0/null @ 0x55633f54f2c0] video:0KiB audio:56250KiB
"""


def test_the_summary_of_the_meter_is_read() -> None:
    assert read_loudness(SUMMARY.format(integrated=-25.6, peak=-13.5)) == Loudness(-25.6, -13.5)


@pytest.mark.parametrize("word", ["-inf", "nan"])
def test_what_cannot_be_measured_is_silence(word: str) -> None:
    loudness = read_loudness(SUMMARY.format(integrated=word, peak=word))
    assert loudness == Loudness(-math.inf, -math.inf)
    assert loudness.is_silence


def test_words_of_the_film_itself_are_not_taken_for_the_meter() -> None:
    title = "    title : Summary:\n    I: -5 LUFS\n    Peak: 3 dBFS\n"
    assert read_loudness(title + SUMMARY.format(integrated=-30.0, peak=-9.0)) == Loudness(-30, -9)
    assert read_loudness("nothing was said") is None


@given(integrated=st.floats(-69, 0), peak=st.floats(-60, 6))
def test_any_voice_is_brought_to_the_target_within_the_gain_allowed(
    integrated: float, peak: float
) -> None:
    source = Loudness(integrated, peak)
    treatment = treatment_for(source, channels=2)
    assert treatment.gain <= MOST_GAIN
    reached = integrated + treatment.gain
    assert abs(reached - TARGET) < 0.01 or treatment.gain == MOST_GAIN
    limited = treatment.ceiling if treatment.ceiling is not None else peak + treatment.gain
    assert limited < HIGHEST_PEAK
    assert treatment.limit <= 1


@pytest.mark.parametrize("integrated", [-70.0, -math.inf])
def test_silence_is_not_amplified(integrated: float) -> None:
    source = Loudness(integrated, -60.0)
    assert treatment_for(source, channels=2) == Treatment()
    assert is_certain(Treatment(), source=source)


def test_peaks_between_samples_are_reckoned_with() -> None:
    highest = HIGHEST_PEAK - CODEC_ROOM["twoloop"]
    assert treatment_for(Loudness(-16.0, highest - 0.9), channels=2).ceiling == highest
    assert treatment_for(Loudness(-16.0, highest - 1.1), channels=2).ceiling is None


def test_more_between_samples_than_reckoned_is_held_down_before_the_coder_is_blamed() -> None:
    source = Loudness(-12.0, 0.0)  # clipped: 3 dB more between its samples
    treatment = treatment_for(source, channels=2)
    assert treatment == Treatment(-4.0)
    better = corrected(treatment, source=source, made=Loudness(-16.0, 0.0))
    assert better == Treatment(-4.0, HIGHEST_PEAK - CODEC_ROOM["twoloop"])


def test_what_comes_out_right_is_left() -> None:
    source = Loudness(-30.0, -12.0)
    treatment = treatment_for(source, channels=2)
    assert not is_certain(treatment, source=source)
    assert corrected(treatment, source=source, made=Loudness(-16.3, -1.6)) is None


def test_loudness_that_holding_down_took_is_given_back() -> None:
    source = Loudness(-30.0, -6.0)
    treatment = treatment_for(source, channels=2)
    better = corrected(treatment, source=source, made=Loudness(-18.0, -2.0))
    assert better == Treatment(treatment.gain + 2, treatment.ceiling)


def test_peaks_that_encoding_added_are_held_lower() -> None:
    source = Loudness(-16.0, -2.0)
    treatment = treatment_for(source, channels=2)
    assert treatment.ceiling == -3
    better = corrected(treatment, source=source, made=Loudness(-16.0, -1.0))
    assert better == Treatment(0.0, -3.8)


def test_a_slip_of_the_coder_is_mended_by_the_other_one() -> None:
    source, slipped = Loudness(-6.0, 2.8), Loudness(-16.0, -0.8)
    held = corrected(treatment_for(source, channels=2), source=source, made=slipped)
    assert held == Treatment(-10.0, -3.0)
    assert corrected(held, source=source, made=slipped) == Treatment(-10.0, -3.0, "fast")


@pytest.mark.parametrize(("channels", "coder"), [(1, "fast"), (2, "twoloop")])
def test_a_voice_in_mono_is_coded_fast_from_the_start(channels: int, coder: str) -> None:
    for source in (Loudness(-30.0, -6.0), Loudness(-math.inf, -math.inf)):
        assert treatment_for(source, channels=channels).coder == coder


@given(made=st.floats(-40, 0), peak=st.floats(-20, 3), gain=st.floats(-10, 20))
def test_no_correction_exceeds_what_is_allowed(made: float, peak: float, gain: float) -> None:
    better = corrected(
        Treatment(gain, -3.0), source=Loudness(-36.0, -10.0), made=Loudness(made, peak)
    )
    assert better is None or (better.gain <= MOST_GAIN and (better.ceiling or 0) < HIGHEST_PEAK)
