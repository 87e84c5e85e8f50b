"""Whose shelf things stand on, for any tree."""

from hypothesis import given
from hypothesis import strategies as st

from cms.shelves import SHELF_KINDS, Kind, shelf_path

chains = st.lists(st.sampled_from(list(Kind.values)), min_size=1, max_size=7)


def tree(chain: list[str]) -> tuple[str, dict[str, str]]:
    """The path of the last unit of a chain, and the kinds on the way."""
    paths = ["0001" * (depth + 1) for depth in range(len(chain))]
    return paths[-1], dict(zip(paths, chain, strict=True))


@given(chains)
def test_the_shelf_belongs_to_the_unit_or_to_one_above_it(chain: list[str]) -> None:
    path, kinds = tree(chain)
    assert path.startswith(shelf_path(path, kinds))


@given(chains)
def test_only_units_with_shelves_are_found_below_the_root(chain: list[str]) -> None:
    path, kinds = tree(chain)
    found = shelf_path(path, kinds)
    assert found == path[:4] or kinds[found] in SHELF_KINDS


@given(chains)
def test_the_unit_found_stands_on_its_own_shelf(chain: list[str]) -> None:
    path, kinds = tree(chain)
    found = shelf_path(path, kinds)
    assert shelf_path(found, kinds) == found


@given(chains)
def test_there_is_no_shelf_below_a_township(chain: list[str]) -> None:
    path, kinds = tree(chain)
    above = shelf_path(path, kinds)[:-4]
    assert all(kinds[above[:end]] != Kind.TOWNSHIP for end in range(4, len(above) + 1, 4))


@given(chains)
def test_units_without_shelves_may_be_left_out(chain: list[str]) -> None:
    path, kinds = tree(chain)
    few = {unit: kind for unit, kind in kinds.items() if kind in SHELF_KINDS}
    assert shelf_path(path, few) == shelf_path(path, kinds)
