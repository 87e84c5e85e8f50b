"""Shelves copy the organisation tree, down to townships, and follow it."""

import threading
from types import SimpleNamespace

import pytest
from django.db import connection, connections

from cms.library import library_root, library_setup
from cms.models import LibraryPage, ShelfPage
from cms.shelves import has_own_shelf, shelf_for, shelves_follow
from organizations.models import Organization
from organizations.units.tree import organization_merge
from tests.factories import LecturePageFactory, OrganizationFactory

pytestmark = pytest.mark.django_db


def parent_of(page: ShelfPage) -> int:
    return page.get_parent().pk


def fresh(shelf: ShelfPage) -> ShelfPage:
    return ShelfPage.objects.get(pk=shelf.pk)


def test_a_branch_gets_the_shelf_of_its_township(units: SimpleNamespace) -> None:
    assert shelf_for(units.branch) == shelf_for(units.township)
    assert shelf_for(units.branch).organization == units.township


def test_shelves_are_nested_as_the_units_are(units: SimpleNamespace) -> None:
    township = shelf_for(units.township)
    county = ShelfPage.objects.get(organization=units.county)
    assert parent_of(township) == county.pk
    assert parent_of(county) == library_root().pk


def test_the_prefecture_and_its_counties_are_neighbours(units: SimpleNamespace) -> None:
    assert parent_of(shelf_for(units.city)) == library_root().pk
    assert parent_of(shelf_for(units.county)) == library_root().pk


def test_a_line_unit_has_its_own_shelf_under_that_of_the_city(units: SimpleNamespace) -> None:
    shelf = shelf_for(units.line_branch)
    assert shelf.organization == units.line
    assert parent_of(shelf) == shelf_for(units.city).pk


def test_only_units_down_to_townships_have_their_own_shelf(units: SimpleNamespace) -> None:
    own = [name for name, unit in vars(units).items() if not has_own_shelf(unit)]
    assert own == ["branch", "line_branch"]


def test_asking_again_makes_nothing(units: SimpleNamespace, django_assert_num_queries) -> None:
    shelf_for(units.branch)
    count = ShelfPage.objects.count()
    with django_assert_num_queries(2):
        shelf_for(units.branch)
    assert ShelfPage.objects.count() == count


def test_addresses_of_shelves_come_from_codes(units: SimpleNamespace) -> None:
    assert shelf_for(units.township).slug == units.township.code.lower()


def test_a_renamed_unit_renames_its_shelf(units: SimpleNamespace) -> None:
    shelf = shelf_for(units.township)
    Organization.objects.filter(pk=units.township.pk).update(name="新名镇")
    assert shelves_follow() == 1
    assert (fresh(shelf).title, fresh(shelf).draft_title) == ("新名镇", "新名镇")
    assert shelves_follow() == 0


def test_a_moved_unit_takes_its_shelf_and_lectures_along(units: SimpleNamespace) -> None:
    lecture = LecturePageFactory(organization=units.branch)
    shelf = shelf_for(units.township)
    units.township.move(Organization.objects.get(pk=units.other_county.pk), pos="last-child")
    shelves_follow()
    assert parent_of(fresh(shelf)) == ShelfPage.objects.get(organization=units.other_county).pk
    lecture.refresh_from_db()
    assert lecture.url_path.startswith(fresh(shelf).url_path)
    assert shelves_follow() == 0


def test_a_lecture_follows_its_branch_to_another_township(units: SimpleNamespace) -> None:
    lecture = LecturePageFactory(organization=units.branch)
    units.branch.move(Organization.objects.get(pk=units.sibling.pk), pos="last-child")
    assert shelves_follow() == 1
    lecture.refresh_from_db()
    assert parent_of(lecture) == shelf_for(units.sibling).pk
    assert shelves_follow() == 0


def test_setting_up_twice_leaves_one_library() -> None:
    first, second = library_setup(), library_setup()
    assert first == second
    assert LibraryPage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_callers_at_once_get_the_same_shelf(units: SimpleNamespace) -> None:
    found: list[int] = []
    start = threading.Barrier(4)

    def ask() -> None:
        try:
            start.wait(10)
            found.append(shelf_for(units.branch).pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 4
    assert len(set(found)) == 1
    assert ShelfPage.objects.filter(organization=units.township).count() == 1
    assert ShelfPage.find_problems() == ([], [], [], [], [])
    assert connection.vendor in {"sqlite", "postgresql"}


def test_lectures_of_a_merged_township_stand_on_its_successors_shelf(
    units: SimpleNamespace,
) -> None:
    other = OrganizationFactory(township=True, parent=units.other_county)
    lecture = LecturePageFactory(organization=units.branch)
    own = LecturePageFactory(organization=units.township)
    shelf = shelf_for(units.township)
    organization_merge(actor=None, organization=units.township, into=other)
    shelves_follow()
    for page in (lecture, own):
        page.refresh_from_db()
        assert page.get_parent().specific.organization == other
    assert not ShelfPage.objects.filter(pk=shelf.pk).exists()
    assert shelves_follow() == 0


def test_a_merged_county_leaves_no_shelf_behind(units: SimpleNamespace) -> None:
    lecture = LecturePageFactory(organization=units.branch)
    held = LecturePageFactory(organization=units.county)
    organization_merge(actor=None, organization=units.county, into=units.other_county)
    shelves_follow()
    lecture.refresh_from_db()
    held.refresh_from_db()
    assert lecture.get_parent().specific.organization == units.township
    assert held.get_parent().specific.organization == units.other_county
    assert not ShelfPage.objects.filter(organization=units.county).exists()
