"""Acts on the tree keep its past, refuse what makes no sense, and hand over what hangs on it."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.utils import translation

from audit.models import AuditEntry
from lms.classes.models import Enrolment
from organizations.models import Membership, Organization, Placement, Post, ScopeGrant, User, today
from organizations.units import effects, tree
from organizations.units.tree import TreeError
from tests.factories import (
    EnrolmentFactory,
    MembershipFactory,
    OrganizationFactory,
    PostFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 6, 1)
BEFORE = DAY - dt.timedelta(days=1)
HOME, HOST, LEARNER = Membership.Kind.HOME, Membership.Kind.HOST, Membership.Kind.LEARNER


def fresh(unit: Organization) -> Organization:
    return Organization.objects.get(pk=unit.pk)


def tree_on(day: dt.date) -> dict[int, tuple[str, str]]:
    rows = Placement.objects.current(day)
    return {row.organization_id: (row.path, row.name) for row in rows}


def tree_today() -> dict[int, tuple[str, str]]:
    units = Organization.objects.open()
    return {unit.pk: (unit.path, unit.name) for unit in units}


def entry() -> AuditEntry:
    return AuditEntry.objects.order_by("-pk")[0]


# -- creating --------------------------------------------------------------------------------------


def test_a_new_unit_stands_below_its_superior_from_its_day(units: SimpleNamespace) -> None:
    made = tree.organization_create(
        actor=None, parent=units.township, code=" 210101-03 ", name="新  支部", kind="branch"
    )
    assert fresh(made).get_parent() == units.township
    assert (made.code, made.name) == ("210101-03", "新 支部")
    assert tree_on(made.opened_on)[made.pk] == (made.path, "新 支部")
    assert made.pk not in tree_on(made.opened_on - dt.timedelta(days=1))
    assert (entry().action, entry().target_id) == ("unit.create", str(made.pk))


@pytest.mark.parametrize(
    ("code", "kind", "where"),
    [
        ("210101", "branch", "township"),
        ("21l", "branch", "township"),
        ("mine", "branch", "township"),
        ("a/b", "branch", "township"),
        ("", "branch", "township"),
        ("x1", "branch", "branch"),
        ("x1", "county", "township"),
        ("x1", "village", "county"),
    ],
)
def test_what_cannot_be_created_leaves_nothing(
    units: SimpleNamespace, code: str, kind: str, where: str
) -> None:
    parent = getattr(units, where)
    before = (tree_today(), AuditEntry.objects.count())
    with pytest.raises(TreeError):
        tree.organization_create(actor=None, parent=parent, code=code, name="新", kind=kind)
    assert (tree_today(), AuditEntry.objects.count()) == before


def test_there_is_one_topmost_unit(units: SimpleNamespace) -> None:
    with pytest.raises(TreeError):
        tree.organization_create(actor=None, parent=None, code="22", name="另一市", kind="city")


def test_many_units_at_once_make_the_same_tree_in_few_queries(
    units: SimpleNamespace, django_assert_max_num_queries
) -> None:
    rows = [tree.NewUnit("210103", "新镇", "township", "2101")]
    rows += [tree.NewUnit(f"210103-{n:02}", f"支部{n}", "branch", "210103") for n in range(40)]
    rows += [tree.NewUnit(f"210101-{n}", f"支部{n}", "branch", "210101") for n in range(3, 9)]
    with django_assert_max_num_queries(25):
        made = tree.organizations_create(actor=None, rows=rows)
    assert len(made) == 47
    assert Organization.find_problems() == ([], [], [], [], [])
    assert tree_on(today()) == tree_today()


def test_one_bad_row_of_many_makes_none(units: SimpleNamespace) -> None:
    rows = [tree.NewUnit("n1", "甲", "branch", "2101"), tree.NewUnit("N1", "乙", "branch", "2101")]
    with pytest.raises(TreeError):
        tree.organizations_create(actor=None, rows=rows)
    assert not Organization.objects.filter(code__iexact="n1").exists()


def test_a_unit_opens_in_the_past_only_where_its_superior_stood(units: SimpleNamespace) -> None:
    tree.organization_move(actor=None, organization=units.township, parent=units.other, on=DAY)
    made = tree.organization_create(
        actor=None, parent=units.township, code="p1", name="甲", kind="branch", on=DAY
    )
    assert made.pk in tree_on(DAY)
    with pytest.raises(TreeError):
        tree.organization_create(
            actor=None, parent=units.township, code="p2", name="乙", kind="branch", on=BEFORE
        )


# -- renaming and moving ---------------------------------------------------------------------------


def test_the_days_before_a_new_name_keep_the_old_one(units: SimpleNamespace) -> None:
    old = units.township.name
    tree.organization_rename(actor=None, organization=units.township, name="新名镇", on=DAY)
    assert tree_on(BEFORE)[units.township.pk][1] == old
    assert tree_on(DAY)[units.township.pk][1] == fresh(units.township).name == "新名镇"


def test_the_same_name_again_is_no_act(units: SimpleNamespace) -> None:
    tree.organization_rename(actor=None, organization=units.city, name=units.city.name)
    assert AuditEntry.objects.count() == 0


def test_a_move_takes_everything_below_along(units: SimpleNamespace) -> None:
    past = tree_on(BEFORE)
    tree.organization_move(actor=None, organization=units.township, parent=units.other, on=DAY)
    assert fresh(units.branch).is_descendant_of(fresh(units.other))
    assert tree_on(BEFORE) == past
    assert tree_on(DAY) == tree_today()
    assert entry().detail["units"] == 3


def test_a_move_and_back_on_one_day_shows_the_end_of_the_day(units: SimpleNamespace) -> None:
    for parent in (units.neighbour, units.township):
        tree.organization_move(actor=None, organization=units.branch, parent=parent, on=DAY)
    assert tree_on(DAY) == tree_today()
    parents = Placement.objects.filter(organization=units.branch).values_list("parent", flat=True)
    assert set(parents) == {units.township.pk}


@pytest.mark.parametrize(
    ("what", "where"),
    [
        ("city", "county"),
        ("county", "county"),
        ("county", "township"),
        ("township", "county"),
        ("branch", "sibling"),
        ("county", "line"),
    ],
)
def test_moves_that_make_no_sense_are_refused(
    units: SimpleNamespace, what: str, where: str
) -> None:
    before = tree_today()
    with pytest.raises(TreeError):
        tree.organization_move(
            actor=None, organization=getattr(units, what), parent=getattr(units, where)
        )
    assert tree_today() == before


def test_a_move_of_many_units_takes_few_statements(
    units: SimpleNamespace, django_assert_max_num_queries
) -> None:
    rows = [tree.NewUnit(f"m{n}", f"支部{n}", "branch", "210101") for n in range(300)]
    tree.organizations_create(actor=None, rows=rows, on=BEFORE)
    with django_assert_max_num_queries(35):
        tree.organization_move(actor=None, organization=units.township, parent=units.other, on=DAY)
    assert tree_on(DAY) == tree_today()


def test_scope_follows_a_move_at_once(units: SimpleNamespace) -> None:
    old, new = (UserFactory(officer=True, unit=unit) for unit in (units.county, units.other))
    member = UserFactory(home=units.branch)
    tree.organization_move(actor=None, organization=units.township, parent=units.other)
    assert member not in User.objects.visible_to(old)
    assert member in User.objects.visible_to(new)
    assert units.branch in Organization.objects.visible_to(new)


# -- closing ---------------------------------------------------------------------------------------


def test_a_closed_unit_leaves_the_trees_of_later_days(units: SimpleNamespace) -> None:
    post = PostFactory(user=UserFactory(), organization=units.branch)
    grant = ScopeGrant.objects.create(holder=units.line, organization=units.branch)
    tree.organization_close(actor=None, organization=units.branch, on=DAY)
    assert units.branch.pk in tree_on(BEFORE)
    assert units.branch.pk not in tree_on(DAY)
    post.refresh_from_db()
    grant.refresh_from_db()
    assert post.valid_to == grant.valid_to == DAY


def test_units_with_people_or_units_are_not_closed(units: SimpleNamespace) -> None:
    UserFactory(home=units.branch)
    said = {units.branch: "1 person still belongs", units.township: "2 units still stand"}
    with translation.override("en"):
        for unit, sentence in (said | {units.city: "topmost"}).items():
            with pytest.raises(TreeError, match=sentence):
                tree.organization_close(actor=None, organization=unit)
    assert not Organization.objects.exclude(closed_on=None).exists()


def test_nothing_is_hung_under_a_closed_unit(units: SimpleNamespace) -> None:
    tree.organization_close(actor=None, organization=units.neighbour)
    with pytest.raises(TreeError):
        tree.organization_move(actor=None, organization=units.branch, parent=units.neighbour)
    with pytest.raises(TreeError):
        tree.organization_merge(actor=None, organization=units.township, into=units.neighbour)
    with pytest.raises(TreeError):
        tree.organization_create(
            actor=None, parent=units.neighbour, code="x", name="甲", kind="branch"
        )


def test_a_closed_unit_opens_again(units: SimpleNamespace) -> None:
    later = DAY + dt.timedelta(days=9)
    tree.organization_close(actor=None, organization=units.branch, on=DAY)
    tree.organization_reopen(actor=None, organization=units.branch, on=later)
    assert units.branch.pk not in tree_on(later - dt.timedelta(days=1))
    assert tree_on(later) == tree_today()


# -- merging ---------------------------------------------------------------------------------------


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


# -- grants ----------------------------------------------------------------------------------------


def test_a_granted_unit_is_read_until_the_grant_ends(units: SimpleNamespace) -> None:
    reader = UserFactory(officer=True, unit=units.line)
    grant = tree.grant_open(actor=None, holder=units.line, organization=units.township)
    assert units.branch in Organization.objects.visible_to(reader)
    tree.grant_close(actor=None, grant=grant)
    assert units.branch not in Organization.objects.visible_to(reader)
    tree.grant_close(actor=None, grant=grant)
    assert AuditEntry.objects.filter(action="grant.close").count() == 1


def test_grants_that_add_nothing_are_refused(units: SimpleNamespace) -> None:
    tree.grant_open(actor=None, holder=units.line, organization=units.township)
    for holder, unit in (
        (units.line, units.branch),
        (units.line, units.line),
        (units.county, units.abroad),
    ):
        with pytest.raises(TreeError):
            tree.grant_open(actor=None, holder=holder, organization=unit)
