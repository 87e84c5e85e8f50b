"""Pages of units: who gets in, what a past day shows, how many queries they take."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.test import Client

from organizations.models import ScopeGrant
from organizations.units import tree
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 6, 1)
BEFORE = "2026-05-31"
QUERIES = 20


def signed_in(**kwargs: object) -> Client:
    client = Client()
    client.force_login(UserFactory(**kwargs))
    return client


@pytest.fixture
def keeper(units: SimpleNamespace) -> Client:
    """The party-affairs officer of the first county."""
    return signed_in(officer=True, unit=units.county)


def names(page: object) -> list[str]:
    return [row.name for row in page.context["units"]]  # type: ignore[attr-defined]


# -- reading ---------------------------------------------------------------------------------------


def test_one_top_unit_is_opened_straight(units: SimpleNamespace, keeper: Client) -> None:
    assert keeper.get("/units/").url == f"/units/{units.county.code}/"


def test_several_top_units_are_listed_with_granted_ones_marked(units: SimpleNamespace) -> None:
    ScopeGrant.objects.create(holder=units.line, organization=units.township)
    page = signed_in(officer=True, unit=units.line).get("/units/")
    assert {(row.name, row.is_granted) for row in page.context["units"]} == {
        (units.line.name, False),
        (units.township.name, True),
    }


def test_a_member_comes_to_the_own_branch_and_sees_whom_to_ask(units: SimpleNamespace) -> None:
    secretary = UserFactory(secretary=True, unit=units.branch, name="王书记", phone="13900000001")
    other = UserFactory(home=units.branch, name="赵同志")
    client = signed_in(home=units.branch)
    for path in ("/units/", f"/units/{units.branch.code}/"):
        assert client.get(path).url == "/units/mine/"
    text = client.get("/units/mine/").content.decode()
    assert secretary.name in text
    assert secretary.phone in text
    assert other.name not in text
    assert client.get(f"/units/{units.township.code}/").status_code == 404


def test_a_guest_sees_whom_to_ask_but_not_the_whole_number(units: SimpleNamespace) -> None:
    secretary = UserFactory(secretary=True, unit=units.branch, name="王书记", phone="13900000001")
    guest = UserFactory()
    MembershipFactory(user=guest, organization=units.branch, kind="floating_host")
    client = Client()
    client.force_login(guest)
    text = client.get("/units/mine/").content.decode()
    assert secretary.name in text
    assert "139****0001" in text
    assert secretary.phone not in text


def test_a_secretary_finds_figures_and_links_on_the_branch_page(units: SimpleNamespace) -> None:
    UserFactory(home=units.branch)
    page = signed_in(secretary=True, unit=units.branch).get("/units/mine/")
    (view,) = page.context["branches"]
    assert (view.unit, view.figures.home, view.can_keep_people) == (units.branch, 1, True)


def test_without_any_tie_there_is_a_page_that_says_so() -> None:
    client = signed_in()
    assert client.get("/units/").status_code == client.get("/units/mine/").status_code == 200


def test_a_unit_outside_the_scope_does_not_exist(units: SimpleNamespace, keeper: Client) -> None:
    for unit in (units.city, units.other, units.abroad, units.line):
        assert keeper.get(f"/units/{unit.code}/").status_code == 404
    assert keeper.get("/units/nonsense/").status_code == 404
    assert Client().get(f"/units/{units.county.code}/").status_code == 302


def test_a_unit_shows_its_children_and_where_it_stands(
    units: SimpleNamespace, keeper: Client
) -> None:
    UserFactory(home=units.branch)
    page = keeper.get(f"/units/{units.county.code}/")
    assert names(page) == [units.township.name, units.neighbour.name]
    assert [row.figures.home for row in page.context["units"]] == [1, 0]
    assert [(step.name, step.url) for step in page.context["steps"]] == [(units.city.name, "")]


def test_units_below_are_found_by_name_and_code(units: SimpleNamespace, keeper: Client) -> None:
    for asked in (units.sibling.name, units.sibling.code):
        page = keeper.get(f"/units/{units.county.code}/", {"q": asked})
        assert names(page) == [units.sibling.name]
    assert names(keeper.get("/units/", {"q": units.branch.code})) == [units.branch.name]
    assert names(keeper.get("/units/", {"q": units.abroad.code})) == []


def test_hundreds_of_branches_are_turned_by_keyset_at_the_same_cost(
    units: SimpleNamespace, keeper: Client, django_assert_max_num_queries
) -> None:
    rows = [tree.NewUnit(f"m{n:03}", f"支部{n:03}", "branch", "210102") for n in range(120)]
    tree.organizations_create(actor=None, rows=rows)
    seen: list[str] = []
    url = f"/units/{units.neighbour.code}/"
    while url:
        with django_assert_max_num_queries(QUERIES):
            page = keeper.get(url)
        seen += names(page)
        url = page.context["next_url"]
    assert seen == [row.name for row in rows]


# -- past days -------------------------------------------------------------------------------------


def test_a_former_superior_sees_figures_of_the_past_and_nothing_else(
    units: SimpleNamespace, keeper: Client
) -> None:
    member = UserFactory(home=units.branch, name="孙某某")
    UserFactory(secretary=True, unit=units.township, name="周某某")
    tree.organization_move(actor=None, organization=units.township, parent=units.other, on=DAY)
    url = f"/units/{units.township.code}/"
    assert keeper.get(url).status_code == 404
    page = keeper.get(url, {"on": BEFORE})
    assert page.context["figures"].home == 1
    assert names(page) == [units.branch.name, units.sibling.name]
    text = page.content.decode()
    assert member.name not in text
    assert "周某某" not in text
    assert "/people/" not in text
    assert "/roster/" not in text
    assert keeper.get(url, {"on": BEFORE, "tree": "today"}).status_code == 404
    new = signed_in(officer=True, unit=units.other)
    assert names(new.get(f"/units/{units.other.code}/", {"on": BEFORE})) == [units.abroad.name]
    assert units.township.name in names(
        new.get(f"/units/{units.other.code}/", {"on": BEFORE, "tree": "today"})
    )


def test_days_that_are_none_show_today(units: SimpleNamespace, keeper: Client) -> None:
    for day in ("2999-01-01", "nonsense", "2026-13-40", ""):
        page = keeper.get(f"/units/{units.county.code}/", {"on": day})
        assert not page.context["day"].is_past


def test_before_a_unit_was_opened_the_page_says_so(units: SimpleNamespace, keeper: Client) -> None:
    page = keeper.get(f"/units/{units.county.code}/", {"on": "2019-01-01"})
    assert page.status_code == 200
    assert page.context["place"] is None


def test_the_past_of_a_unit_is_told_in_sentences(units: SimpleNamespace, keeper: Client) -> None:
    old = units.township.name
    for day, name in ((DAY, "甲镇"), (DAY + dt.timedelta(days=5), "乙镇")):
        tree.organization_rename(actor=None, organization=units.township, name=name, on=day)
    tree.organization_merge(
        actor=None,
        organization=units.neighbour,
        into=units.township,
        on=DAY + dt.timedelta(days=9),
    )
    events = keeper.get(f"/units/{units.township.code}/").context["events"]
    assert [event.on.day for event in events] == [10, 6, 1, 1]
    assert old in events[2].text
    assert units.neighbour.name in events[0].text
    closed = keeper.get(f"/units/{units.neighbour.code}/")
    assert closed.status_code == 200
    assert closed.context["place"] is None


# -- acting ----------------------------------------------------------------------------------------


def test_a_new_unit_is_made_by_form(units: SimpleNamespace, keeper: Client) -> None:
    url = f"/units/{units.township.code}/new/"
    asked = {"name": "新支部", "code": "210101-09", "kind": "branch"}
    assert keeper.post(url, asked).url == "/units/210101-09/"
    page = keeper.post(url, asked)
    assert page.status_code == 200
    assert page.context["form"].non_field_errors()


def test_a_move_is_chosen_explained_and_done(units: SimpleNamespace, keeper: Client) -> None:
    url = f"/units/{units.branch.code}/move/"
    chosen = [row.name for row in keeper.get(url).context["rows"]]
    assert units.neighbour.name in chosen
    assert units.township.name not in chosen
    assert units.abroad.name not in chosen
    page = keeper.get(url, {"to": units.neighbour.code})
    assert page.context["problem"] == ""
    assert any(units.township.name in line for line in page.context["lines"])
    keeper.post(url, {"to": units.neighbour.code})
    units.branch.refresh_from_db()
    assert units.branch.get_parent() == units.neighbour


def test_a_merge_is_chosen_explained_and_done(units: SimpleNamespace, keeper: Client) -> None:
    url = f"/units/{units.branch.code}/merge/"
    assert [row.name for row in keeper.get(url).context["rows"]] == [units.sibling.name]
    keeper.post(url, {"to": units.sibling.code})
    units.branch.refresh_from_db()
    assert units.branch.merged_into == units.sibling


def test_closing_says_what_is_in_the_way_and_offers_no_button(
    units: SimpleNamespace, keeper: Client
) -> None:
    page = keeper.get(f"/units/{units.township.code}/close/")
    assert "2" in page.context["problem"]
    assert 'class="btn btn-primary"' not in page.content.decode()
    keeper.post(f"/units/{units.branch.code}/close/")
    units.branch.refresh_from_db()
    assert units.branch.closed_on is not None
    keeper.post(f"/units/{units.branch.code}/reopen/")
    units.branch.refresh_from_db()
    assert units.branch.closed_on is None


@pytest.mark.parametrize("act", ["new", "rename", "move", "merge", "close", "reopen", "grants"])
def test_acts_are_for_their_keepers_only(units: SimpleNamespace, act: str) -> None:
    keeper = signed_in(officer=True, unit=units.county)
    reviewer = signed_in(reviewer=True, unit=units.county)
    stranger = signed_in(officer=True, unit=units.other)
    url = f"/units/{units.township.code}/{act}/"
    assert keeper.get(url).status_code == (403 if act == "grants" else 200)
    for method in ("get", "post"):
        assert getattr(reviewer, method)(url).status_code == 403
        assert getattr(stranger, method)(url).status_code == 404


def test_nobody_acts_on_the_own_unit_or_moves_things_out_of_reach(
    units: SimpleNamespace, keeper: Client
) -> None:
    assert keeper.post(f"/units/{units.county.code}/rename/", {"name": "新"}).status_code == 403
    moved = keeper.post(f"/units/{units.branch.code}/move/", {"to": units.abroad.code})
    assert moved.status_code == 404
    merged = keeper.post(f"/units/{units.township.code}/merge/", {"to": units.county.code})
    assert merged.status_code == 403


def test_granted_scope_is_for_reading_only(units: SimpleNamespace) -> None:
    ScopeGrant.objects.create(holder=units.line, organization=units.township)
    reader = signed_in(officer=True, unit=units.line)
    assert reader.get(f"/units/{units.township.code}/").status_code == 200
    for act in ("new", "rename", "move", "merge", "close"):
        assert reader.get(f"/units/{units.branch.code}/{act}/").status_code in (403, 404)


def test_the_security_administrator_grants_and_withdraws(units: SimpleNamespace) -> None:
    client = signed_in(security=True, unit=units.city)
    url = f"/units/{units.township.code}/grants/"
    assert [row.organization for row in client.get(url).context["lines"]] == [units.line]
    client.post(url, {"line": units.line.code})
    grant = ScopeGrant.objects.current().get()
    assert (grant.holder, grant.organization) == (units.line, units.township)
    client.post(url, {"end": str(grant.pk)})
    assert not ScopeGrant.objects.current().exists()
    assert client.post(url, {"end": str(grant.pk)}).status_code == 404


@pytest.mark.parametrize("number", ["²", "9" * 5000])
def test_what_is_no_number_of_a_grant_ends_none(units: SimpleNamespace, number: str) -> None:
    client = signed_in(security=True, unit=units.city)
    url = f"/units/{units.township.code}/grants/"
    assert client.post(url, {"end": number}).status_code == 404


def test_a_page_costs_the_same_for_a_large_unit(
    units: SimpleNamespace, django_assert_max_num_queries
) -> None:
    for _ in range(5):
        UserFactory(home=OrganizationFactory(parent=units.township))
    client = signed_in(administrator=True, unit=units.city)
    for unit in (units.city, units.township):
        with django_assert_max_num_queries(QUERIES):
            assert client.get(f"/units/{unit.code}/").status_code == 200
