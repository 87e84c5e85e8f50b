"""Pages of rosters and people: who sees them, what is masked, what is logged, what they cost."""

import time

import pytest
from django.urls import reverse
from django.utils.translation import gettext as _

from audit.models import AuditEntry
from organizations.models import Membership, Post, ScopeGrant, Tag, User
from organizations.people.masking import REVEAL_SECONDS, SESSION_KEY
from organizations.signin import limits
from tests.factories import MembershipFactory, PostFactory, UserFactory

pytestmark = pytest.mark.django_db


def roster(client, user, unit, **asked):
    client.force_login(user)
    return client.get(reverse("people:list", args=[unit.code]), asked)


def person_page(client, user, person):
    client.force_login(user)
    return client.get(reverse("people:detail", args=[person.pk]))


def logged(action):
    return AuditEntry.objects.filter(action=action)


def open_names(client, then="/people/"):
    return client.post(reverse("people:reveal"), {"show": "on", "next": then})


# -- the roster ------------------------------------------------------------------------------------


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
