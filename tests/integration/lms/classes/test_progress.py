"""The manager's table shows the people of the manager's units, and nobody else."""

import pytest
from django.utils import timezone

from lms.classes.criterion import RULE_UNKNOWN
from lms.watching.evidence import Bitmap
from tests.factories import (
    CompletionFactory,
    EnrolmentFactory,
    MembershipFactory,
    PlaySessionFactory,
    PostFactory,
    TagFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def learners(units, training_class):
    """One in each branch, by the name of the unit."""
    branches = {
        "township": units.branch,
        "sibling": units.other_branch,
        "foreign": units.foreign_branch,
    }
    return {
        name: EnrolmentFactory(
            training_class=training_class,
            user=UserFactory(home=branch, name=f"{name} learner"),
            organization=branch,
        )
        for name, branch in branches.items()
    }


def table(client, user, training_class, *, open_names=True, **asked):
    client.force_login(user)
    page = f"/classes/{training_class.pk}/progress/"
    if open_names:
        client.post("/people/reveal/", {"show": "on", "next": page})
    response = client.get(page, asked)
    assert response.status_code == 200
    return response.context


def names(context):
    return {row.person_name.split()[0] for row in context["rows"].object_list}


@pytest.mark.parametrize(
    ("unit", "seen"),
    [
        ("city", {"township", "sibling", "foreign"}),
        ("county", {"township", "sibling"}),
        ("township", {"township"}),
        ("branch", {"township"}),
        ("other_county", {"foreign"}),
    ],
)
@pytest.mark.parametrize("role", ["secretary", "reviewer", "curator", "administrator"])
def test_a_manager_sees_the_own_unit_and_below(
    client, units, training_class, learners, unit, seen, role
):
    manager = UserFactory(**{role: True}, unit=getattr(units, unit))
    context = table(client, manager, training_class)

    assert names(context) == seen
    assert context["totals"]["enrolled"] == len(seen)
    assert context["scope_name"] == getattr(units, unit).name


def test_members_and_managers_of_nobody_here_do_not_see_the_table(
    client, units, training_class, learners
):
    learner = learners["township"].user
    client.force_login(learner)
    assert client.get(f"/classes/{training_class.pk}/progress/").status_code == 403
    learners["foreign"].delete()
    client.force_login(UserFactory(secretary=True, unit=units.foreign_branch))
    assert client.get(f"/classes/{training_class.pk}/progress/").status_code == 404


def test_the_table_asks_to_sign_in(client, training_class):
    assert client.get(f"/classes/{training_class.pk}/progress/").status_code == 302


def test_somebody_without_a_branch_counts_for_who_holds_the_class(
    client, units, training_class, learners
):
    homeless = UserFactory(name="homeless learner")
    EnrolmentFactory(training_class=training_class, user=homeless)

    county = UserFactory(reviewer=True, unit=units.county)
    township = UserFactory(reviewer=True, unit=units.township)
    assert table(client, county, training_class)["totals"]["enrolled"] == 3
    assert table(client, township, training_class)["totals"]["enrolled"] == 1
    MembershipFactory(user=homeless, organization=units.other_branch, kind="learner")
    assert "homeless" in names(table(client, county, training_class))


def test_who_went_elsewhere_stays_in_the_figures_and_is_not_named(
    client, units, training_class, learners, lectures
):
    gone = learners["township"].user
    CompletionFactory(user=gone, lecture=lectures[0])
    gone.memberships.update(valid_to="2026-01-01")
    MembershipFactory(user=gone, organization=units.foreign_branch, valid_from="2026-01-01")
    former = UserFactory(secretary=True, unit=units.branch)
    context = table(client, former, training_class)

    assert (context["totals"]["enrolled"], context["elsewhere"]) == (1, 1)
    assert context["columns"][0].completed_count == 1
    assert names(context) == set()
    assert names(table(client, former, training_class, q="township")) == set()
    above = UserFactory(officer=True, unit=units.city)
    assert "township" in names(table(client, above, training_class))


def test_a_name_in_clear_follows_the_branch_of_today(client, units, training_class, learners):
    moved = learners["township"].user
    moved.memberships.update(valid_to="2026-01-01")
    MembershipFactory(user=moved, organization=units.other_branch, valid_from="2026-01-01")
    keeper = UserFactory(secretary=True, unit=units.branch)
    PostFactory(user=keeper, organization=units.county, role="reviewer")
    rows = table(client, keeper, training_class, open_names=False)["rows"].object_list

    assert sorted(row.person_name for row in rows) == ["s**r", "t**r"]


def test_a_hidden_name_is_not_found_by_its_characters(client, units, training_class, learners):
    above = UserFactory(reviewer=True, unit=units.township)
    here = UserFactory(secretary=True, unit=units.branch)

    assert names(table(client, above, training_class, open_names=False, q="wnsh")) == set()
    assert names(table(client, above, training_class, open_names=False, q="t")) == set()
    assert names(table(client, above, training_class, q="wnsh")) == {"township"}
    assert names(table(client, here, training_class, open_names=False, q="wnsh")) == {"township"}


def test_a_withdrawn_learner_leaves_the_table(client, units, training_class, learners):
    learners["township"].withdrawn_at = timezone.now()
    learners["township"].save()
    manager = UserFactory(reviewer=True, unit=units.county)

    assert names(table(client, manager, training_class)) == {"sibling"}


def test_rows_show_each_lecture_with_its_strip(client, units, training_class, learners, lectures):
    learner = learners["township"]
    CompletionFactory(user=learner.user, lecture=lectures[0])
    seen = Bitmap.span(0, 30)
    PlaySessionFactory(user=learner.user, lecture=lectures[1], seen=seen.to_bytes(), accepted=30)
    manager = UserFactory(reviewer=True, unit=units.county)
    context = table(client, manager, training_class)

    row = next(row for row in context["rows"].object_list if row.person_name.startswith("town"))
    assert [cell.state for cell in row.cells] == ["done", "part", "none"]
    assert row.cells[1].percent == 52
    assert row.cells[1].strip.segments() == [(0.0, 0.5)]
    assert row.cells[1].missing_text
    assert row.required_done == 1
    assert [column.completed_count for column in context["columns"]] == [1, 0, 0]
    assert [column.is_required for column in context["columns"]] == [True, True, False]


def test_filters_count_and_choose_the_same_people(
    client, units, training_class, learners, lectures
):
    done, begun = learners["township"], learners["sibling"]
    done.completed_at, done.completion_rule = timezone.now(), RULE_UNKNOWN
    done.save()
    PlaySessionFactory(user=begun.user, lecture=lectures[2], seen=b"\xff", accepted=8)
    manager = UserFactory(reviewer=True, unit=units.city)
    expected = {"done": {"township"}, "part": {"sibling"}, "none": {"foreign"}}
    for state, people in expected.items():
        context = table(client, manager, training_class, state=state)
        assert names(context) == people
        assert [one["count"] for one in context["filters"]] == [3, 1, 1, 1]
        assert [one["active"] for one in context["filters"]].count(True) == 1


def test_who_is_exempt_stands_outside_the_figures_and_keeps_a_row(
    client, units, training_class, learners, lectures
):
    done, begun = learners["township"], learners["sibling"]
    done.completed_at, done.completion_rule = timezone.now(), RULE_UNKNOWN
    done.save()
    for one in (done, begun):
        CompletionFactory(user=one.user, lecture=lectures[0])
        TagFactory(user=one.user, value="exempt")
    manager = UserFactory(reviewer=True, unit=units.city)
    context = table(client, manager, training_class)
    assert context["totals"] == {
        "enrolled": 1,
        "completed": 0,
        "in_progress": 0,
        "not_started": 1,
        "exempt": 2,
    }
    assert context["columns"][0].completed_count == 0
    rows = {row.person_name.split()[0]: row for row in context["rows"].object_list}
    assert {name for name, row in rows.items() if row.is_exempt} == {"township", "sibling"}
    assert rows["township"].completed_at is not None
    assert [one["count"] for one in context["filters"]] == [3, 0, 0, 1, 2]
    assert names(table(client, manager, training_class, state="exempt")) == {"township", "sibling"}
    assert names(table(client, manager, training_class, state="done")) == set()


def test_people_are_found_by_name_and_by_branch(client, units, training_class, learners):
    manager = UserFactory(reviewer=True, unit=units.city)

    assert names(table(client, manager, training_class, q="sib")) == {"sibling"}
    assert names(table(client, manager, training_class, q=units.branch.name)) == {"township"}
    assert names(table(client, manager, training_class, q="' OR 1=1")) == set()
    assert len(names(table(client, manager, training_class, state="x", p="999"))) == 3


def test_search_does_not_reach_beyond_the_scope(client, units, training_class, learners):
    manager = UserFactory(reviewer=True, unit=units.township)

    assert names(table(client, manager, training_class, q="foreign")) == set()


def test_the_table_takes_the_same_queries_for_any_number_of_people(
    client, units, training_class, learners, lectures, django_assert_max_num_queries
):
    manager = UserFactory(reviewer=True, unit=units.county)
    table(client, manager, training_class)
    counts = []
    for _ in range(2):
        with django_assert_max_num_queries(25) as queries:
            client.get(f"/classes/{training_class.pk}/progress/")
        counts.append(len(queries))
        for _ in range(8):
            user = UserFactory(home=units.branch)
            EnrolmentFactory(training_class=training_class, user=user, organization=units.branch)
            PlaySessionFactory(user=user, lecture=lectures[0], seen=b"\xff", accepted=8)

    assert counts[0] == counts[1]


def test_a_page_of_the_table_is_limited(client, units, training_class):
    for _ in range(52):
        user = UserFactory(home=units.branch)
        EnrolmentFactory(training_class=training_class, user=user, organization=units.branch)
    manager = UserFactory(reviewer=True, unit=units.county)

    assert len(table(client, manager, training_class)["rows"].object_list) == 50
    assert len(table(client, manager, training_class, p=2)["rows"].object_list) == 2


def test_pages_go_through_the_tree_and_name_everybody_once(client, units, training_class):
    branches = [units.foreign_branch, None, units.other_branch, units.branch]
    for number in range(21 * len(branches)):
        branch = branches[number % len(branches)]
        user = UserFactory(home=branch or units.branch, name=f"{(number * 37) % 100:02} learner")
        EnrolmentFactory(training_class=training_class, user=user, organization=branch)
    manager = UserFactory(reviewer=True, unit=units.city)
    pages = [table(client, manager, training_class, p=p)["rows"].object_list for p in (1, 2)]
    assert [len(rows) for rows in pages] == [50, 34]

    paths = {one.name: one.path for one in branches if one} | {"": ""}
    shown = [(paths[row.organization_name], row.person_name) for rows in pages for row in rows]
    assert shown == sorted(shown)
    assert len(set(shown)) == 84
    searched = table(client, manager, training_class, q=units.branch.name)["rows"].object_list
    assert [row.organization_name for row in searched] == [units.branch.name] * 21


def test_names_are_masked_until_revealed_except_to_the_branch(
    client, units, training_class, learners
):
    above = UserFactory(reviewer=True, unit=units.township)
    here = UserFactory(secretary=True, unit=units.branch)

    def shown(user, **asked):
        context = table(client, user, training_class, **asked)
        return [row.person_name for row in context["rows"].object_list]

    assert shown(above, open_names=False) == ["t**r"]
    assert shown(above) == ["township learner"]
    assert shown(here, open_names=False) == ["township learner"]
