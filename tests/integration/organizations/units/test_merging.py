"""A unit that is merged hands over what hangs on it, as far as the actor may give and end it."""

from types import SimpleNamespace

import pytest
from django.utils import translation

from lms.classes.models import Enrolment
from organizations.models import Membership, Organization, Post, ScopeGrant, User
from organizations.units import effects, tree
from organizations.units.tree import TreeError
from tests.factories import (
    EnrolmentFactory,
    MembershipFactory,
    OrganizationFactory,
    PostFactory,
    UserFactory,
)
from tests.integration.organizations.units.asking import DAY, entry, fresh, tree_on, tree_today

pytestmark = pytest.mark.django_db
HOME, HOST, LEARNER = Membership.Kind.HOME, Membership.Kind.HOST, Membership.Kind.LEARNER


def test_a_merged_branch_hands_its_people_over_and_keeps_their_past(units: SimpleNamespace) -> None:
    member = UserFactory(home=units.branch)
    old = Membership.objects.get(user=member)
    tree.organization_merge(actor=None, organization=units.branch, into=units.sibling, on=DAY)
    old.refresh_from_db()
    assert (old.organization, old.valid_to) == (units.branch, DAY)
    new = Membership.objects.get(user=member, valid_to=None)
    assert (new.organization, new.kind, new.valid_from) == (units.sibling, HOME, DAY)
    closed = fresh(units.branch)
    assert (closed.closed_on, closed.merged_into) == (DAY, units.sibling)
    assert tree_on(DAY) == tree_today()
    assert (entry().action, entry().detail["people"]) == ("unit.merge", 1)


def test_nobody_is_guest_where_they_are_at_home(units: SimpleNamespace) -> None:
    guest, learner, both = UserFactory(home=units.branch), UserFactory(), UserFactory()
    MembershipFactory(user=guest, organization=units.sibling, kind=HOST)
    for unit in (units.branch, units.sibling):
        MembershipFactory(user=learner, organization=unit, kind=LEARNER)
    MembershipFactory(user=both, organization=units.sibling)
    MembershipFactory(user=both, organization=units.branch, kind=HOST)
    tree.organization_merge(actor=None, organization=units.branch, into=units.sibling, on=DAY)
    open_rows = Membership.objects.filter(valid_to=None).values_list("user", "organization", "kind")
    assert sorted(open_rows) == sorted(
        [
            (guest.pk, units.sibling.pk, HOME),
            (learner.pk, units.sibling.pk, LEARNER),
            (both.pk, units.sibling.pk, HOME),
        ]
    )


def test_posts_grants_and_units_go_over(units: SimpleNamespace) -> None:
    officer = UserFactory(officer=True, unit=units.township)
    ScopeGrant.objects.create(holder=units.line, organization=units.township)
    member = UserFactory(home=units.branch)
    tree.organization_merge(actor=None, organization=units.township, into=units.abroad, on=DAY)
    post = Post.objects.get(user=officer, valid_to=None)
    assert (post.organization, post.valid_from) == (units.abroad, DAY)
    assert ScopeGrant.objects.get(valid_to=None).organization == units.abroad
    assert fresh(units.branch).get_parent() == units.abroad
    assert member in User.objects.visible_to(officer)
    assert Organization.find_problems() == ([], [], [], [], [])
    assert tree_on(DAY) == tree_today()


def test_posts_that_the_actor_ends_and_does_not_give_end_with_the_unit(
    units: SimpleNamespace,
) -> None:
    actor = UserFactory(officer=True, unit=units.city)
    secretary = UserFactory(secretary=True, unit=units.township)
    own = PostFactory(user=actor, organization=units.township, role="site_operator")
    said = effects.merge_effects(units.township, units.abroad, actor)
    assert [line[0] for line in said[:2]] == ["1", "1"]
    assert all(units.abroad.name in line for line in said[1:2])
    tree.organization_merge(actor=actor, organization=units.township, into=units.abroad, on=DAY)
    going = Post.objects.get(user=secretary, valid_to=None)
    assert (going.organization, going.valid_from) == (units.abroad, DAY)
    own.refresh_from_db()
    assert own.valid_to == DAY
    detail = entry().detail
    assert (detail["posts"], detail["posts_ended"]) == (1, 1)


