"""The means of the matrix: its sample covers, its marks are found wherever they are hidden."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.http import HttpResponse, JsonResponse

from organizations.people.masking import masked_name
from tests.scope import tree
from tests.scope.cases import Case, changes, every, kinds, rules_for, sample
from tests.scope.marks import phone, secret, shown
from tests.scope.patterns import patterns
from tests.scope.rule import Access
from tests.scope.tree import SAMPLE, Viewer, managed, readable

BRANCH = ("people", "branch")


def test_the_sample_meets_every_rule_of_every_address() -> None:
    for pattern in patterns():
        assert {rule for rule, _ in sample(pattern)} == set(rules_for(pattern)[1])


def test_the_sample_meets_every_role_and_every_relation_with_every_kind_of_rule() -> None:
    for members in kinds():
        found = [case for member in members for case in member.cases]
        assert {case.viewer.role for case in found} == set(tree.ROLES)
        possible = {case.relation for case in every(members[0].rule, SAMPLE)}
        assert {case.relation for case in found} >= possible, members[0].pattern.key


@pytest.mark.parametrize("may", ["reads", "acts"])
def test_the_sample_has_at_every_address_who_may_and_who_may_not_by_role_and_by_place(
    may: str,
) -> None:
    for pattern in patterns():
        for rule, chosen in sample(pattern):
            access = getattr(rule, may)

            def reasons(cases: list[Case], access: Access = access) -> set[tuple[bool, bool]]:
                return {
                    (
                        case.viewer.role in access.roles,
                        access.allows(case.viewer, case.unit, case.relation),
                    )
                    for case in cases
                }

            assert reasons(chosen) >= reasons(every(rule, SAMPLE)), pattern.key


def test_the_sample_does_every_act_that_changes_rows() -> None:
    for pattern in patterns():
        for rule, chosen in sample(pattern):
            done = any(changes(rule, case) for case in chosen)
            assert done or not rule.changes, pattern.key


def test_every_act_changes_rows_or_says_why_it_does_not() -> None:
    for pattern in patterns():
        for rule in rules_for(pattern)[1]:
            said = bool(rule.changes) + bool(rule.idle)
            assert said == bool(rule.acts.roles), pattern.key


def test_marks_are_found_in_pages_and_masked_names() -> None:
    name = secret(*BRANCH)
    assert shown(HttpResponse(f"<p>{name}</p>")) == {BRANCH}
    assert shown(HttpResponse(masked_name(name))) == {BRANCH}
    assert shown(HttpResponse(masked_name(name)), masked=True) == set()
    assert shown(HttpResponse(phone("branch"))) == {BRANCH}
    assert shown(HttpResponse("单位branch")) == set()


def test_a_number_that_was_searched_tells_nothing_and_a_name_beside_it_does() -> None:
    asked = f"GET /people/in/S-branch/?q={phone('branch')}"
    assert shown(HttpResponse(f"<input value={phone('branch')}>"), asked=asked) == set()
    found = HttpResponse(f"{phone('branch')} {masked_name(secret(*BRANCH))}")
    assert shown(found, asked=asked) == {BRANCH}


def test_marks_are_found_in_json_and_workbooks() -> None:
    assert shown(JsonResponse({"name": secret(*BRANCH)})) == {BRANCH}
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active.append([secret(*BRANCH)])
    book.save(file)
    assert shown(HttpResponse(file.getvalue())) == {BRANCH}


def test_scope_goes_downward_and_a_grant_is_for_reading() -> None:
    officer = Viewer(tree.OFFICER, "township")
    assert managed(officer, "branch")
    assert not managed(officer, "county")
    assert not managed(officer, "next_township")
    line = Viewer(tree.OFFICER, "line")
    assert readable(line, "far_branch")
    assert not managed(line, "far_branch")
    assert not readable(Viewer(tree.AUDITOR, "city"), "branch")
    assert not readable(Viewer(tree.MEMBER, "branch"), "branch")
