"""My data: the own number, without and with a code that is sent to it."""

import re

import pytest
from django.test import Client
from django.utils.translation import gettext as _

from audit.models import AuditEntry
from notices.sms import MemorySms
from organizations.privacy import own_phone
from organizations.signin import limits
from tests.factories import (
    UserFactory,
)
from tests.integration.lms.home.conftest import signed_in

pytestmark = pytest.mark.django_db


def test_the_number_is_changed_at_once_without_a_gateway(inside, person, no_messages):
    response = inside.post("/me/data/phone/", {"phone": " 139 8888 0000 "})

    assert response.url == "/me/data/"
    person.refresh_from_db()
    assert person.phone == "13988880000"
    entry = AuditEntry.objects.get(action="data.correct")
    assert entry.detail == {"fields": ["phone"], "confirmed": False}


def test_with_a_gateway_a_code_comes_to_the_new_number(inside, person):
    MemorySms.outbox.clear()
    response = inside.post("/me/data/phone/", {"phone": "13988880000"})
    assert response.url == "/me/data/phone/code/"
    person.refresh_from_db()
    assert person.phone == "13812340001"

    [message] = MemorySms.outbox
    assert message.phone == "13988880000"
    wrong = "000000" if message.values["code"] != "000000" else "000001"
    assert inside.post("/me/data/phone/code/", {"code": wrong}).status_code == 200
    assert inside.post("/me/data/phone/code/", {"code": message.values["code"]}).status_code == 302
    person.refresh_from_db()
    assert person.phone == "13988880000"
    assert AuditEntry.objects.get(action="data.correct").detail["confirmed"] is True


def test_a_code_is_worth_nothing_after_five_wrong_ones(inside, person):
    MemorySms.outbox.clear()
    inside.post("/me/data/phone/", {"phone": "13988880000"})
    code = MemorySms.outbox[0].values["code"]
    wrong = "000000" if code != "000000" else "000001"
    for _try in range(5):
        inside.post("/me/data/phone/code/", {"code": wrong})

    assert inside.post("/me/data/phone/code/", {"code": code}).url == "/me/data/phone/"
    person.refresh_from_db()
    assert person.phone == "13812340001"


def test_tries_that_overtake_each_other_are_five_in_all(inside, person):
    MemorySms.outbox.clear()
    inside.post("/me/data/phone/", {"phone": "13988880000"})
    code, sent = MemorySms.outbox[0].values["code"], inside.session["own_phone"]
    wrong = "000000" if code != "000000" else "000001"
    for _try in range(5):
        inside.post("/me/data/phone/code/", {"code": wrong})
        session = inside.session
        session["own_phone"] = sent  # as a slower request leaves it
        session.save()

    assert inside.post("/me/data/phone/code/", {"code": code}).url == "/me/data/phone/"
    person.refresh_from_db()
    assert person.phone == "13812340001"


def test_a_number_of_somebody_else_is_answered_like_any_other(inside, person):
    UserFactory(phone="13812340002")
    MemorySms.outbox.clear()
    pages = []
    for number in ("13812340002", "13812340003"):
        assert inside.post("/me/data/phone/", {"phone": number}).url == "/me/data/phone/code/"
        asked = inside.get("/me/data/phone/code/").content.decode()
        wrong = inside.post("/me/data/phone/code/", {"code": "12345x"}).content.decode()
        pages.append([re.sub(r'value="\w{64}"', "", page) for page in (asked, wrong)])

    masked = [page.replace("138****0003", "138****0002") for page in pages[1]]
    assert [unnonced(page) for page in pages[0]] == [unnonced(page) for page in masked]
    assert [message.phone for message in MemorySms.outbox] == ["13812340003"]


def unnonced(page: str) -> str:
    return re.sub(r'nonce="[^"]*"', "", page)


def test_no_code_fits_a_number_of_somebody_else(inside, person, monkeypatch):
    UserFactory(phone="13812340002")
    monkeypatch.setattr(own_phone.secrets, "randbelow", lambda most: 123456)
    inside.post("/me/data/phone/", {"phone": "13812340002"})
    answer = inside.post("/me/data/phone/code/", {"code": "123456"})

    assert answer.context["form"].errors["code"] == [_("That was not the code. Please look again.")]
    person.refresh_from_db()
    assert person.phone == "13812340001"


def test_a_number_that_is_taken_meanwhile_is_refused_without_saying_so(inside, person):
    MemorySms.outbox.clear()
    inside.post("/me/data/phone/", {"phone": "13988880000"})
    UserFactory(phone="13988880000")
    code = MemorySms.outbox[0].values["code"]
    page = inside.post("/me/data/phone/code/", {"code": code})

    assert page.context["form"].errors["code"] == [
        _("This number cannot be used. If it is yours, please ask your branch.")
    ]


@pytest.mark.parametrize("backend", ["", "notices.sms.MemorySms"])
def test_numbers_are_counted_before_they_are_looked_up(inside, person, settings, backend):
    settings.SMS_BACKEND = backend
    taken = [f"1381234{number:04d}" for number in range(100, 106)]
    for number in taken:
        UserFactory(phone=number)
    answers = [inside.post("/me/data/phone/", {"phone": number}) for number in taken]
    said = [
        str(answer.context["form"].errors) if answer.status_code == 200 else answer.url
        for answer in answers
    ]

    assert len(set(said[:5])) == 1
    assert said[5] != said[0]
    free = inside.post("/me/data/phone/", {"phone": "13988880000"})
    assert str(free.context["form"].errors) == said[5]
    person.refresh_from_db()
    assert person.phone == "13812340001"


def test_one_network_names_only_so_many_numbers(inside, person, no_messages, monkeypatch):
    monkeypatch.setattr(limits, "OWN_PHONE_NETWORK", ((2, 3600),))
    for number in ("13988880000", "13988880001"):
        assert inside.post("/me/data/phone/", {"phone": number}).status_code == 302
    other = signed_in(Client(), UserFactory(home=True))

    assert other.post("/me/data/phone/", {"phone": "13988880002"}).status_code == 200


@pytest.mark.parametrize("bad", ["12", "abc", "13812340002", "11010519491231002X"])
def test_a_bad_number_changes_nothing(inside, person, bad, no_messages):
    UserFactory(phone="13812340002")

    response = inside.post("/me/data/phone/", {"phone": bad})

    assert response.status_code == 200
    assert response.context["form"].errors
    person.refresh_from_db()
    assert person.phone == "13812340001"
    assert not AuditEntry.objects.filter(action="data.correct").exists()


def test_the_number_may_be_taken_out(inside, person, no_messages):
    inside.post("/me/data/phone/", {"phone": ""})

    person.refresh_from_db()
    assert person.phone is None


@pytest.mark.parametrize("path", ["phone", "export", "erase"])
def test_an_old_sign_in_is_not_enough(client, person, path):
    signed_in(client, person, ago=24 * 3600)

    response = client.post(f"/me/data/{path}/", {"phone": "13988880000", "sure": "on"})

    assert response.status_code == 302
    assert "confirm" in response.url
    person.refresh_from_db()
    assert person.phone == "13812340001"
    assert person.erased_at is None
    assert not AuditEntry.objects.filter(action__startswith="data.").exists()
