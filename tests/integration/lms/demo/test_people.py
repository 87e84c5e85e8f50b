"""The demo's tree and accounts, and the line that says how far the demo is."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import Settings

from lms.demo.people import ACCOUNTS, accounts_path, people_seed
from lms.demo.progress import DemoProgress, progress_write
from organizations.models import Membership, Organization, Placement, Post, ScopeGrant, User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

Kind = Organization.Kind


def test_the_tree_is_the_prefecture_with_example_branches() -> None:
    people_seed()
    counts = {kind: Organization.objects.filter(kind=kind).count() for kind in Kind}
    assert (counts[Kind.CITY], counts[Kind.COUNTY], counts[Kind.TOWNSHIP]) == (1, 7, 163)
    branches = Organization.objects.filter(kind=Kind.BRANCH)
    assert branches.exists()
    assert all("示例" in branch.name for branch in branches)


def test_the_tree_has_lines_villages_and_a_past_without_faults() -> None:
    people_seed()
    assert Organization.find_problems() == ([], [], [], [], [])
    assert {Kind.LINE, Kind.VILLAGE} <= set(Organization.objects.values_list("kind", flat=True))
    assert Organization.objects.exclude(merged_into=None).count() == 1
    assert ScopeGrant.objects.current().count() == 1
    today = set(Placement.objects.current().values_list("organization", "path", "name"))
    assert today == set(Organization.objects.open().values_list("pk", "path", "name"))


def test_there_is_one_account_for_each_role_and_all_are_marked() -> None:
    people_seed()
    assert all("演示" in user.name and user.is_demo for user in User.objects.all())
    roles = set(Post.objects.current().values_list("role", "organization__kind"))
    assert roles == {
        ("secretary", Kind.BRANCH),
        ("secretary", Kind.TOWNSHIP),
        ("reviewer", Kind.TOWNSHIP),
        ("reviewer", Kind.CITY),
        ("reviewer", Kind.COUNTY),
        ("curator", Kind.CITY),
        ("administrator", Kind.CITY),
        ("affairs_officer", Kind.CITY),
        ("affairs_officer", Kind.TOWNSHIP),
        ("affairs_officer", Kind.LINE),
        ("security", Kind.CITY),
        ("auditor", Kind.CITY),
    }
    able = {user.username for user in User.objects.all() if user.has_usable_password()}
    assert able == {account.username for account in ACCOUNTS}


def test_a_second_time_changes_nothing_and_keeps_the_password() -> None:
    people_seed()
    before, password = (User.objects.count(), Membership.objects.count()), accounts_path()
    said = password.read_text()
    people_seed()
    assert (User.objects.count(), Membership.objects.count()) == before
    assert password.read_text() == said
    assert password.stat().st_mode & 0o077 == 0


def test_the_demo_is_never_filled_in_production(settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError):
        call_command("demo")
    assert not User.objects.exists()


def test_pages_say_how_far_the_demo_is_until_it_is_complete(
    settings: Settings, client: Client
) -> None:
    settings.DEMO = True
    client.force_login(UserFactory())
    progress_write(DemoProgress(done=3, total=13))
    page = client.get("/")
    assert page.context["preparing"].percent == 23
    assert "data-preparing" in page.content.decode()
    progress_write(DemoProgress(done=13, total=13))
    assert client.get("/").context["preparing"] is None
