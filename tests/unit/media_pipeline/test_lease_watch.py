"""Leases against clocks that jump: only a sign of life that stands still loses one."""

from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.lease_watch import LEASE_SECONDS, LeaseWatch

RENEWED_EVERY = 3.0
# What a wall clock shows at each renewal: anything, also the same twice apart.
jumps = st.floats(-1e9, 1e9)


@given(st.lists(jumps, min_size=1, max_size=60), st.data())
def test_whoever_renews_keeps_the_lease_however_the_clocks_jump(
    shown: list[float], data: st.DataObject
) -> None:
    watch, steady = LeaseWatch(), 0.0
    for number, wall in enumerate(shown):
        # A wall clock that moves at all shows something else at the next renewal.
        sign = (1, wall + number * 1e-3)
        for _ in range(data.draw(st.integers(0, 3))):
            assert not watch.lost(7, sign, at=steady + data.draw(st.floats(0, RENEWED_EVERY)))
        steady += RENEWED_EVERY


@given(st.lists(st.floats(0.1, 60), min_size=1, max_size=30))
def test_who_renews_no_more_loses_it_within_a_lease_and_two_looks(waits: list[float]) -> None:
    watch, steady = LeaseWatch(), 0.0
    assert not watch.lost(7, "last sign", at=steady)
    for wait in waits:
        steady += wait
        assert watch.lost(7, "last sign", at=steady) == (steady > LEASE_SECONDS)


def test_a_watcher_that_has_just_started_takes_nothing_back() -> None:
    assert not LeaseWatch().lost(7, "ages old", at=1e9)


def test_a_new_claim_of_the_same_job_is_a_new_sign() -> None:
    watch = LeaseWatch()
    watch.lost(7, (1, "noon"), at=0)
    assert not watch.lost(7, (2, "noon"), at=LEASE_SECONDS + 1)


def test_jobs_that_do_not_run_any_more_are_forgotten() -> None:
    watch = LeaseWatch()
    watch.lost(7, "sign", at=0)
    watch.keep_only([8])
    assert not watch.lost(7, "sign", at=LEASE_SECONDS + 1)
