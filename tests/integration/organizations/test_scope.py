"""Scope is the union of a person's posts, dated, downward only."""

import datetime as dt

import pytest
from django.db import IntegrityError

from organizations.models import Membership, Organization, Post, User
from organizations.scope import holds_post
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
