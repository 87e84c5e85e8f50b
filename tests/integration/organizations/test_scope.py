"""Scope is the union of a person's posts, dated, downward only."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError

from lms.classes.models import TrainingClass
from organizations.models import Membership, Organization, Placement, Post, ScopeGrant, User
from organizations.scope import holds_post, subtree, subtree_of
from tests.factories import MembershipFactory, OrganizationFactory, PostFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> dict[str, Organization]:
    city = OrganizationFactory(city=True)
    county = OrganizationFactory(county=True, parent=city)
    township = OrganizationFactory(township=True, parent=county)
    return {
        "city": city,
        "county": county,
        "township": township,
        "own": OrganizationFactory(parent=township),
        "sibling": OrganizationFactory(parent=township),
        "foreign": OrganizationFactory(parent=OrganizationFactory(county=True, parent=city)),
    }


def visible(user: User) -> set[int]:
    return set(Organization.objects.visible_to(user).values_list("pk", flat=True))


def test_a_post_opens_the_unit_and_everything_below(tree: dict[str, Organization]) -> None:
    user = UserFactory()
    PostFactory(user=user, organization=tree["township"], role=Post.Role.REVIEWER)
    assert visible(user) == {tree[name].pk for name in ("township", "own", "sibling")}


def test_scope_is_the_union_over_posts(tree: dict[str, Organization]) -> None:
    user = UserFactory()
    for unit in ("own", "foreign"):
        PostFactory(user=user, organization=tree[unit])
    assert visible(user) == {tree["own"].pk, tree["foreign"].pk}


def test_a_member_without_a_post_sees_the_own_branch_only(tree: dict[str, Organization]) -> None:
    user = UserFactory(home=tree["own"])
    assert visible(user) == {tree["own"].pk}


def test_a_post_counts_from_its_first_day_until_the_day_before_its_end(
    tree: dict[str, Organization],
) -> None:
    user, today = UserFactory(), dt.date(2026, 11, 23)
    post = PostFactory(
        user=user,
        organization=tree["own"],
        valid_from=today,
        valid_to=today + dt.timedelta(days=2),
    )
    current = Post.objects.current
    assert [current(today + dt.timedelta(days=n)).exists() for n in (-1, 0, 1, 2)] == [
        False,
        True,
        True,
        False,
    ]
    post.valid_to = today
    post.save()
    assert not holds_post(user, Post.Role.SECRETARY)


def test_a_line_unit_with_many_grants_sees_all_of_them_and_what_is_below(
    tree: dict[str, Organization], django_assert_max_num_queries: Any
) -> None:
    line = OrganizationFactory(line=True, parent=tree["city"])
    user, home = UserFactory(), tree["own"]
    PostFactory(user=user, organization=line)
    above = tree["township"]
    granted = Organization.objects.bulk_create(
        Organization(
            path=Organization._get_path(above.path, above.depth + 1, 100 + number),
            depth=above.depth + 1,
            code=f"G{number}",
            name=f"第{number}村党支部",
            kind=Organization.Kind.BRANCH,
        )
        for number in range(1199)
    )
    Placement.objects.bulk_create(
        Placement(
            organization=unit, parent=above, path=unit.path, name=unit.name, kind=unit.kind,
            valid_from=dt.date(2024, 1, 1),
        )
        for unit in granted
    )  # fmt: skip
    county = tree["foreign"].get_parent()
    ScopeGrant.objects.bulk_create(
        ScopeGrant(holder=line, organization=unit, valid_from=dt.date(2024, 1, 1))
        for unit in (*granted, county)
    )
    people = [UserFactory(home=unit) for unit in (granted[0], granted[-1], tree["foreign"])]
    theirs = UserFactory(home=home)
    seen = {line.pk, county.pk, tree["foreign"].pk, *(unit.pk for unit in granted)}
    with django_assert_max_num_queries(4):
        assert visible(user) == seen
    rows = Placement.objects.visible_to(user)
    assert set(rows.values_list("organization", flat=True)) == seen
    assert set(User.objects.visible_to(user)) == {user, *people}
    assert theirs not in User.objects.visible_to(user)
    assert not TrainingClass.objects.managed_by(user).exists()


def test_the_list_of_a_unit_asks_for_no_more_of_the_scope_than_lies_inside_it(
    tree: dict[str, Organization], django_assert_num_queries: Any
) -> None:
    def found(readable: list[str], node: str) -> set[int]:
        inside = subtree_of({tree[name].path for name in readable}, tree[node].path)
        return set(Organization.objects.filter(inside).values_list("pk", flat=True))

    everything = {tree[name].pk for name in ("township", "own", "sibling")}
    assert found(["county", "foreign"], "township") == everything
    assert found(["own", "foreign"], "township") == {tree["own"].pk}
    assert found(["foreign"], "township") == set()
    many = {tree["city"].path, *(f"9{number:03}" for number in range(100))}
    with django_assert_num_queries(0):
        assert subtree_of(many, tree["own"].path, field="organization") == subtree(
            tree["own"].path, "organization"
        )


def test_an_inactive_account_sees_nothing(tree: dict[str, Organization]) -> None:
    user = UserFactory(is_active=False)
    PostFactory(user=user, organization=tree["city"])
    assert visible(user) == set()


def test_people_are_visible_by_their_current_branch(tree: dict[str, Organization]) -> None:
    secretary = UserFactory()
    PostFactory(user=secretary, organization=tree["own"])
    mine, theirs = UserFactory(home=tree["own"]), UserFactory(home=tree["sibling"])
    floating = UserFactory(home=tree["foreign"])
    MembershipFactory(user=floating, organization=tree["own"], kind=Membership.Kind.HOST)
    seen = set(User.objects.visible_to(secretary))
    assert seen == {secretary, mine, floating}
    assert theirs not in seen


def test_a_person_has_at_most_one_open_home_membership(tree: dict[str, Organization]) -> None:
    user = UserFactory(home=tree["own"])
    with pytest.raises(IntegrityError):
        MembershipFactory(user=user, organization=tree["sibling"])
