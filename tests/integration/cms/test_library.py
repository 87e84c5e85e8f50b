"""Setting up the library in a fresh database, and again."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from pytest_django.fixtures import Settings
from wagtail.models import Page, Site

from cms.library import library_root, library_setup
from cms.models import LibraryPage

pytestmark = pytest.mark.django_db


def test_migrating_leaves_one_library_as_root_of_the_default_site() -> None:
    site = Site.objects.get()
    assert site.is_default_site
    assert site.root_page.specific == LibraryPage.objects.get()


def test_wagtails_welcome_page_and_groups_are_gone() -> None:
    assert list(Page.objects.filter(depth=2)) == [library_root().page_ptr]
    assert not Group.objects.filter(name__in=["Moderators", "Editors"]).exists()


def test_setting_up_twice_changes_nothing(django_assert_num_queries) -> None:
    before = library_setup()
    assert library_setup() == before
    assert LibraryPage.objects.count() == 1


def test_the_site_takes_the_address_from_the_settings(settings: Settings) -> None:
    settings.WAGTAILADMIN_BASE_URL = "https://dj.example.gov.cn"
    library_setup()
    site = Site.objects.get()
    assert (site.hostname, site.port) == ("dj.example.gov.cn", 443)


def test_a_library_titled_before_the_catalogue_was_compiled_gets_its_title(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    LibraryPage.objects.update(title="Resource library", draft_title="Resource library")
    monkeypatch.setattr("cms.library.library_title", lambda: "资源库")
    library_setup()
    assert library_root().title == "资源库"


@pytest.mark.django_db(transaction=True)
def test_an_emptied_database_gets_its_library_back() -> None:
    call_command("flush", interactive=False, verbosity=0)
    assert LibraryPage.objects.count() == 1
    assert Site.objects.get().root_page.specific == LibraryPage.objects.get()


def test_wagtails_own_sign_in_form_is_not_reachable(client: Client) -> None:
    response = client.get("/library/_util/login/?next=/library/")
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/library/"


def test_the_root_of_all_pages_has_a_chinese_name() -> None:
    library_root()
    assert Page.objects.get(depth=1).title == "全部页面"
