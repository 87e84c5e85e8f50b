"""What is found, in which order, by whom: the same on both databases."""

import random
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from cms.finding.fields import CAPTION, SPEAKER, SUBJECT, SUMMARY, TITLE
from cms.finding.folding import fold
from cms.finding.searching import Found, mentions, search
from cms.models import LecturePage, Subject
from cms.publishing import lecture_unpublish
from tests.factories import UserFactory
from tests.integration.cms.finding.conftest import caption

pytestmark = pytest.mark.django_db

LectureOf = Callable[..., LecturePage]


def found(query: str) -> Found:
    return search(LecturePage.objects.live(), query)


def titles(query: str) -> list[str]:
    by_id = dict(LecturePage.objects.values_list("pk", "title"))
    return [by_id[hit.lecture_id] for hit in found(query).hits]


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("新媒体", True),
        ("媒体", True),
        ("体", True),
        ("础", True),
        ("体础", False),
        ("媒 体", True),
        ("拍摄基础", True),
        ("拍摄础", False),
        ("基础拍摄", False),
    ],
)
def test_a_word_is_found_wherever_it_stands_and_only_there(
    lecture_of: LectureOf, query: str, is_found: bool
) -> None:
    lecture_of("学生干部新媒体拍摄基础")
    assert bool(titles(query)) is is_found


@pytest.mark.parametrize("sign", ["党", "a", "1", "。", "😀", "𠮷", "'", '"', "%", "_", "\\", "*"])
def test_a_single_character_is_found(lecture_of: LectureOf, sign: str) -> None:
    for number, text in enumerate((f"{sign}开头", f"中{sign}间", f"末尾{sign}", sign, "没有")):
        lecture_of(f"题{number}", summary=text)
    assert len(titles(sign)) == 4


def test_titles_come_before_speakers_subjects_summaries_and_captions(lecture_of: LectureOf) -> None:
    label = str(Subject.THEORY.label)
    lecture_of("讲话", said=(f"说说{label}",))
    lecture_of("简介", summary=f"关于{label}")
    lecture_of("任务", subject=Subject.THEORY)
    lecture_of("主讲", speaker=label)
    lecture_of(f"题为{label}")
    hits = found(label).hits
    assert titles(label) == [f"题为{label}", "主讲", "任务", "简介", "讲话"]
    assert [hit.rank for hit in hits] == [
        one.number for one in (TITLE, SPEAKER, SUBJECT, SUMMARY, CAPTION)
    ]


def test_newer_lectures_come_before_older_ones_found_in_the_same_place(
    lecture_of: LectureOf,
) -> None:
    for title in ("春耕一", "春耕二", "春耕三"):
        lecture_of(title)
    assert titles("春耕") == ["春耕三", "春耕二", "春耕一"]


def test_all_words_must_be_found_and_add_up_to_the_place(lecture_of: LectureOf) -> None:
    lecture_of("乡村振兴", speaker="王芳")
    lecture_of("王芳谈乡村振兴")
    lecture_of("乡村振兴", speaker="李四")
    lecture_of("别的", speaker="王芳", said=("乡村",))
    assert titles("王芳 乡村") == ["王芳谈乡村振兴", "乡村振兴", "别的"]
    assert titles("乡村 王芳 李四") == []


def test_quotation_marks_ask_for_the_words_with_the_blank_between(lecture_of: LectureOf) -> None:
    lecture_of("micro lecture")
    lecture_of("lecture on micro things")
    assert titles("micro lecture") == ["lecture on micro things", "micro lecture"]
    assert titles('"micro lecture"') == ["micro lecture"]


def test_quotation_marks_that_no_text_has_are_left_out(lecture_of: LectureOf) -> None:
    lecture_of("四个意识")
    assert titles("“四个意识”") == ["四个意识"]
    lecture_of("增强“四个意识”")
    assert titles("“四个意识”") == ["增强“四个意识”"]


@pytest.mark.parametrize(
    "query",
    ["ai", "ＡＩ", "Ai党", "5g", "５Ｇ", "乡\u200b村", "\u202e乡村\u202c", "（一）", "(一)"],
)
def test_width_case_and_unseen_marks_do_not_matter(lecture_of: LectureOf, query: str) -> None:
    lecture_of("ＡＩ党课（一）：5Ｇ与乡\u200d村")
    assert len(titles(query)) == 1


@pytest.mark.parametrize(
    "query",
    ["<script>alert(1)</script>", "' OR 1=1 --", '" OR "', "a*", "NEAR(a b)", "pairs:x", "-", "^"],
)
def test_a_question_is_text_and_nothing_else(lecture_of: LectureOf, query: str) -> None:
    lecture_of("别的")
    assert titles(query) == []
    lecture_of("有", summary=f"前{query}后")
    assert titles(query) == ["有"]


