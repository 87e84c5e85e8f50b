import pytest
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve
from wagtail.admin import auth

from audit.models import AuditEntry
from tests.factories import OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db


@auth.require_admin_access
def refusing(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def test_a_refusal_inside_the_admin_is_an_entry(rf: RequestFactory) -> None:
    curator = UserFactory(curator=True, unit=OrganizationFactory(city=True))
    request = rf.get("/admin/reports/locked/")
    request.resolver_match = resolve(request.path)
    request.user, request._messages = curator, CookieStorage(request)
    assert refusing(request).status_code == 302
    entry = AuditEntry.objects.get(action="access.deny")
    assert (entry.actor, entry.result) == (curator, "denied")
    assert entry.detail["path"] == "/admin/reports/locked/"


def test_who_has_no_post_there_is_noted_too(client: Client) -> None:
    client.force_login(UserFactory())
    assert client.get("/admin/", follow=True).status_code == 403
    assert AuditEntry.objects.filter(action="access.deny").exists()
