from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import pytest
from django.conf import settings
from PIL import Image

from lms.demo.art.brush import Brush, colour
from lms.demo.art.motifs import MOTIFS, Motif
from lms.demo.films import make_film
from lms.demo.lectures import LECTURES, DemoLecture, Film
from lms.demo.slides import Deck
from media_pipeline.ffmpeg.runner import MediaProcessStopped

FONTS = Path(settings.BASE_DIR) / "node_modules" / "@expo-google-fonts" / "noto-sans-sc"

UNPAINTED = "#ff00ff"

TINY = Film(container="mp4", codec="h264", width=320, height=180, fps=25)


def short(film: Film) -> DemoLecture:
    """A lecture of two pages and two sentences, about four seconds."""
    source = LECTURES[0]
    pages = (
        replace(source.slides[0], spoken=("不轻信。",)),
        replace(source.slides[1], lines=("不轻信", "不转账"), spoken=("慢一步。",)),
    )
    return replace(source, film=film, slides=pages)


@pytest.fixture
def made(tmp_path: Path) -> Callable[[Film], Path]:
    return lambda film: make_film(short(film), out_dir=tmp_path, font_dir=FONTS)


def test_a_film_has_its_picture_and_a_voice_of_the_same_length(
    made: Callable[[Film], Path],
) -> None:
    path = made(TINY)
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    with av.open(str(path)) as film:
        video, audio = film.streams.video[0], film.streams.audio[0]
        assert (video.codec_context.name, audio.codec_context.name) == ("h264", "aac")
        assert (video.width, video.height) == (320, 180)
        assert 2.0 < float(video.duration * video.time_base) < 8.0
        ends = [float(stream.duration * stream.time_base) for stream in (video, audio)]
        assert abs(ends[0] - ends[1]) < 0.1


def test_a_portrait_film_is_stored_lying_with_the_flag_that_sets_it_up(
    made: Callable[[Film], Path],
) -> None:
    path = made(replace(TINY, width=180, height=320, rotation=90))
    with av.open(str(path)) as film:
        frame = next(film.decode(video=0))
        assert (frame.width, frame.height) == (320, 180)
        # PyAV counts counter-clockwise.
        assert frame.rotation == -90


def test_a_variable_rate_really_varies(made: Callable[[Film], Path]) -> None:
    path = made(replace(TINY, fps=30, variable_rate=True))
    with av.open(str(path)) as film:
        times = sorted(packet.pts for packet in film.demux(video=0) if packet.pts is not None)
    gaps = {later - earlier for earlier, later in pairwise(times)}
    assert len(gaps) > 5
    assert min(gaps) > 0


def test_the_same_lecture_gives_the_same_bytes(tmp_path: Path) -> None:
    lecture = short(TINY)
    first = make_film(lecture, out_dir=tmp_path / "a", font_dir=FONTS)
    second = make_film(lecture, out_dir=tmp_path / "b", font_dir=FONTS)
    assert first.read_bytes() == second.read_bytes()


def test_a_film_that_is_there_is_left_alone(tmp_path: Path) -> None:
    lecture = short(TINY)
    (tmp_path / lecture.file_name).write_bytes(b"made before")
    assert make_film(lecture, out_dir=tmp_path, font_dir=FONTS).read_bytes() == b"made before"


def test_a_missing_font_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        make_film(short(TINY), out_dir=tmp_path / "out", font_dir=tmp_path / "none")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_stop_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(MediaProcessStopped):
        make_film(short(TINY), out_dir=tmp_path, font_dir=FONTS, should_stop=lambda: True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("motif", MOTIFS.values(), ids=MOTIFS.keys())
@pytest.mark.parametrize("size", [(60, 108), (96, 54)])
def test_every_scene_fills_a_tall_and_a_wide_panel(motif: Motif, size: tuple[int, int]) -> None:
    brush = Brush(width=size[0], height=size[1], ground=UNPAINTED)
    motif.draw(brush)
    picture = brush.finished()
    corners = [(0, 0), (size[0] - 1, 0), (0, size[1] - 1), (size[0] - 1, size[1] - 1)]
    assert colour(UNPAINTED) not in [picture.getpixel(corner) for corner in corners]


@pytest.mark.parametrize("lecture", LECTURES, ids=lambda lecture: lecture.slug)
def test_every_page_of_every_lecture_can_be_set(
    lecture: DemoLecture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing overflows its column: setting raises when a piece does not fit."""
    monkeypatch.setattr(Deck, "_scene_drawn", lambda _self, *size: Image.new("RGB", size))
    film = lecture.film
    small = replace(film, width=film.width // 4 * 2, height=film.height // 4 * 2)
    deck = Deck(replace(lecture, film=small), font_dir=FONTS)
    for index in range(len(lecture.slides)):
        picture = deck.page(index, spoken_line=None)
        assert picture.size == (small.width, small.height)
