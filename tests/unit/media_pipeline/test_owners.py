"""Lease owners."""

from dataclasses import replace

import pytest

from media_pipeline.owners import Owner, owner_is_dead, owner_of_this_process


@pytest.fixture
def me() -> Owner:
    owner = Owner.parse(owner_of_this_process())
    assert owner is not None
    return owner


def test_a_name_fits_its_column_and_can_be_read_back(me: Owner) -> None:
    assert str(me) == owner_of_this_process()
    assert len(str(me)) <= 100


def test_a_living_process_is_not_dead(me: Owner) -> None:
    assert not owner_is_dead(str(me))


def test_a_process_that_is_gone_is_dead(me: Owner) -> None:
    assert owner_is_dead(str(replace(me, pid=2**22 + 1)))


def test_a_reused_process_number_is_not_taken_for_the_owner(me: Owner) -> None:
    assert owner_is_dead(str(replace(me, started="1")))


@pytest.mark.parametrize("change", [{"host": "elsewhere"}, {"world": "otherboot-1"}])
def test_nothing_is_known_of_another_host_or_container(me: Owner, change: dict[str, str]) -> None:
    assert not owner_is_dead(str(replace(me, pid=2**22 + 1, **change)))


@pytest.mark.parametrize("text", ["", "x", "host:1:w", "host:x:w:1", ":1:w:1"])
def test_what_is_no_name_proves_nothing(text: str) -> None:
    assert not owner_is_dead(text)
