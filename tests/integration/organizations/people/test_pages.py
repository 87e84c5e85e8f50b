"""Pages of people: who sees and reveals them, what is masked, what is logged."""

import time

import pytest
from django.urls import reverse

from organizations.models import Membership, Tag, User
from organizations.people.masking import REVEAL_SECONDS, SESSION_KEY
from tests.factories import UserFactory
from tests.integration.organizations.people.asking import logged, open_names, person_page

pytestmark = pytest.mark.django_db


# -- revealing -------------------------------------------------------------------------------------


def test_a_reveal_opens_names_for_a_while_and_is_logged(client, units, officer, member):
    url = reverse("people:list", args=[units.township.code])
    client.force_login(officer)
    response = open_names(client, f"{url}?q=secret")

    assert response.url == f"{url}?q=secret"
    text = client.get(url).text
    assert "张建国" in text
    assert "13812345678" in text
    entry = logged("person.reveal").get()
    assert entry.actor == officer
    assert entry.detail == {"list": "people:list", "unit": units.township.code, "minutes": 15}
    session = client.session
    session[SESSION_KEY] = time.time() - 1
    session.save()
    assert "张建国" not in client.get(url).text
    session[SESSION_KEY] = time.time() + REVEAL_SECONDS * 2
    session.save()
    assert "张建国" not in client.get(url).text


def test_names_are_hidden_again_on_wish(client, units, officer, member):
    url = reverse("people:list", args=[units.township.code])
    client.force_login(officer)
    open_names(client, url)
    client.post(reverse("people:reveal"), {"show": "off", "next": url})

    assert "张建国" not in client.get(url).text
    assert logged("person.reveal").count() == 1


def test_a_reveal_is_a_post_by_a_holder_of_a_post(client, officer):
    client.force_login(UserFactory(home=True))
    assert open_names(client).status_code == 403
    client.force_login(officer)
    assert client.get(reverse("people:reveal")).status_code == 405
    assert not logged("person.reveal").exists()


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example/",
        "https://evil.example/",
        "javascript:1",
        "",
        "/me/",
        "/no/such/page/",
        "/library/张三的电话/",
    ],
)
def test_a_reveal_comes_from_a_list_of_people_and_leads_nowhere_else(client, officer, target):
    client.force_login(officer)
    assert open_names(client, target).status_code == 400
    assert SESSION_KEY not in client.session
    assert not logged("person.reveal").exists()


@pytest.mark.parametrize("target", ["/people/in/张三的电话/", "/people/13812345678/"])
def test_what_the_browser_says_does_not_reach_the_log(client, units, officer, target):
    client.force_login(officer)
    assert open_names(client, target).status_code == 404
    foreign = reverse("people:list", args=[units.foreign_branch.code])
    assert open_names(client, foreign).status_code == 404
    assert not logged("person.reveal").exists()


def test_a_reveal_on_the_page_of_a_person_names_the_person(client, officer, member):
    client.force_login(officer)
    page = reverse("people:detail", args=[member.pk])
    assert open_names(client, page).url == page
    entry = logged("person.reveal").get()
    assert (entry.target_id, entry.detail) == (
        str(member.pk),
        {"list": "people:detail", "minutes": 15},
    )


def test_a_reveal_without_a_token_is_refused(units, officer):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(officer)
    assert open_names(client).status_code == 403


# -- one person ------------------------------------------------------------------------------------


def test_looking_at_a_record_is_logged_once_a_quarter_of_an_hour(client, officer, member):
    text = person_page(client, officer, member).text
    person_page(client, officer, member)

    assert "张建国" in text
    assert "13812345678" in text
    entry = logged("person.view").get()
    assert (entry.actor, entry.target_id) == (officer, str(member.pk))
    person_page(client, officer, UserFactory(home=officer.posts.get().organization))
    assert logged("person.view").count() == 2


@pytest.mark.parametrize("page", ["change", "transfer", "tie", "tag", "post", "leave"])
def test_the_pages_of_acts_are_logged_as_looks_once(client, officer, member, page):
    client.force_login(officer)
    for _again in range(2):
        assert client.get(reverse(f"people:{page}", args=[member.pk])).status_code == 200

    entry = logged("person.view").get()
    assert (entry.actor, entry.target_id) == (officer, str(member.pk))


def test_an_act_that_is_refused_to_the_reader_is_no_look(client, units, member):
    reviewer = UserFactory(reviewer=True, unit=units.township)
    client.force_login(reviewer)
    assert client.get(reverse("people:change", args=[member.pk])).status_code == 403
    assert not logged("person.view").exists()


