"""My page, reading mode, the frame of every page, sign of life and errors."""

import datetime as dt
from unittest import mock

import pytest
from django.db import DatabaseError
from django.test import Client, RequestFactory
from django.utils import timezone

from lms.home import views
from tests.factories import OrganizationFactory, TrainingClassFactory, UserFactory

# -- my page


@pytest.mark.django_db
def test_my_page_shows_branch_posts_and_classes(client):
    city = OrganizationFactory(city=True)
    branch = OrganizationFactory(parent=OrganizationFactory(township=True, parent=city))
    user = UserFactory(secretary=True, unit=branch, home=branch, phone="13812340001")
    TrainingClassFactory(organization=branch, title="支部培训班")
    client.force_login(user)

    found = client.get("/me/").context
    assert found["person"]["organization_path"][0] == "朝阳市"
    assert found["person"]["organization_path"][-1] == branch.name
    assert found["person"]["organization_since"] == dt.date(2024, 1, 1)
    assert found["person"]["phone_masked"] == "138****0001"
    assert [post["organization_name"] for post in found["person"]["posts"]] == [branch.name]
    assert [card.title for card in found["managed_classes"]] == ["支部培训班"]


@pytest.mark.django_db
def test_a_post_that_has_ended_is_not_shown(client):
    user = UserFactory(secretary=True)
    user.posts.update(valid_to=timezone.localdate())
    client.force_login(user)

    found = client.get("/me/").context
    assert found["person"]["posts"] == []
    assert not found["can_upload"]


@pytest.mark.django_db
def test_my_page_leads_to_what_ones_posts_are_for(client):
    branch = OrganizationFactory(parent=OrganizationFactory(city=True))
    links = {
        "member": {"branch"},
        "secretary": {"branch", "rosters", "keeps", "holds", "figures", "claims", "checks"},
        "reviewer": {"branch", "rosters", "figures"},
        "auditor": {"audits"},
    }
    people = {
        "member": UserFactory(home=branch),
        "secretary": UserFactory(secretary=True, unit=branch),
        "reviewer": UserFactory(reviewer=True, unit=branch),
        "auditor": UserFactory(auditor=True, unit=branch),
    }
    for role, user in people.items():
        client.force_login(user)
        response = client.get("/me/")
        assert {name for name, leads in response.context["links"].items() if leads} == links[role]
        assert response.context["has_units"] == ("rosters" in links[role])
    client.force_login(UserFactory())
    assert client.get("/me/").context["links"] == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "kind", "upload", "manage"),
    [
        (None, "township", False, False),
        ("secretary", "township", True, False),
        ("reviewer", "township", True, True),
        ("reviewer", "branch", True, False),
    ],
)
def test_the_frame_offers_what_the_person_may_do(client, role, kind, upload, manage):
    unit = OrganizationFactory(kind=kind)
    client.force_login(UserFactory(unit=unit, **({role: True} if role else {})))

    found = client.get("/me/").context
    assert (bool(found["can_upload"]), bool(found["can_manage"])) == (upload, manage)


@pytest.mark.django_db
def test_the_privacy_notice_is_open_to_everybody(client):
    assert client.get("/privacy/").status_code == 200


# -- reading mode


@pytest.mark.django_db
def test_reading_mode_is_remembered_without_signing_in(client):
    response = client.post("/elder/", {"elder": "on", "next": "/privacy/"})

    assert response.url == "/privacy/"
    assert bool(client.get("/privacy/").context["elder"])
    client.post("/elder/", {"elder": "off", "next": "/privacy/"})
    assert not client.get("/privacy/").context["elder"]


@pytest.mark.django_db
def test_reading_mode_goes_along_with_the_person_to_another_device(client):
    user = UserFactory()
    client.force_login(user)
    client.post("/elder/", {"elder": "on"})
    other = Client()
    other.force_login(user)

    assert bool(other.get("/me/").context["elder"])
    other.post("/elder/", {"elder": "off"})
    user.refresh_from_db()
    assert not user.elder_mode


@pytest.mark.django_db
@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "http:///evil.example",
        "javascript:alert(1)",
        "\\\\evil.example",
        "",
    ],
)
def test_the_switch_never_leads_away_from_the_site(client, target):
    assert client.post("/elder/", {"elder": "on", "next": target}).url == "/"


@pytest.mark.django_db
def test_the_switch_goes_back_to_the_page_that_asked(client):
    back = client.post(
        "/elder/", {"elder": "on"}, headers={"referer": "http://testserver/learning/?p=2"}
    )
    away = client.post("/elder/", {"elder": "on"}, headers={"referer": "http://evil.example/"})

    assert back.url == "http://testserver/learning/?p=2"
    assert away.url == "/"


@pytest.mark.django_db
def test_the_switch_is_a_post_with_a_csrf_token():
    client = Client(enforce_csrf_checks=True)

    assert client.get("/elder/").status_code == 405
    assert client.post("/elder/", {"elder": "on"}).status_code == 403


# -- sign of life and errors


@pytest.mark.django_db
def test_healthz_says_ok(client):
    response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok\n")


def test_healthz_says_that_the_database_is_away(caplog):
    with mock.patch.object(views.connection, "cursor", side_effect=DatabaseError):
        response = views.healthz(RequestFactory().get("/healthz"))

    assert (response.status_code, response.content) == (503, b"database\n")


def test_the_error_page_needs_no_database():
    """Tests without a database mark may not open one."""
    response = views.server_error(RequestFactory().get("/"))

    assert response.status_code == 500
    assert "<h1" in response.content.decode()


def test_the_page_for_a_bad_request_needs_no_database():
    response = views.bad_request(RequestFactory().get("/"), ValueError())

    assert response.status_code == 400


@pytest.mark.django_db
def test_a_page_that_does_not_exist_says_so_in_the_frame(client):
    response = client.get("/no-such-page/")

    assert response.status_code == 404
    assert response.context["portal"]["name"]


@pytest.mark.django_db
def test_an_error_in_a_page_shows_the_plain_error_page():
    client = Client(raise_request_exception=False)
    with mock.patch.object(views, "home_context", side_effect=DatabaseError):
        client.force_login(UserFactory())
        response = client.get("/")

    assert response.status_code == 500
    assert "<h1" in response.content.decode()


@pytest.mark.django_db
def test_the_sign_in_page_carries_the_name_and_the_fields_of_the_footer(client, settings):
    settings.SITE_FIELDS = {**settings.SITE_FIELDS, "name": "示例学堂", "organiser": "示例组织部"}

    page = client.get("/accounts/login/").content.decode()

    assert "<title>" in page
    assert "示例学堂" in page
    assert "示例组织部" in page
