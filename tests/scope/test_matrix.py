"""Every address × every role × own, child, sibling, foreign and granted unit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.scope.cases import every, rules_for, sample
from tests.scope.judge import judge
from tests.scope.patterns import Pattern, patterns
from tests.scope.printed import PAGE, page
from tests.scope.rules import RULES
from tests.scope.tree import ALL
from tests.scope.walk import Visitor
from tests.scope.world import World

pytestmark = pytest.mark.django_db
PATTERNS = patterns()


@pytest.fixture(scope="module")
def visitor(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Visitor]:
    """One world for all; every visit is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield Visitor(World(), ALL)
        transaction.set_rollback(True)


def by_address(pattern: Pattern) -> str:
    return pattern.key


def test_every_address_has_a_rule() -> None:
    missing = [pattern.key for pattern in PATTERNS if not rules_for(pattern)[1]]
    assert not missing, f"declare rules in tests/scope/rules: {missing}"


def test_every_rule_has_an_address() -> None:
    assert RULES.keys() <= {rules_for(pattern)[0] for pattern in PATTERNS}


def test_the_page_of_the_docs_is_what_the_rules_say() -> None:
    """`make access` prints it anew."""
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("pattern", PATTERNS, ids=by_address)
def test_sample(pattern: Pattern, visitor: Visitor) -> None:
    """Each address with each reason for an answer, each kind of rule with each role."""
    problems = judge(pattern, visitor, sample(pattern))
    assert not problems, "\n".join(problems)


@pytest.mark.long
@pytest.mark.parametrize("pattern", PATTERNS, ids=by_address)
def test_whole(pattern: Pattern, visitor: Visitor) -> None:
    asked = [(rule, every(rule, ALL)) for rule in rules_for(pattern)[1]]
    problems = judge(pattern, visitor, asked)
    assert not problems, "\n".join(problems)
