"""One-time credentials: who issues them, what is kept, what using one does."""

import datetime as dt
import io

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from audit.models import AuditEntry
from organizations.models import Credential, Organization, User, today
from organizations.signin import credentials
from organizations.signin.credential_views import slips_of
from organizations.signin.credentials import (
    ALPHABET,
    CredentialError,
    code_new,
    code_normalise,
    credential_find,
    credential_issue,
    credential_issue_by_operator,
    credential_use,
)
from tests.factories import MembershipFactory, OrganizationFactory, PostFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 23, 4, 0, tzinfo=dt.UTC)


@pytest.fixture
def branch() -> Organization:
    county = OrganizationFactory(county=True)
    unit: Organization = OrganizationFactory(parent=county)
    return unit


@pytest.fixture
def secretary(branch: Organization) -> User:
    user: User = UserFactory(secretary=True, unit=branch, home=branch)
    return user


@pytest.fixture
def member(branch: Organization) -> User:
    user: User = UserFactory(home=branch, activated_at=None)
    return user


def test_a_code_has_sixty_bits_in_groups_that_are_read_without_mistakes() -> None:
    code = code_new()
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert [len(group) for group in code.split("-")] == [4, 4, 4]
    assert not set(code) & set("OILU")
    assert len({code_new() for _n in range(200)}) == 200


@pytest.mark.parametrize(
    "typed",
    ["0A1B-2C3D-4E5F", "0a1b 2c3d 4e5f", "oalb—2C3D—4E5F", "０Ａ１Ｂ2C3D4E5F"],
)
def test_a_code_may_be_typed_in_any_way(typed: str) -> None:
    assert code_normalise(typed) == "0A1B2C3D4E5F"


@given(st.text(max_size=30))
def test_normalising_is_stable(typed: str) -> None:
    assert code_normalise(code_normalise(typed)) == code_normalise(typed)


def test_only_a_keyed_digest_is_kept(secretary: User, member: User, settings: Settings) -> None:
    (issued,) = credential_issue(actor=secretary, people=[member], now=NOW)
    row = Credential.objects.get()
    assert row.digest == credentials.digest(issued.code)
    assert code_normalise(issued.code) not in str(vars(row))
    assert row.expires_at == NOW + dt.timedelta(days=settings.CREDENTIAL_DAYS)
    settings.SECRET_KEY = "another-key"
    assert credentials.digest(issued.code) != row.digest


def test_issuing_is_logged_by_id_and_never_with_the_code(secretary: User, member: User) -> None:
    (issued,) = credential_issue(actor=secretary, people=[member])
    entry = AuditEntry.objects.get(action="credential.issue")
    assert (entry.actor_id, entry.target_id) == (secretary.pk, str(member.pk))
    assert issued.code not in str(vars(entry))


def test_a_new_code_ends_the_one_before_and_nothing_else(secretary: User, member: User) -> None:
    member.set_password("works until then")
    member.activated_at = NOW
    member.save()
    (first,) = credential_issue(actor=secretary, people=[member], now=NOW)
    (second,) = credential_issue(actor=secretary, people=[member], now=NOW)
    accounts = [member.pk]
    assert credential_find(accounts=accounts, code=first.code, now=NOW) is None
    assert credential_find(accounts=accounts, code=second.code, now=NOW) is not None
    member.refresh_from_db()
    assert member.check_password("works until then")


@pytest.mark.parametrize("order", [("home", "learner"), ("learner", "home")])
def test_a_slip_names_the_home_branch_before_where_one_floats_or_learns(
    rf: RequestFactory, secretary: User, branch: Organization, order: tuple[str, ...]
) -> None:
    person = UserFactory(activated_at=None)
    for kind in ("floating_host", *order, "floating_host"):
        unit = branch if kind == "home" else OrganizationFactory()
        MembershipFactory(user=person, organization=unit, kind=kind)
    issued = credential_issue(actor=secretary, people=[person])
    (slip,) = slips_of(issued, rf.get("/"))
    assert slip["branch"] == branch.name


