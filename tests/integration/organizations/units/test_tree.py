"""Acts on the tree keep its past, refuse what makes no sense, and hand over what hangs on it."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.utils import translation

from audit.models import AuditEntry
from organizations.models import Organization, Placement, ScopeGrant, User, today
from organizations.units import tree
from organizations.units.tree import TreeError
from tests.factories import (
    PostFactory,
    UserFactory,
)
from tests.integration.organizations.units.asking import (
    BEFORE,
    DAY,
    entry,
    fresh,
    tree_on,
    tree_today,
)

pytestmark = pytest.mark.django_db


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
