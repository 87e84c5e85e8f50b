"""Pages of rosters: who sees them, what is masked, what they cost."""

import pytest
from django.urls import reverse
from django.utils.translation import gettext as _

from organizations.models import Membership, Post, ScopeGrant, Tag
from organizations.signin import limits
from tests.factories import MembershipFactory, PostFactory, UserFactory
from tests.integration.organizations.people.asking import logged, open_names, roster

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("unit", "status"),
    [
        ("township", 200),
        ("branch", 200),
        ("second_branch", 200),
        ("county", 404),
        ("other_branch", 404),
        ("foreign_branch", 404),
        ("line", 404),
    ],
)
def test_a_roster_is_for_the_own_unit_and_below(client, units, officer, unit, status):
    assert roster(client, officer, getattr(units, unit)).status_code == status


@pytest.mark.parametrize("way", ["after", "before"])
def test_a_page_beyond_the_last_row_leads_to_the_beginning(client, units, secretary, way):
    (tie,) = Membership.objects.filter(organization=units.branch)
    page = roster(client, secretary, units.branch, **{way: tie.pk})

    assert page.status_code == 200
    assert _("The list has become shorter.") in page.text
    assert page.context["first_url"] in page.text
    assert not any(page.context[name] for name in ("previous_url", "next_url", "total_text"))


def test_a_roster_of_nobody_says_so(client, units, officer):
    page = roster(client, officer, units.second_branch)

    assert page.status_code == 200
    assert _("Nobody belongs here yet") in page.text
    assert not page.context["previous_url"]


def test_members_and_auditors_have_no_roster(client, units):
    member = UserFactory(home=units.branch)
    auditor = UserFactory(auditor=True, unit=units.city)
    for user in (member, auditor):
        assert roster(client, user, units.branch).status_code == 404


def test_a_roster_asks_to_sign_in(client, units):
    url = reverse("people:list", args=[units.branch.code])
    assert client.get(url).status_code == 302


def test_a_grant_shows_the_roster_for_reading(client, units, member):
    officer = UserFactory(officer=True, unit=units.line)
    ScopeGrant.objects.create(holder=units.line, organization=units.branch)
    response = roster(client, officer, units.branch)

    assert response.status_code == 200
    assert "张*国" in response.text
    assert 'name="ids"' not in response.text
    assert reverse("people:new", args=[units.branch.code]) not in response.text
    assert roster(client, officer, units.second_branch).status_code == 404


def test_names_are_masked_except_to_who_holds_a_post_in_the_branch(
    client, units, officer, secretary, member
):
    above = roster(client, officer, units.township).text
    assert "张建国" not in above
    assert "张*国" in above
    here = roster(client, secretary, units.branch).text
    assert "张建国" in here
    for text in (above, here):
        assert "13812345678" not in text
        assert "138****5678" in text
        assert "P000001" not in text


def test_a_roster_shows_ties_tags_posts_and_accounts(client, units, officer, member):
    MembershipFactory(user=member, organization=units.second_branch, kind="floating_host")
    member.tags.create(dimension="state", value="exempt")
    PostFactory(user=member, organization=units.branch)
    text = roster(client, officer, units.township).text

    assert text.count(f'name="ids" value="{member.pk}"') == 2
    labels = (Membership.Kind.HOST.label, Tag.Value.EXEMPT.label, Post.Role.SECRETARY.label)
    for said in (*labels, _("not activated yet")):
        assert str(said) in text


@pytest.fixture
def few_searches(monkeypatch):
    monkeypatch.setattr(limits, "SEARCHES", ((2, 3600),))


@pytest.mark.parametrize("asked", ["1381234567{}", "P00000{}"])
def test_masked_phones_and_codes_are_not_found_out_by_asking(
    client, units, officer, member, few_searches, asked
):
    for number in (7, 9):
        assert (
            _("Nobody found")
            in roster(client, officer, units.township, q=asked.format(number)).text
        )
    found = {"1381234567{}": "13812345678", "P00000{}": "P000001"}[asked]
    page = roster(client, officer, units.township, q=found)
    assert not page.context["page"].rows
    assert "138****5678" not in page.text
    assert _("Nobody found") not in page.text
    (entry,) = logged("access.deny")
    assert (entry.result, entry.detail["reason"]) == ("denied", "searches")
    assert found not in str(entry.detail)


def test_the_same_search_names_and_open_names_are_not_counted(
    client, units, officer, member, few_searches
):
    for _again in range(3):
        assert "138****5678" in roster(client, officer, units.township, q=member.phone).text
    for name in ("张", "张建", "李"):
        roster(client, officer, units.township, q=name)
    url = reverse("people:list", args=[units.township.code])
    open_names(client, url)
    for number in range(3):
        assert _("Nobody found") in client.get(url, {"q": f"1390000000{number}"}).text
    assert not logged("access.deny").exists()


def test_names_of_people_are_never_in_addresses(client, units, officer):
    for number in range(60):
        UserFactory(home=units.branch, name=f"隐名{number}")
    text = roster(client, officer, units.township).text
    page = roster(client, officer, units.township, after=Membership.objects.first().pk)

    assert 'rel="next"' in text
    assert "隐" not in text.split('rel="next"')[1][:200]
    assert page.status_code == 200
    assert "q=%E9%9A%90" not in page.text


def test_a_page_of_a_roster_takes_ten_queries_at_most(
    client, units, member, django_assert_max_num_queries
):
    line_officer = UserFactory(officer=True, unit=units.line)
    PostFactory(user=line_officer, organization=units.city, role="affairs_officer")
    ScopeGrant.objects.create(holder=units.line, organization=units.county)
    for number in range(120):
        person = UserFactory(home=units.branch, name=f"王{number}")
        person.tags.create(dimension="field", value="rural")
    url = reverse("people:list", args=[units.branch.code])
    client.force_login(line_officer)
    client.get(url)
    middle = Membership.objects.filter(organization=units.branch)[60].pk
    for query in ("", f"after={middle}&field=rural", f"before={middle}", "q=王&kind=home"):
        with django_assert_max_num_queries(10):
            assert client.get(f"{url}?{query}").status_code == 200
