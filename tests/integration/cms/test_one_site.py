"""Which site a request is for, with one of them and with several."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from wagtail.models import Page, Site

from cms.library import library_root
from cms.one_site import OneSite

pytestmark = pytest.mark.django_db


def site_for(host: str) -> Site:
    found: list[Site] = []

    def view(request: HttpRequest) -> HttpResponse:
        found.append(Site.find_for_request(request))
        return HttpResponse()

    OneSite(view)(RequestFactory().get("/library/", headers={"host": host}))
    return found[0]


def test_the_one_site_answers_to_every_host() -> None:
    root = library_root()
    for host in ("lectures.example", "localhost:8443"):
        assert site_for(host).root_page.specific == root


def test_with_several_sites_the_host_decides() -> None:
    root, top = library_root(), Page.objects.get(depth=1)
    Site.objects.create(hostname="other.example", port=80, root_page=top)
    assert site_for("other.example").root_page == top
    assert site_for("lectures.example").root_page.specific == root


def test_pages_without_the_library_ask_for_no_site(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        OneSite(lambda request: HttpResponse())(RequestFactory().get("/"))
