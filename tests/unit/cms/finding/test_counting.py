"""What each choice of a filter would leave."""

from hypothesis import given
from hypothesis import strategies as st

from cms.finding.counting import choice_counts, fits

CELLS = st.dictionaries(
    st.tuples(st.sampled_from(["a", "b", "a,b", ""]), st.sampled_from(["x", "y"])),
    st.integers(1, 5),
)
WISH = st.tuples(st.sampled_from(["", "a", "b"]), st.sampled_from(["", "x", "z"]))


@given(CELLS, WISH)
def test_a_choice_counts_what_it_would_show(cells: dict, wish: tuple[str, str]) -> None:
    counts = choice_counts(cells, wish)
    for at, count in enumerate(counts):
        for key in ("", "a", "b", "x", "y"):
            picked = [*wish[:at], key, *wish[at + 1 :]]
            shown = sum(number for cell, number in cells.items() if fits(cell, picked))
            assert count[key] == shown


def test_a_lecture_for_two_audiences_is_counted_under_both() -> None:
    first, _ = choice_counts({("a,b", "x"): 3}, ("", ""))
    assert first == {"": 3, "a": 3, "b": 3}
