"""Bitmaps merge like sets, whatever the order, and survive the way through bytes."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from lms.watching.evidence import Bitmap, accept, union

members = st.sets(st.integers(0, 400))
bitmaps = st.builds(Bitmap.of, members)


def contents(bitmap: Bitmap) -> set[int]:
    return {second for second in range(500) if second in bitmap}


def test_bit_i_is_bit_i_modulo_8_of_byte_i_div_8():
    assert Bitmap.of([0, 9, 23]).to_bytes() == bytes([0b1, 0b10, 0b10000000])


@given(members)
def test_a_bitmap_holds_what_it_was_made_of(seconds):
    assert contents(Bitmap.of(seconds)) == seconds
    assert len(Bitmap.of(seconds)) == len(seconds)


@given(bitmaps)
def test_bytes_and_back_change_nothing(bitmap):
    assert Bitmap.from_bytes(bitmap.to_bytes()) == bitmap


@given(bitmaps, st.integers(0, 400))
def test_reading_drops_what_lies_beyond_the_recording(bitmap, seconds):
    clipped = Bitmap.from_bytes(bitmap.to_bytes() + b"\x00", seconds)

    assert contents(clipped) == {second for second in contents(bitmap) if second < seconds}


@given(members, members)
def test_bitmaps_behave_as_sets(left, right):
    one, other = Bitmap.of(left), Bitmap.of(right)

    assert contents(one | other) == left | right
    assert contents(one & other) == left & right
    assert contents(one - other) == left - right


@given(bitmaps)
def test_merging_is_idempotent(bitmap):
    assert union([bitmap, bitmap]) == bitmap


@given(st.lists(bitmaps), st.randoms())
def test_merging_does_not_depend_on_the_order(parts, random):
    shuffled = list(parts)
    random.shuffle(shuffled)

    assert union(shuffled) == union(parts)


@given(members, st.integers(0, 450))
def test_the_earliest_are_the_smallest(seconds, count):
    assert contents(Bitmap.of(seconds).earliest(count)) == set(sorted(seconds)[:count])


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_span_holds_its_start_but_not_its_end(start, end):
    assert contents(Bitmap.span(start, end)) == set(range(start, end))


@given(bitmaps)
def test_runs_are_maximal_and_cover_exactly_the_members(bitmap):
    runs = bitmap.runs()

    assert union(Bitmap.span(start, end) for start, end in runs) == bitmap
    assert all(end < start for (_, end), (start, _) in itertools.pairwise(runs))


@given(bitmaps, bitmaps, st.integers(-5, 450))
def test_acceptance_takes_only_new_seconds_within_the_allowance(claimed, held, allowed):
    accepted, cut = accept(claimed, held, allowed)

    assert contents(accepted) <= contents(claimed) - contents(held)
    assert len(accepted) <= max(allowed, 0)
    assert len(accepted) + cut == len(claimed - held)


def test_acceptance_takes_the_earliest_claimed_seconds_first():
    accepted, cut = accept(Bitmap.span(10, 30), Bitmap.span(12, 14), 5)

    assert (contents(accepted), cut) == ({10, 11, 14, 15, 16}, 13)


@given(bitmaps)
def test_claiming_what_is_held_earns_nothing_and_is_not_called_cut(held):
    assert accept(held, held, 1000) == (Bitmap(), 0)