@pytest.mark.parametrize("query", ["", "  ", "\u200b", "\x00", "\ud800"])
def test_nothing_is_found_for_nothing(lecture_of: LectureOf, query: str) -> None:
    lecture_of("一课")
    assert titles(query) == []


def test_a_word_does_not_reach_from_one_line_of_captions_into_the_next(
    lecture_of: LectureOf,
) -> None:
    lecture_of("一", said=("推进乡村", "振兴战略"))
    assert titles("乡村") == titles("村") == titles("振兴") == ["一"]
    assert titles("乡村振兴") == titles("村振") == []


def test_a_word_broken_within_a_line_of_captions_is_whole(lecture_of: LectureOf) -> None:
    lecture_of("一", said=("推进乡村\n<b>振兴</b>战略 &amp; micro\nlecture",))
    assert titles("乡村振兴战略 micro") == ["一"]
    assert titles('"& micro lecture"') == ["一"]
    assert titles("<b>") == titles("amp") == []


def test_initials_are_tried_when_nothing_is_written_like_that(lecture_of: LectureOf) -> None:
    lecture_of("乡村振兴之路")
    lecture_of("讲", summary="怎样做好乡村振兴")
    lecture_of("说", said=("乡村振兴",))
    assert titles("xczx") == titles("XCZX") == ["乡村振兴之路", "讲"]
    assert found("xczx").by_initials
    assert titles("xc") == ["乡村振兴之路"]  # two letters stand in any summary
    lecture_of("xczx")
    assert titles("xczx") == ["xczx"]
    assert not found("xczx").by_initials


def test_several_initials_must_all_be_found(lecture_of: LectureOf) -> None:
    lecture_of("乡村振兴", speaker="王芳")
    assert titles("xczx wf") == ["乡村振兴"]
    assert titles("xczx ls") == []


def test_nobody_finds_what_they_may_not_see(lecture_of: LectureOf, units: SimpleNamespace) -> None:
    lecture = lecture_of("机密", said=("机密",))
    lecture_of("机密草稿", draft=True)
    member, curator = UserFactory(home=units.branch), UserFactory(curator=True, unit=units.county)

    def seen_by(user: object) -> int:
        lectures = LecturePage.objects.visible_to(user)
        return len(search(lectures, "机密").hits) + len(search(lectures, "jm").hits)

    assert seen_by(AnonymousUser()) == seen_by(UserFactory(is_active=False)) == 0
    assert seen_by(member) == seen_by(curator) == 2
    lecture_unpublish(lecture=lecture, user=curator)
    assert seen_by(member) == seen_by(curator) == 0


def test_keepers_lists_find_the_same(lecture_of: LectureOf) -> None:
    lecture_of("乡村振兴", speaker="王芳", said=("同志们",))
    for query in ("村振", "王芳 同志", "xczx", "“乡村振兴”", "没有"):
        listed = mentions(LecturePage.objects.live(), query).pages
        assert {page.pk for page in listed} == {hit.lecture_id for hit in found(query).hits}


SIGNS = "党课的乡村aB１。 '"


def test_random_questions_find_what_a_plain_search_finds(lecture_of: LectureOf) -> None:
    """A small library against brute force; benchmarks/library_search.py does it at full size."""
    chance = random.Random(int(timezone.now().timestamp()))

    def text(most: int) -> str:
        return "".join(chance.choices(SIGNS, k=chance.randint(1, most)))

    everything: dict[int, list[list[str]]] = {}
    for _ in range(12):
        title, speaker, summary = text(8).strip() or "题", text(4), text(20)
        said = tuple(filter(str.strip, (text(8) for _ in range(5))))
        lecture = lecture_of(title, speaker=speaker, summary=summary, subject="skills")
        if said:
            caption(lecture, *said)
        label = str(Subject.SKILLS.label)
        texts = ([title], [speaker], [label], [summary], list(said))
        everything[lecture.pk] = [[fold(line) for line in lines] for lines in texts]
    numbers = [one.number for one in (TITLE, SPEAKER, SUBJECT, SUMMARY, CAPTION)]
    for _ in range(100):
        query = fold("".join(chance.choices(SIGNS.replace(" ", ""), k=chance.randint(1, 5))))
        truth = {
            pk: numbers[at]
            for pk, texts in everything.items()
            for at in [next((n for n, t in enumerate(texts) if any(query in x for x in t)), None)]
            if at is not None
        }
        hits = found(query)
        assert hits.by_initials or {h.lecture_id: h.rank for h in hits.hits} == truth, query
        assert not (hits.by_initials and truth), query
