"""What entering a phone or code tells of people whom one does not keep: little, and counted."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from organizations.models import User
from tests.factories import UserFactory
from tests.integration.organizations.people.acts import logged

pytestmark = pytest.mark.django_db
KNOWN, FREE = "13900000001", "13900000009"


@pytest.fixture
def stranger(units):
    return UserFactory(home=units.foreign_branch, phone=KNOWN, code="F1")


@pytest.fixture
def enter(client, units, secretary) -> Callable[..., Any]:
    """Enter somebody on the page of the branch, as its secretary."""

    def entering(**given: str) -> Any:
        client.force_login(secretary)
        form = {
            "name": "某某",
            "kind": "home",
            "on": "2025-01-01",
            "phone": "",
            "code": "",
            **given,
        }
        return client.post(reverse("people:new", args=[units.branch.code]), form)

    return entering


def words(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return list(answer.context["form"].non_field_errors())


def test_with_a_code_in_use_nobody_asks_for_phones(enter, stranger, member):
    for code in ("F1", member.code):
        assert words(enter(code=code, phone=KNOWN)) == words(enter(code=code, phone=FREE))


def test_the_first_answer_about_somebody_elsewhere_is_logged(
    enter, units, stranger, secretary, member
):
    UserFactory(home=units.foreign_branch, code="F2")
    for given in ({"phone": KNOWN}, {"code": "F2"}, {"code": "F1"}, {"phone": member.phone}):
        words(enter(**given))

    first, second = logged("access.deny").order_by("pk")
    assert first.actor == second.actor == secretary
    assert [first.detail["field"], second.detail["field"]] == ["phone", "code"]
    assert first.detail["reason"] == "taken_elsewhere"
    assert KNOWN not in str(first.detail)


def test_after_a_few_of_them_nothing_is_looked_up(enter, settings, units, stranger):
    settings.ROSTER_MAX_FOREIGN = 2
    for number in (2, 3, 4):
        UserFactory(home=units.foreign_branch, phone=f"1390000000{number}")
    told = [words(enter(phone=f"1390000000{number}")) for number in (2, 3, 4)]

    assert told[0] == told[1] != told[2]
    before = User.objects.count()
    assert words(enter(phone=FREE)) == words(enter(phone=KNOWN)) == words(enter(code="NEW"))
    assert User.objects.count() == before
    assert enter(name="无电话").status_code == 302


def test_asking_for_one_person_again_counts_once(enter, settings, stranger):
    settings.ROSTER_MAX_FOREIGN = 2
    for _again in range(4):
        words(enter(phone=KNOWN))
    assert enter(phone=FREE).status_code == 302


def test_clashes_among_the_own_people_do_not_count(enter, settings, units, member):
    settings.ROSTER_MAX_FOREIGN = 1
    for number in (2, 3, 4):
        UserFactory(home=units.branch, phone=f"1390000000{number}")
        words(enter(phone=f"1390000000{number}"))
    assert enter(phone=FREE).status_code == 302
    assert not logged("access.deny").exists()


def test_changing_somebody_counts_with_entering(client, enter, settings, units, stranger, member):
    settings.ROSTER_MAX_FOREIGN = 1
    words(enter(phone=KNOWN))
    UserFactory(home=units.foreign_branch, phone="13900000002")
    page = reverse("people:change", args=[member.pk])
    form = {"name": member.name, "code": member.code}

    held = words(client.post(page, {**form, "phone": "13900000002"}))
    assert words(client.post(page, {**form, "phone": FREE})) == held
    assert client.post(page, {**form, "phone": member.phone, "name": "张建华"}).status_code == 302
