"""Sheets with a code, and their text for a chat group."""

import pytest
import segno
from django.urls import reverse

from cms.handbills import MOST_LINES, Handbill, chat_text
from tests.factories import (
    LecturePageFactory,
    MenuFactory,
    ProgrammeFactory,
    TrainingClassFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(client, units):
    person = UserFactory(secretary=True, unit=units.branch, home=units.branch)
    client.force_login(person)
    return person


def test_a_lectures_sheet_leads_to_it_and_can_be_copied(client, secretary, units):
    lecture = LecturePageFactory(organization=units.county, title="春耕<里>")
    url = reverse("cms:lecture_handbill", args=[lecture.pk])
    page = client.get(url).content.decode()
    assert f"http://testserver{lecture.url}" in page
    assert "春耕&lt;里&gt;" in page
    assert 'class="handbill-qr"' in page
    # Without scripts: a field that can be marked.
    assert "<textarea" in page
    assert "【请您看课】春耕" in page
    assert url in client.get(lecture.url).content.decode()


def test_the_code_of_each_sheet_leads_to_the_page_it_tells_of(client, units):
    client.force_login(UserFactory(officer=True, unit=units.county))
    lecture = LecturePageFactory(organization=units.county)
    menu = MenuFactory(organization=units.county)
    programme = ProgrammeFactory(organization=units.branch, menu=menu)
    run = TrainingClassFactory(organization=units.county)
    for sheet, key, path in (
        ("cms:lecture_handbill", lecture.pk, lecture.url),
        ("programme:menu_handbill", menu.pk, f"/menus/{menu.pk}/"),
        ("programme:programme_handbill", programme.pk, f"/programmes/{programme.pk}/"),
        ("classes:handbill", run.pk, f"/classes/{run.pk}/"),
    ):
        page = client.get(reverse(sheet, args=[key])).content.decode()
        # The same code drawn by the test: a code of another address has other modules.
        code = segno.make(f"http://testserver{path}", error="m", micro=False)
        drawing = code.svg_inline(border=2, omitsize=True, svgclass="handbill-qr", lineclass=None)
        assert drawing in page, sheet


def test_what_is_not_published_has_none(client, secretary, units):
    draft = LecturePageFactory(organization=units.county, draft=True)
    assert client.get(reverse("cms:lecture_handbill", args=[draft.pk])).status_code == 404


def test_a_menu_and_a_programme_name_their_lectures_in_order(client, secretary, units):
    menu = MenuFactory(organization=units.county, titles=["一讲", "二讲"])
    page = client.get(reverse("programme:menu_handbill", args=[menu.pk])).content.decode()
    assert page.index("1. 一讲") < page.index("2. 二讲")
    programme = ProgrammeFactory(organization=units.branch, menu=menu, titles=["三讲"])
    page = client.get(reverse("programme:programme_handbill", args=[programme.pk]))
    assert units.branch.name in page.content.decode()
    assert "1. 三讲" in page.content.decode()


def test_a_class_names_its_dates(client, secretary, units):
    client.force_login(UserFactory(officer=True, unit=units.county))
    run = TrainingClassFactory(organization=units.county)
    page = client.get(reverse("classes:handbill", args=[run.pk])).content.decode()
    assert f"{run.ends_on.year}年{run.ends_on.month}月{run.ends_on.day}日" in page


def test_a_class_does_not_name_what_was_taken_down(client, secretary, units):
    client.force_login(UserFactory(officer=True, unit=units.county))
    gone = LecturePageFactory(organization=units.county, title="撤下的课")
    run = TrainingClassFactory(
        organization=units.county, required=[gone, LecturePageFactory(title="在架的课")]
    )
    gone.unpublish()
    page = client.get(reverse("classes:handbill", args=[run.pk])).content.decode()
    assert "在架的课" in page
    assert "撤下的课" not in page


def test_somebody_elses_class_has_none(client, secretary, units):
    run = TrainingClassFactory(organization=units.other_county)
    assert client.get(reverse("classes:handbill", args=[run.pk])).status_code == 404


def test_a_long_list_says_how_many_more_there_are():
    lines = [f"第{n}讲" for n in range(MOST_LINES + 3)]
    bill = Handbill("k", "t", [("何时", "今天")], "来", "/", "", lines)
    text = chat_text(bill, "https://example.test/").splitlines()
    assert text[1] == "何时：今天"
    assert text[-3:] == ["另有 3 项", "来", "https://example.test/"]
    assert len(bill.shown) == MOST_LINES
