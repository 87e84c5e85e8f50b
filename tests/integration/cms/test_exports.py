"""No list of Wagtail's admin leaves as a file: neither offered nor handed out."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver
from wagtail.admin.views.mixins import SpreadsheetExportMixin

from organizations.models import User
from tests.factories import OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db
LISTS = (
    "/admin/reports/site-history/",
    "/admin/reports/site-history/results/",
    "/admin/reports/locked/",
    "/admin/lectures/",
)


@pytest.fixture
def curator() -> User:
    return UserFactory(curator=True, unit=OrganizationFactory(city=True))


def exporting() -> Iterator[tuple[str, Any]]:
    """Every address whose view could make a spreadsheet."""

    def walk(found: list[Any], before: str) -> Iterator[tuple[str, Any]]:
        for one in found:
            route = before + str(one.pattern)
            if isinstance(one, URLPattern):
                view = getattr(one.callback, "view_class", None)
                if view is not None and issubclass(view, SpreadsheetExportMixin):
                    yield route, one.callback
            else:
                yield from walk(one.url_patterns, route)

    yield from walk(get_resolver().url_patterns, "/")


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("address", LISTS)
def test_a_list_is_no_file(client: Client, curator: User, address: str, form: str) -> None:
    client.force_login(curator)
    page = client.get(address)
    assert page.status_code == 200
    assert b"export=" not in page.content
    assert client.get(address, {"export": form}).status_code == 404


def test_no_view_that_could_export_does(rf: RequestFactory, curator: User) -> None:
    views = dict(exporting())
    assert set(LISTS) <= views.keys()
    for address, view in views.items():
        request = rf.get(address, {"export": "xlsx"})
        request.user = curator
        with pytest.raises(Http404):
            view(request)
