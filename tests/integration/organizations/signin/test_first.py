"""From the slip to the first sign-in, through the pages."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from organizations.models import Credential, Organization, User
from organizations.signin import limits
from organizations.signin.limits import Limit
from tests.factories import OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "three old date trees"


@pytest.fixture
def branch() -> Organization:
    unit: Organization = OrganizationFactory(name="示例村第一党支部")
    return unit


@pytest.fixture
def member(branch: Organization) -> User:
    user: User = UserFactory(
        username="lin0417", phone="13800138000", name="林小树", home=branch, activated_at=None
    )
    return user


@pytest.fixture
def manager(client: Client, branch: Organization) -> Client:
    browser = Client()
    browser.force_login(UserFactory(secretary=True, unit=branch, home=branch))
    return browser


def slips(manager: Client, *people: User) -> Any:
    return manager.post("/accounts/credentials/slips/", {"ids": [p.pk for p in people]})


def code_of(answer: Any) -> str:
    found = re.search(r"((?:<span>[0-9A-Z]{4}</span>){3})", answer.content.decode())
    assert found is not None
    return re.sub(r"</?span>", "", found[1])


def enter(client: Client, login: str, code: str) -> Any:
    return client.post("/accounts/first/", {"login": login, "code": code})


def finish(client: Client, **fields: str) -> Any:
    return client.post("/accounts/first/password/", {"password1": PASSWORD, **fields})


def test_a_slip_leads_to_the_first_sign_in(client: Client, manager: Client, member: User) -> None:
    code = code_of(slips(manager, member))
    assert enter(client, "138 0013 8000", code.lower())["Location"] == "/accounts/first/password/"
    page = client.get("/accounts/first/password/").content.decode()
    assert "林小树" in page
    assert "/privacy/" in page
    assert finish(client).context["form"].errors["agreed"]
    answer = finish(client, agreed="on")
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(member.pk)
    member.refresh_from_db()
    assert member.activated_at is not None
    entry = AuditEntry.objects.filter(action="account.sign_in", actor=member).first()
    assert entry is not None
    assert entry.detail == {"method": "credential"}
    client.post("/accounts/logout/")
    assert enter(client, "lin0417", code).status_code == 200  # used
    client.post("/accounts/login/", {"login": "lin0417", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(member.pk)


def test_a_new_code_ends_every_session_when_it_is_used_and_not_before(
    client: Client, manager: Client, member: User
) -> None:
    member.activated_at = timezone.now()
    member.set_password("forgotten long ago")
    member.save()
    elsewhere = Client()
    elsewhere.force_login(member)
    code = code_of(slips(manager, member))
    enter(client, "lin0417", code)
    assert elsewhere.get("/accounts/password/").status_code == 200
    # The privacy notice was agreed to the first time.
    assert finish(client).status_code == 302
    assert elsewhere.get("/accounts/password/").status_code == 302
    assert client.get("/accounts/password/").status_code == 200


def test_whoever_was_signed_in_in_this_browser_is_not_any_more(
    manager: Client, member: User
) -> None:
    code = code_of(slips(manager, member))
    enter(manager, "lin0417", code)
    finish(manager, agreed="on")
    assert manager.session["_auth_user_id"] == str(member.pk)


def test_wrong_codes_and_wrong_accounts_are_answered_alike(
    client: Client, manager: Client, member: User
) -> None:
    code = code_of(slips(manager, member))
    UserFactory(username="other")
    answers = [
        enter(client, login, typed).context["form"].non_field_errors()
        for login, typed in (("lin0417", "AAAA-BBBB-CCCC"), ("other", code), ("nobody", code))
    ]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]
    assert client.get("/accounts/first/password/")["Location"] == "/accounts/first/"
    denied = AuditEntry.objects.filter(action="credential.use", result="denied")
    assert denied.count() == 3
    assert code not in str(list(denied.values()))


def test_wrong_codes_from_one_network_are_slowed(
    client: Client, manager: Client, member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        limits, "ON_CREDENTIALS", Limit("credentials", free=3, window=3600, wait=60, longest=60)
    )
    code = code_of(slips(manager, member))
    for _n in range(3):
        enter(client, "lin0417", "AAAA-BBBB-CCCC")
    assert enter(client, "lin0417", code).status_code == 200
    away = Client(REMOTE_ADDR="10.77.0.1")
    assert enter(away, "lin0417", code).status_code == 302


def test_a_weak_password_is_refused_and_the_code_stays_good(
    client: Client, manager: Client, member: User
) -> None:
    enter(client, "lin0417", code_of(slips(manager, member)))
    answer = client.post("/accounts/first/password/", {"password1": "lin0417-2026", "agreed": "on"})
    assert answer.context["form"].errors["password1"]
    assert Credential.objects.get().used_at is None
    assert finish(client, agreed="on").status_code == 302


def test_a_code_replaced_in_between_does_not_work(
    client: Client, manager: Client, member: User
) -> None:
    enter(client, "lin0417", code_of(slips(manager, member)))
    slips(manager, member)
    assert finish(client, agreed="on")["Location"] == "/accounts/first/"
    member.refresh_from_db()
    assert member.activated_at is None


def test_imported_people_sign_in_in_no_way_before(client: Client, member: User) -> None:
    client.post("/accounts/login/", {"login": "lin0417", "password": ""})
    client.post("/accounts/login/", {"login": "lin0417", "password": "!"})
    assert "_auth_user_id" not in client.session


# -- slips -----------------------------------------------------------------------------------------


def test_slips_hold_what_a_person_needs_and_are_kept_nowhere(manager: Client, member: User) -> None:
    answer = slips(manager, member)
    page = answer.content.decode()
    for text in ("林小树", "示例村第一党支部", "lin0417", "http://testserver/accounts/first/"):
        assert text in page
    assert "<svg" in page
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "same-origin"
    assert manager.get("/accounts/credentials/slips/").status_code == 405


def test_the_code_is_in_no_address_of_the_page(manager: Client, member: User) -> None:
    answer = slips(manager, member)
    assert code_of(answer) not in re.sub(r"<span>[^<]*</span>", "", answer.content.decode())


def test_the_question_comes_first_and_issues_none(manager: Client, member: User) -> None:
    answer = manager.post(
        "/accounts/credentials/", {"ids": [member.pk], "next": "//elsewhere.example/"}
    )
    assert answer.status_code == 200
    assert "elsewhere.example" not in answer.content.decode()
    assert not Credential.objects.exists()
    assert manager.post("/accounts/credentials/", {}).status_code == 302


def test_the_question_tells_no_code_and_no_account(manager: Client, member: User) -> None:
    member.username = member.code = "P-778899"
    member.save()
    answer = manager.post("/accounts/credentials/", {"ids": [member.pk]})
    assert "P-778899" not in answer.content.decode()
    assert "P*****99" in answer.content.decode()


def test_slips_for_people_out_of_sight_are_not_found(manager: Client, member: User) -> None:
    stranger = UserFactory(home=OrganizationFactory(), activated_at=None)
    assert slips(manager, member, stranger).status_code == 404
    assert not Credential.objects.exists()


@pytest.mark.parametrize("ids", [["x"], ["-1"], ["9" * 30], []])
def test_nonsense_instead_of_people_is_not_found(manager: Client, ids: list[str]) -> None:
    assert manager.post("/accounts/credentials/slips/", {"ids": ids}).status_code == 404


def test_slips_for_people_one_only_sees_are_refused(client: Client, branch: Organization) -> None:
    reviewer = UserFactory(reviewer=True, unit=branch)
    member = UserFactory(home=branch, activated_at=None)
    client.force_login(reviewer)
    client.post("/accounts/credentials/slips/", {"ids": [member.pk]})
    assert not Credential.objects.exists()


def test_a_member_issues_none(client: Client, branch: Organization, member: User) -> None:
    client.force_login(UserFactory(home=branch))
    assert slips(client, member).status_code == 404
    assert not Credential.objects.exists()
