"""What a session has proved: properties that hold for every list of records."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from organizations.signin.second_factor.evidence import (
    KNOWLEDGE,
    ORDER,
    PHONE,
    THING,
    fulfils,
    last_proof,
    level_reached,
    method_of,
    methods_of,
    raises,
)

METHODS = sorted(KNOWLEDGE | PHONE | THING)
used = st.sets(st.sampled_from(METHODS))


@given(used, st.sampled_from(METHODS))
def test_one_more_proof_never_lowers_the_level(methods: set, more: str) -> None:
    assert ORDER[level_reached(methods | {more})] >= ORDER[level_reached(methods)]


@given(used)
def test_only_a_passkey_is_cryptographic(methods: set) -> None:
    assert (level_reached(methods) == "cryptographic") is ("webauthn" in methods)


@given(st.sets(st.sampled_from(sorted(KNOWLEDGE))))
def test_knowledge_alone_is_one_factor(methods: set) -> None:
    assert level_reached(methods) == "none"


@given(st.sets(st.sampled_from(sorted(PHONE))))
def test_the_phone_alone_is_one_factor(methods: set) -> None:
    assert level_reached(methods) == "none"


@given(used, st.sampled_from(METHODS))
def test_repeating_a_method_proves_nothing_new(methods: set, again: str) -> None:
    assert not raises(methods | {again}, again)


@given(st.lists(st.dictionaries(st.text(), st.text() | st.floats(allow_nan=False))))
def test_unknown_records_prove_nothing(records: list) -> None:
    strange = [record for record in records if method_of(record) is None]
    assert methods_of(strange) == set()
    assert last_proof(strange) == 0.0


def test_levels_are_ordered() -> None:
    assert fulfils("cryptographic", "any")
    assert fulfils("any", "none")
    assert not fulfils("any", "cryptographic")
