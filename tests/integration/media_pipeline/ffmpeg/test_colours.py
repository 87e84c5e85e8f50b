"""Colours: whatever a film codes them in, the package shows the card's own in BT.709."""

from dataclasses import replace
from pathlib import Path

import pytest

from media_pipeline.ffmpeg.probe import probe
from tests.integration.media_pipeline.ffmpeg.cards import Card, coded, film_of, hdr
from tests.integration.media_pipeline.ffmpeg.checks import check_package
from tests.integration.media_pipeline.ffmpeg.films import X265, make

CARD = Card(size=(320, 240), rate="10", seconds=2)
X264 = "-c:v libx264 -preset ultrafast -crf 16"


@pytest.mark.parametrize("name", ["film.mp4", pytest.param("film.mkv", marks=pytest.mark.long)])
@pytest.mark.parametrize(
    ("filters", "codec"),
    [
        pytest.param(coded("bt601", tag="smpte170m"), X264, id="BT.601"),
        pytest.param(coded("bt601", tag="bt470bg"), X264, id="BT.601 PAL", marks=pytest.mark.long),
        pytest.param(coded("bt709", span="pc"), X264, id="full range", marks=pytest.mark.long),
        pytest.param(
            coded("bt601", span="pc", pixels="yuvj420p", tag="smpte170m"), X264, id="BT.601 full"
        ),
        pytest.param(coded("bt709", pixels="yuv422p"), X264, id="4:2:2", marks=pytest.mark.long),
        pytest.param(coded("bt709", pixels="yuv420p10le"), X264, id="10 bit"),
        pytest.param(
            coded("bt709", span="pc", pixels="yuv420p10le"),
            X265,
            id="10 bit full range",
            marks=pytest.mark.long,
        ),
        pytest.param("format=gbrp", "-c:v libx264rgb -qp 0", id="RGB"),
    ],
)
def test_colours_survive_whatever_the_film_codes_them_in(
    tmp_path: Path, name: str, filters: str, codec: str
) -> None:
    make(film_of(replace(CARD, filters=filters, video=codec), tmp_path / name), tmp_path / "out")
    check_package(tmp_path / "out", seconds=2, shape=4 / 3, rate=10)


@pytest.mark.parametrize(
    ("size", "matrix"),
    [
        pytest.param((320, 240), "bt601", id="small"),
        pytest.param((1280, 720), "bt709", id="HD", marks=pytest.mark.long),
    ],
)
def test_a_film_that_does_not_say_is_read_as_players_do(
    tmp_path: Path, size: tuple[int, int], matrix: str
) -> None:
    untagged = f"scale=out_color_matrix={matrix}:out_range=tv,format=yuv420p,setparams=range=-1"
    card = replace(
        CARD,
        size=size,
        filters=f"{untagged}:color_primaries=unknown:color_trc=unknown:colorspace=unknown",
    )
    source = film_of(card, tmp_path / "film.mp4")
    assert probe(source).color_matrix == 2
    make(source, tmp_path / "out")
    check_package(tmp_path / "out", seconds=2, shape=size[0] / size[1], rate=10)


@pytest.mark.parametrize("curve", ["smpte2084", "arib-std-b67"], ids=["PQ", "HLG"])
def test_hdr_comes_back_in_the_colours_it_was_made_of(tmp_path: Path, curve: str) -> None:
    codec = (
        f"{X265} -profile:v main10 -color_primaries bt2020 -color_trc {curve} -colorspace bt2020nc"
        " -color_range tv -tag:v hvc1"
    )
    # Smaller bars lose colour to the film's own coding.
    card = replace(CARD, size=(640, 360), filters=hdr(curve), video=codec)
    source = film_of(card, tmp_path / "film.mov")
    facts = probe(source)
    assert facts.is_hdr
    assert facts.pix_fmt == "yuv420p10le"
    make(source, tmp_path / "out")
    check_package(tmp_path / "out", seconds=2, shape=16 / 9, rate=10, tolerance=14)
