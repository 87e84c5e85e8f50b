"""Which reviews there are, where, and who must not hold them."""

from hypothesis import given
from hypothesis import strategies as st

from cms.review.plan import THREE, Kind, Place, is_staffed, may_decide, review_plan

BRANCH, TOWNSHIP, COUNTY, CITY = (
    Place(4, "branch"),
    Place(3, "township"),
    Place(2, "county"),
    Place(1, "city"),
)
CHAIN = [BRANCH, TOWNSHIP, COUNTY, CITY]
LEVELS = st.sets(st.sampled_from(["township", "county", "city"]))
ABOVE = st.sampled_from(["final", "all"])
PEOPLE = st.integers(1, 6)


def told(levels, above="final", chain=CHAIN):
    return [(str(one.kind), one.unit) for one in review_plan(chain, levels=levels, above=above)]


def test_the_township_alone_holds_all_but_the_self_check():
    assert told({"township"}) == [("self", 4), ("first", 3), ("final", 3)]


def test_a_level_above_adds_its_final_review_or_all_three():
    assert told({"township", "city"})[3:] == [("final", 1)]
    assert told({"township", "city"}, "all")[3:] == [("self", 1), ("first", 1), ("final", 1)]


def test_a_line_unit_decides_for_itself_whatever_levels_take_part():
    chain = [Place(9, "branch"), Place(8, "line"), CITY]
    assert told(set(), chain=chain) == [("self", 9), ("first", 8), ("final", 8)]
    assert told({"city"}, chain=chain)[3:] == [("final", 1)]


def test_where_no_level_takes_part_the_nearest_office_decides():
    assert told(set()) == [("self", 4), ("first", 3), ("final", 3)]
    assert told(set(), chain=[COUNTY, CITY]) == [("self", 2), ("first", 2), ("final", 2)]


@given(start=st.integers(0, 3), levels=LEVELS, above=ABOVE)
def test_there_are_three_reviews_and_the_last_is_final_at_the_highest_level(start, levels, above):
    chain = CHAIN[start:]
    steps = review_plan(chain, levels=levels, above=above)
    assert [one.kind for one in steps[:3]] == list(THREE)
    assert steps[0].unit == chain[0].unit
    assert steps[-1].kind == Kind.FINAL
    deciding = [place.unit for place in chain if place.kind in levels]
    if deciding:
        assert steps[1].unit == steps[2].unit == deciding[0]
        assert steps[-1].unit == deciding[-1]
        assert {one.unit for one in steps[1:]} == set(deciding)


@given(person=PEOPLE, barred=st.sets(PEOPLE), deciders=st.sets(PEOPLE), reader=PEOPLE)
def test_nobody_barred_and_nobody_twice(person, barred, deciders, reader):
    may = may_decide(person, barred=barred, deciders=deciders, proofreader=reader, separate=True)
    assert may == (person not in barred | deciders | {reader})
    alone = may_decide(person, barred=barred, deciders=deciders, proofreader=reader, separate=False)
    assert alone == (person not in barred | deciders)


@given(
    reviewers=st.sets(PEOPLE),
    readers=st.sets(PEOPLE),
    barred=st.sets(PEOPLE),
    deciders=st.sets(PEOPLE),
    separate=st.booleans(),
)
def test_a_unit_is_staffed_when_some_pair_of_its_people_fits(
    reviewers, readers, barred, deciders, separate
):
    pairs = [
        (decider, reader)
        for decider in reviewers
        for reader in readers - barred
        if may_decide(
            decider, barred=barred, deciders=deciders, proofreader=reader, separate=separate
        )
    ]
    among = {"barred": barred, "deciders": deciders, "separate": separate}
    assert is_staffed(reviewers, readers, proofreader=None, **among) == bool(pairs)
    for reader in readers - barred:
        left = [pair for pair in pairs if pair[1] == reader]
        assert is_staffed(reviewers, readers, proofreader=reader, **among) == bool(left)
