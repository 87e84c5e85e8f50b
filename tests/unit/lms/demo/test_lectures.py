from __future__ import annotations

import csv
from pathlib import Path

import pytest

import lms.demo
from cms.models import Subject
from lms.demo.art.brush import colour
from lms.demo.art.motifs import MOTIFS
from lms.demo.lectures import LECTURES, DemoLecture, Slide
from lms.demo.paper import GROUND
from lms.demo.slides import SUBJECT_NAMES

DIVISIONS = Path(lms.demo.__file__).parent / "data" / "divisions.csv"

each_lecture = pytest.mark.parametrize("lecture", LECTURES, ids=lambda lecture: lecture.slug)


def test_there_are_at_least_twelve_with_names_and_looks_of_their_own() -> None:
    assert len(LECTURES) >= 12
    for values in (
        {lecture.slug for lecture in LECTURES},
        {lecture.title for lecture in LECTURES},
        {lecture.motif for lecture in LECTURES},
        {lecture.file_name for lecture in LECTURES},
    ):
        assert len(values) == len(LECTURES)


def test_every_statutory_task_has_a_lecture() -> None:
    assert {lecture.subject for lecture in LECTURES} == set(Subject.values)
    assert set(SUBJECT_NAMES) == set(Subject.values)


def test_the_first_three_are_the_quickest_to_transcode() -> None:
    for lecture in LECTURES[:3]:
        assert (lecture.film.codec, lecture.film.container) == ("h264", "mp4")
        assert min(lecture.film.width, lecture.film.height) <= 720


def test_the_formats_are_those_of_real_phones() -> None:
    films = [lecture.film for lecture in LECTURES]
    assert {film.codec for film in films} == {"h264", "hevc", "vp8", "vp9"}
    assert {film.container for film in films} == {"mp4", "mov", "webm", "3gp", "mkv"}
    assert {film.rotation for film in films} == {0, 90, 180, 270}
    assert any(film.variable_rate for film in films)
    assert any(film.height > film.width for film in films)
    assert sum(min(film.width, film.height) >= 1080 for film in films) <= 3
    assert all(film.width % 2 == 0 and film.height % 2 == 0 for film in films)


@each_lecture
def test_texts_fit_their_fields_and_are_marked_as_demo(lecture: DemoLecture) -> None:
    assert 0 < len(lecture.summary) <= 200
    assert lecture.speaker.startswith("演示")
    assert lecture.motif in MOTIFS
    assert lecture.slides[0].kind == "cover"
    assert lecture.slides[-1].kind == "closing"


@each_lecture
def test_the_unit_exists_in_the_tree(lecture: DemoLecture) -> None:
    with DIVISIONS.open(encoding="utf-8-sig") as rows:
        names = {row["township_code"]: row["township_name"] for row in csv.DictReader(rows)}
    assert lecture.organization_name.endswith(names[lecture.organization_code])


@each_lecture
def test_sentences_go_with_the_lines_of_their_page(lecture: DemoLecture) -> None:
    for slide in lecture.slides:
        assert slide.spoken
        if len(slide.lines) > 1:
            spoken = [slide.line_spoken_by(number) for number in range(len(slide.spoken))]
            assert [line for line in spoken if line is not None] in (
                [],
                list(range(len(slide.lines))),
            )


def test_a_sentence_before_the_lines_introduces_the_heading() -> None:
    slide = Slide(
        kind="points",
        heading="三",
        lines=("甲", "乙"),
        spoken=("序", "一", "二"),
        figure="",
        unit="",
    )
    assert [slide.line_spoken_by(number) for number in range(3)] == [None, 0, 1]


@pytest.mark.parametrize("motif", MOTIFS.values(), ids=MOTIFS.keys())
def test_accents_are_legible_on_paper(motif: object) -> None:
    def luminance(name: str) -> float:
        parts = [value / 255 for value in colour(name)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    assert (luminance(GROUND) + 0.05) / (luminance(motif.accent) + 0.05) >= 4.5