def test_one_open_credential_is_a_rule_of_the_database(secretary: User, member: User) -> None:
    credential_issue(actor=secretary, people=[member], now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Credential.objects.create(user=member, digest="x", issued_by=secretary, expires_at=NOW)


def test_a_code_runs_out_and_belongs_to_one_account(
    secretary: User, member: User, branch: Organization
) -> None:
    other = UserFactory(home=branch)
    issued, _other = credential_issue(actor=secretary, people=[member, other], now=NOW)
    week = NOW + dt.timedelta(days=7)
    assert credential_find(accounts=[member.pk], code=issued.code, now=week) is None
    assert credential_find(accounts=[other.pk], code=issued.code, now=NOW) is None
    assert credential_find(accounts=[], code=issued.code, now=NOW) is None


def test_nobody_issues_for_people_elsewhere_for_themselves_or_for_those_above(
    secretary: User, member: User, branch: Organization
) -> None:
    stranger = UserFactory(home=OrganizationFactory())
    above = UserFactory(home=branch)
    PostFactory(user=above, organization=branch.get_parent(), role="administrator")
    for wrong in (stranger, above, secretary):
        with pytest.raises(PermissionDenied):
            credential_issue(actor=secretary, people=[member, wrong])
    with pytest.raises(PermissionDenied):
        credential_issue(actor=UserFactory(home=branch), people=[member])
    assert not Credential.objects.exists()
    assert not AuditEntry.objects.filter(action="credential.issue").exists()


def test_a_closed_account_gets_none_and_neither_do_the_others(
    secretary: User, member: User, branch: Organization
) -> None:
    closed = UserFactory(home=branch, is_active=False)
    with pytest.raises(CredentialError):
        credential_issue(actor=secretary, people=[member, closed])
    assert not Credential.objects.exists()


def test_issuing_to_many_costs_a_bounded_number_of_queries(
    secretary: User, branch: Organization, django_assert_max_num_queries: object
) -> None:
    people = [UserFactory(home=branch, activated_at=None) for _n in range(40)]
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        assert len(credential_issue(actor=secretary, people=people)) == 40


def used(credential: Credential, now: dt.datetime = NOW) -> User:
    return credential_use(
        credential=credential, password="three old date trees", request=None, now=now
    )


def test_using_a_code_sets_the_password_and_puts_the_account_in_use(
    secretary: User, member: User
) -> None:
    credential_issue(actor=secretary, people=[member], now=NOW)
    used(Credential.objects.get())
    member.refresh_from_db()
    assert member.activated_at == NOW
    assert member.check_password("three old date trees")
    assert Credential.objects.get().used_at == NOW
    entry = AuditEntry.objects.get(action="credential.use")
    assert entry.detail == {"first": True, "agreed": True}


def test_a_second_use_keeps_the_day_of_the_first(secretary: User, member: User) -> None:
    User.objects.filter(pk=member.pk).update(activated_at=NOW)
    credential_issue(actor=secretary, people=[member], now=NOW)
    used(Credential.objects.get(), NOW + dt.timedelta(days=3))
    member.refresh_from_db()
    assert member.activated_at == NOW


@pytest.mark.parametrize("change", ["used", "revoked", "expired", "closed"])
def test_a_code_that_ended_meanwhile_changes_nothing(
    secretary: User, member: User, change: str
) -> None:
    credential_issue(actor=secretary, people=[member], now=NOW)
    credential = Credential.objects.get()
    if change == "closed":
        User.objects.filter(pk=member.pk).update(is_active=False)
    else:
        field = {"used": "used_at", "revoked": "revoked_at", "expired": "expires_at"}[change]
        Credential.objects.update(**{field: NOW})
    with pytest.raises(CredentialError):
        used(credential)
    member.refresh_from_db()
    assert member.activated_at is None
    assert not AuditEntry.objects.filter(action="credential.use").exists()


def test_the_first_administrator_gets_a_code_from_the_shell() -> None:
    first = UserFactory(username="first", activated_at=None)
    out = io.StringIO()
    call_command("credential_issue", "first", stdout=out)
    code = out.getvalue().split()[0]
    now = timezone.now()
    assert credential_find(accounts=[first.pk], code=code, now=now) is not None
    entry = AuditEntry.objects.get(action="credential.issue")
    assert (entry.actor_id, entry.target_id) == (None, str(first.pk))
    assert entry.detail == {"operator": True}
    with pytest.raises(CommandError):
        call_command("credential_issue", "nobody", stdout=out)


def test_a_slip_in_a_drawer_ends_with_the_right_to_issue_it(branch, secretary):
    promoted, moved, dismissed = (UserFactory(home=branch) for _ in range(3))
    codes = {}
    for person in (promoted, moved, dismissed):
        (issued,) = credential_issue(actor=secretary, people=[person], now=NOW)
        codes[person] = issued.code

    def found(person):
        return credential_find(accounts=[person.pk], code=codes[person], now=NOW)

    assert all(found(person) for person in codes)
    PostFactory(user=promoted, organization=OrganizationFactory(county=True), role="reviewer")
    moved.memberships.update(organization=OrganizationFactory())
    assert [found(promoted), found(moved)] == [None, None]
    credential = found(dismissed)
    secretary.posts.update(valid_to=today())
    with pytest.raises(CredentialError):
        credential_use(credential=credential, password="很长的一句口令", request=None, now=NOW)
    issued = credential_issue_by_operator(person=promoted, now=NOW)
    assert credential_find(accounts=[promoted.pk], code=issued.code, now=NOW)
