"""Wishes to correct data: found and answered by the keepers of the unit, once."""

import datetime as dt
import time

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from organizations.models import Correction, User
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def branch():
    return OrganizationFactory(parent=OrganizationFactory(township=True))


@pytest.fixture
def wish(branch):
    person = UserFactory(home=branch, name="李秀英")
    return Correction.objects.create(user=person, text="手机号写错")


@pytest.fixture
def keeper(branch):
    return UserFactory(secretary=True, unit=branch, home=branch)


def into(client, user):
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()
    return client


def test_the_keepers_above_find_it(client, wish, keeper, branch):
    above = UserFactory(officer=True, unit=branch.get_parent())
    for user in (keeper, above):
        page = into(client, user).get("/people/corrections/")
        assert list(page.context["page_obj"]) == [wish]
        assert "手机号写错" not in page.content.decode()


def test_waiting_ones_come_first_then_the_newest_answers(client, wish, keeper, branch):
    now = timezone.now()
    wishes = [
        Correction.objects.create(
            user=UserFactory(home=branch), text=str(age), answered_at=answered, state=state,
            created_at=now - dt.timedelta(days=age),
        )
        for age, answered, state in (
            (9, now - dt.timedelta(days=5), "done"),
            (8, None, "open"),
            (7, now - dt.timedelta(days=1), "refused"),
        )
    ]  # fmt: skip

    page = into(client, keeper).get("/people/corrections/").context["page_obj"]
    assert list(page) == [wishes[1], wish, wishes[2], wishes[0]]


def test_the_keeper_of_the_branch_reads_the_name_others_a_mask(client, wish, keeper, branch):
    above = UserFactory(officer=True, unit=branch.get_parent())
    own = into(client, keeper).get(f"/people/corrections/{wish.pk}/").content.decode()
    assert "李秀英" in own
    masked = into(client, above).get(f"/people/corrections/{wish.pk}/").content.decode()
    assert "李*英" in masked
    assert "李秀英" not in masked


def test_others_do_not(client, wish, branch):
    elsewhere = UserFactory(secretary=True)
    assert not into(client, elsewhere).get("/people/corrections/").context["page_obj"].object_list
    assert into(client, elsewhere).get(f"/people/corrections/{wish.pk}/").status_code == 404
    member = UserFactory(home=branch)
    assert into(client, member).get("/people/corrections/").status_code == 403
    assert into(client, member).get(f"/people/corrections/{wish.pk}/").status_code == 404


def test_the_host_branch_finds_the_wish_of_a_guest_who_is_nothing_else(client, branch, keeper):
    guest, member = UserFactory(), UserFactory(home=OrganizationFactory())
    for person in (guest, member):
        MembershipFactory(user=person, organization=branch, kind="floating_host")
        Correction.objects.create(user=person, text="名字写错")
    own = Correction.objects.get(user=guest)

    page = into(client, keeper).get("/people/corrections/").context["page_obj"]
    assert list(page) == [own]
    assert into(client, keeper).get(f"/people/corrections/{own.pk}/").status_code == 200


def test_opening_one_is_logged(client, wish, keeper):
    page = into(client, keeper).get(f"/people/corrections/{wish.pk}/")

    assert "手机号写错" in page.content.decode()
    assert AuditEntry.objects.get(action="person.view").target_id == str(wish.user_id)


def test_the_person_reads_the_answer(client, wish, keeper):
    address = f"/people/corrections/{wish.pk}/"
    into(client, keeper).post(address, {"done": "yes", "answer": "已改"})

    wish.refresh_from_db()
    assert (wish.state, wish.answer, wish.answered_by) == ("done", "已改", keeper)
    assert "已改" in into(client, wish.user).get("/me/data/correct/").content.decode()
    entry = AuditEntry.objects.get(action="data.correct")
    assert entry.detail == {"correction": wish.pk, "state": "done"}


def test_it_is_answered_once(client, wish, keeper):
    address = f"/people/corrections/{wish.pk}/"
    into(client, keeper).post(address, {"done": "no", "answer": "核实无误"})
    again = client.post(address, {"done": "yes", "answer": "已改"})

    wish.refresh_from_db()
    assert (wish.state, wish.answer) == ("refused", "核实无误")
    assert again.status_code == 200
    assert AuditEntry.objects.filter(action="data.correct").count() == 1


def test_an_answer_needs_a_sentence(client, wish, keeper):
    into(client, keeper).post(f"/people/corrections/{wish.pk}/", {"done": "yes", "answer": " "})

    wish.refresh_from_db()
    assert wish.state == "open"


def test_nobody_answers_their_own_wish(client, keeper):
    own = Correction.objects.create(user=keeper, text="x")

    assert into(client, keeper).get(f"/people/corrections/{own.pk}/").status_code == 404


def test_the_host_branch_does_not_answer_for_the_home_branch(client, wish):
    host = OrganizationFactory()
    MembershipFactory(user=wish.user, organization=host, kind="floating_host")

    page = into(client, UserFactory(secretary=True, unit=host)).get("/people/corrections/")
    assert not page.context["page_obj"].object_list


# -- erasing by a keeper


def test_where_somebody_learns_does_not_answer_for_the_home_branch(client, wish):
    teacher = UserFactory(secretary=True)
    MembershipFactory(user=wish.user, organization=teacher.posts.get().organization, kind="learner")
    learner = UserFactory()
    MembershipFactory(user=learner, organization=teacher.posts.get().organization, kind="learner")
    theirs = Correction.objects.create(user=learner, text="姓名写错了")

    page = into(client, teacher).get("/people/corrections/")
    assert list(page.context["page_obj"]) == [theirs]
    assert client.get(f"/people/corrections/{wish.pk}/").status_code in (403, 404)


def test_a_keeper_erases_with_a_reason(client, wish, keeper):
    address = f"/people/{wish.user_id}/erase/"
    assert into(client, keeper).get(address).status_code == 200
    client.post(address, {"reason": "died"})
    assert User.objects.get(pk=wish.user_id).erased_at is None

    client.post(address, {"reason": "died", "sure": "on"})

    assert User.objects.get(pk=wish.user_id).erased_at is not None
    assert AuditEntry.objects.get(action="person.erase").detail["reason"] == "died"


def test_a_stranger_finds_nobody_to_erase(client, wish):
    stranger = UserFactory(secretary=True)
    response = into(client, stranger).post(
        f"/people/{wish.user_id}/erase/", {"reason": "died", "sure": "on"}
    )

    assert response.status_code == 404
    assert User.objects.get(pk=wish.user_id).erased_at is None
