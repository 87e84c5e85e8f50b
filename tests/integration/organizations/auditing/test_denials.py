import time
from collections.abc import Callable

import pytest
from django.db import DatabaseError
from django.http import HttpResponseForbidden
from django.test import Client, RequestFactory
from django.urls import resolve

from audit import log
from audit.models import AuditEntry
from organizations.auditing import denials
from tests.factories import OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db

LOG, EXPORT = "/audit/", "/audit/export/"


@pytest.fixture
def member(client: Client):
    user = UserFactory(home=OrganizationFactory())
    client.force_login(user)
    return user


def refusals():
    return AuditEntry.objects.filter(action="access.deny").order_by("position")


def test_a_refusal_says_who_where_and_from_where(member, client: Client) -> None:
    assert client.get(LOG, REMOTE_ADDR="203.0.113.9").status_code == 403
    entry = refusals().get()
    assert (entry.actor, entry.result) == (member, "denied")
    assert entry.address == "203.0.113.9"
    assert entry.detail == {"path": LOG, "verb": "GET"}


def test_a_loop_does_not_flood_the_log(
    member, client: Client, empty_cache: Callable[[], None]
) -> None:
    for _ in range(5):
        client.get(LOG)
    client.get(EXPORT)
    assert [entry.detail["path"] for entry in refusals()] == [LOG, EXPORT]
    empty_cache()
    client.get(LOG)
    assert refusals().count() == 3


def test_one_kind_of_page_is_one_entry_whatever_number_stands_in_it(member) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    for number in range(5):
        assert client.post(f"/people/{number}/change/").status_code == 403
    assert refusals().get().detail["path"] == "/people/0/change/"


def test_a_person_gets_ten_entries_a_minute_at_most(member, monkeypatch) -> None:
    for number in range(30):
        denials.denial_record(refused_at(member, "/people/1/", f"somewhere:{number}"))
    assert refusals().count() == denials.MOST == 10
    monkeypatch.setattr(denials.time, "time", lambda: time.time_ns() / 10**9 + 60)
    denials.denial_record(refused_at(member, "/people/1/", "somewhere:31"))
    assert refusals().count() == 11


def refused_at(member, path: str, name: str):
    request = RequestFactory().post(path)
    request.user, request.resolver_match = member, resolve(path)
    request.resolver_match.view_name = name
    return request


def test_what_is_typed_into_an_address_stays_out_of_the_log(member) -> None:
    unit = OrganizationFactory()
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    client.post("/units/张三的电话13812345678/move/")
    client.post(f"/units/{unit.code}/rename/")
    client.post("/library/张三的电话/")
    paths = [entry.detail["path"] for entry in refusals()]
    assert paths[:2] == ["/units/<str:code>/move/", f"/units/{unit.code}/rename/"]
    assert not [path for path in paths if "张三" in path or "138" in path]


def test_others_have_a_minute_of_their_own(member, client: Client) -> None:
    client.get(LOG)
    client.force_login(UserFactory())
    client.get(LOG)
    assert refusals().count() == 2


@pytest.mark.parametrize("noted", [True, False])
def test_a_refusal_that_the_view_has_noted_is_one_entry(member, noted: bool) -> None:
    def view(request):
        if noted:
            log.record("access.deny", target=member, request=request, result="denied")
        return HttpResponseForbidden()

    request = RequestFactory().post("/somewhere/")
    request.user, request.resolver_match = member, None
    denials.Denials(view)(request)
    assert refusals().get().target_id == (str(member.pk) if noted else "")


def test_strangers_count_by_network_and_kind_of_page() -> None:
    client = Client(enforce_csrf_checks=True)
    for number in range(4):
        client.post(f"/people/{number}/", REMOTE_ADDR=f"203.0.113.{number + 1}")
        client.post(f"/people/{number}/", REMOTE_ADDR=f"2001:db8::{number + 1}")
    assert refusals().count() == 2
    client.post("/people/1/", REMOTE_ADDR="203.0.114.1")
    assert refusals().count() == 3


def test_numbers_too_long_for_a_row_and_words_for_methods_stay_out(member) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    client.post("/people/13812345678/change/")
    client.generic("ZHANG-13812345678", "/people/7/leave/")
    assert [(entry.detail["path"], entry.detail["verb"]) for entry in refusals()] == [
        ("/people/<int:pk>/change/", "POST"),
        ("/people/7/leave/", ""),
    ]


def test_refusals_said_on_a_form_are_limited_like_others(client: Client) -> None:
    branch = OrganizationFactory()
    keeper = UserFactory(secretary=True, unit=branch)
    person = UserFactory(home=branch)
    client.force_login(keeper)
    form = {"kind": "learner", "unit": OrganizationFactory().code, "on": "2026-11-01"}
    for _ in range(5):
        assert client.post(f"/people/{person.pk}/ties/new/", form).status_code == 403
    assert refusals().get().target_id == str(person.pk)


def test_a_refusal_that_cannot_be_logged_stays_a_refusal(
    member, client: Client, monkeypatch, caplog
) -> None:
    def broken(*args, **kwargs):
        raise DatabaseError

    monkeypatch.setattr(denials.log, "record", broken)
    assert client.get(LOG).status_code == 403
    assert "could not be logged" in caplog.text


def test_what_is_allowed_is_no_refusal(member, client: Client) -> None:
    client.get("/me/")
    client.get("/no/such/page/")
    assert not refusals().exists()