def test_a_unit_with_posts_that_the_actor_does_not_end_stays(units: SimpleNamespace) -> None:
    """Else the account of who held them would fall to the actor."""
    actor = UserFactory(officer=True, unit=units.city)
    reviewer = UserFactory(reviewer=True, unit=units.township, home=units.branch)
    empty = OrganizationFactory(parent=units.county, opened_on=units.branch.opened_on)
    curator = UserFactory(curator=True, unit=empty)
    with translation.override("en"), pytest.raises(TreeError, match="reviewer"):
        tree.organization_merge(actor=actor, organization=units.township, into=units.abroad)
    with translation.override("en"), pytest.raises(TreeError, match="curator"):
        tree.organization_close(actor=actor, organization=empty)
    assert reviewer.posts.get().valid_to is curator.posts.get().valid_to is None
    assert fresh(empty).closed_on is fresh(units.township).closed_on is None


def test_grants_that_the_actor_does_not_give_end_with_the_unit(units: SimpleNamespace) -> None:
    actor = UserFactory(officer=True, unit=units.city)
    opened = {"line": True, "opened_on": units.line.opened_on}
    lines = [OrganizationFactory(parent=units.city, **opened) for _ in range(2)]
    over = ScopeGrant.objects.create(holder=units.line, organization=units.branch)
    held = ScopeGrant.objects.create(holder=lines[0], organization=units.county)
    reader = UserFactory(reviewer=True, unit=lines[1])
    member = UserFactory(home=units.sibling)

    for unit, into in ((units.branch, units.sibling), (lines[0], lines[1])):
        assert [line for line in effects.merge_effects(unit, into, actor) if "1" in line[:2]]
        tree.organization_merge(actor=actor, organization=unit, into=into, on=DAY)
        detail = entry().detail
        assert (detail["grants"], detail["grants_ended"]) == (0, 1)
    for grant in (over, held):
        grant.refresh_from_db()
        assert grant.valid_to is not None
    assert not ScopeGrant.objects.filter(valid_to=None).exists()
    assert member not in User.objects.visible_to(reader)


def test_grants_that_the_actor_gives_go_over(units: SimpleNamespace) -> None:
    actor = UserFactory(officer=True, unit=units.city)
    PostFactory(user=actor, organization=units.city, role="security")
    ScopeGrant.objects.create(holder=units.line, organization=units.branch)
    tree.organization_merge(actor=actor, organization=units.branch, into=units.sibling, on=DAY)
    assert ScopeGrant.objects.get(valid_to=None).organization == units.sibling
    assert entry().detail["grants"] == 1


def test_records_of_a_merged_branch_are_seen_by_its_new_superior_only(
    units: SimpleNamespace,
) -> None:
    old, new = (UserFactory(reviewer=True, unit=unit) for unit in (units.county, units.other))
    target = OrganizationFactory(parent=units.abroad)
    enrolment = EnrolmentFactory(user=UserFactory(home=units.branch), organization=units.branch)
    tree.organization_merge(actor=None, organization=units.branch, into=target)
    assert enrolment not in Enrolment.objects.visible_to(old)
    assert enrolment in Enrolment.objects.visible_to(new)


@pytest.mark.parametrize(
    ("what", "into"),
    [("branch", "branch"), ("branch", "township"), ("city", "county"), ("county", "line")],
)
def test_only_two_units_of_one_kind_are_merged(
    units: SimpleNamespace, what: str, into: str
) -> None:
    with pytest.raises(TreeError):
        tree.organization_merge(
            actor=None, organization=getattr(units, what), into=getattr(units, into)
        )
    assert not Organization.objects.exclude(merged_into=None).exists()


def test_a_merged_unit_does_not_open_again(units: SimpleNamespace) -> None:
    tree.organization_merge(actor=None, organization=units.branch, into=units.sibling)
    with pytest.raises(TreeError):
        tree.organization_reopen(actor=None, organization=units.branch)
    tree.organization_close(actor=None, organization=units.sibling)