def test_who_does_not_keep_a_person_reads_masked_and_changes_nothing(client, units, member):
    reviewer = UserFactory(reviewer=True, unit=units.county)
    text = person_page(client, reviewer, member).text

    assert "张建国" not in text
    assert "13812345678" not in text
    assert "张*国" in text
    assert logged("person.view").count() == 1
    for act in ("change", "transfer", "tie", "tag", "leave"):
        url = reverse(f"people:{act}", args=[member.pk])
        assert url not in text
        assert client.get(url).status_code == 403
        assert client.post(url, {}).status_code == 403


def test_people_outside_the_scope_do_not_exist(client, units, member):
    stranger = UserFactory(officer=True, unit=units.sibling)
    client.force_login(stranger)
    for name in ("detail", "change", "transfer", "tie", "tag", "post", "leave"):
        assert client.get(reverse(f"people:{name}", args=[member.pk])).status_code == 404
    for name, row in (("tie_end", member.memberships.get().pk), ("post_end", 1), ("tag_end", 1)):
        assert client.get(reverse(f"people:{name}", args=[member.pk, row])).status_code == 404
    assert client.get(reverse("people:new", args=[units.branch.code])).status_code == 404
    assert not logged("person.view").exists()


def test_one_sees_oneself_unlogged_and_without_acts(client, member):
    User.objects.filter(pk=member.pk).update(activated_at=member.date_joined)
    member.refresh_from_db()
    text = person_page(client, member, member).text

    assert "张建国" in text
    assert "13812345678" in text
    assert reverse("people:change", args=[member.pk]) not in text
    assert not logged("person.view").exists()


def test_who_left_is_not_found(client, officer, member):
    Membership.objects.filter(user=member).update(valid_to="2024-02-01")
    assert person_page(client, officer, member).status_code == 404


# -- acts ------------------------------------------------------------------------------------------


def test_a_person_is_entered_on_a_page(client, units, secretary):
    client.force_login(secretary)
    url = reverse("people:new", args=[units.branch.code])
    assert client.get(url).status_code == 200
    data = {"name": "李新", "phone": "13900000000", "code": "", "kind": "home", "on": "2024-01-01"}
    response = client.post(url, data)

    person = User.objects.get(name="李新")
    assert response.url == reverse("people:detail", args=[person.pk])
    assert person.memberships.get().valid_from.year == 2024
    again = client.post(url, data)
    assert again.status_code == 200
    assert again.context["form"].non_field_errors()


def test_an_act_goes_through_its_pages(client, units, officer, member):
    client.force_login(officer)
    acts = (
        ("change", {"name": "张建华", "phone": "", "code": "P000001"}),
        ("transfer", {"unit": units.second_branch.code, "on": "2025-01-01"}),
        ("tie", {"kind": "floating_host", "unit": units.foreign_branch.name, "on": "2025-01-01"}),
        ("tag", {"value": "exempt", "on": "2025-01-01"}),
        ("post", {"role": "secretary", "unit": units.branch.code, "on": "2025-01-01"}),
    )
    for name, data in acts:
        url = reverse(f"people:{name}", args=[member.pk])
        assert client.get(url).status_code == 200
        assert client.post(url, {}).status_code == 200
        assert client.post(url, data).status_code == 302
    member.refresh_from_db()
    assert member.name == "张建华"
    text = person_page(client, officer, member).text
    for said in (units.second_branch.name, units.foreign_branch.name, Tag.Value.EXEMPT.label):
        assert str(said) in text
    host = member.memberships.get(kind="floating_host")
    for name, row, data in (
        ("tag_end", member.tags.get().pk, {"on": "2025-02-01"}),
        ("post_end", member.posts.get().pk, {"on": "2025-02-01"}),
        ("tie_end", host.pk, {"on": "2025-02-01", "reason": "returned"}),
    ):
        url = reverse(f"people:{name}", args=[member.pk, row])
        assert url in text
        assert client.get(url).status_code == 200
        assert client.post(url, data).status_code == 302
        assert client.get(url).status_code == 404
    url = reverse("people:leave", args=[member.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": "died", "on": "2025-03-01"}).status_code == 302
    assert person_page(client, officer, member).status_code == 404


def test_a_refused_act_is_said_on_the_page_and_logged(client, units, secretary, member):
    client.force_login(secretary)
    url = reverse("people:post", args=[member.pk])
    response = client.post(
        url, {"role": "secretary", "unit": units.branch.code, "on": "2025-01-01"}
    )

    assert response.status_code == 403
    assert response.context["form"].non_field_errors()
    assert logged("access.deny").get().result == "denied"
    assert not member.posts.exists()


def test_units_of_others_cannot_be_chosen(client, units, officer, member):
    client.force_login(officer)
    url = reverse("people:transfer", args=[member.pk])
    for unit in (units.foreign_branch.code, units.township.code, "示例村", "x"):
        response = client.post(url, {"unit": unit, "on": "2025-01-01"})
        assert response.status_code == 200
    assert member.memberships.count() == 1
