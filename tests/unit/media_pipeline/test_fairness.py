"""Who goes first: nobody is stuck behind a long job, and no long job is put off for ever."""

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.fairness import (
    MOST_YIELDS,
    MOST_YIELDS_IN_SOUND,
    STINT_SECONDS,
    WAITED_SECONDS,
    Running,
    Waiting,
    arrivals,
    estimated_work,
    makes_way,
    preview_makes_way,
)

LOOK = 3.0  # seconds of work between two segment borders


@dataclass
class Job:
    arrived: float
    work: float
    done: float = 0.0
    yields: int = 0
    ended: float = 0.0
    stints: int = 0

    @property
    def place(self) -> Waiting:
        return Waiting(self.arrived, self.work)

    @property
    def left(self) -> float:
        return self.work - self.done


def simulate(jobs: list[Job]) -> None:
    """One machine works the jobs by the rule, until all are done."""
    now, running, since = 0.0, None, 0.0
    while any(job.left > 0 for job in jobs):
        waiting = [job for job in jobs if job.left > 0 and job.arrived <= now]
        if running is None:
            if not waiting:
                now = min(job.arrived for job in jobs if job.left > 0)
                continue
            running = min(waiting, key=lambda job: job.place.turn)
            running.stints, since = running.stints + 1, now
        step = min(LOOK, running.left)
        now, running.done = now + step, running.done + step
        if running.left <= 1e-9:
            running.done, running.ended, running = running.work, now, None
            continue
        others = [job.place for job in jobs if job is not running and job.left > 0]
        others = [place for place in others if place.arrived <= now]
        share = running.done / running.work
        own = Running(running.arrived, running.work, share, now - since, running.yields)
        if makes_way(own, others, now=now):
            running.yields, running = running.yields + 1, None


def test_a_job_that_has_made_way_often_enough_goes_on() -> None:
    others = [Waiting(arrived=0.0, work=1.0)]
    now = 10_000.0
    last, over = (
        Running(arrived=0.0, work=5_000.0, done=0.1, stint=600.0, yields=yields)
        for yields in (MOST_YIELDS - 1, MOST_YIELDS)
    )
    assert makes_way(last, others, now=now)
    assert not makes_way(over, others, now=now)


works = st.floats(1, 1200)
queues = st.lists(st.builds(Job, st.floats(0, 3000), works), min_size=1, max_size=8)


@given(queues)
def test_a_job_makes_way_a_bounded_number_of_times(jobs: list[Job]) -> None:
    simulate(jobs)
    assert all(job.yields <= MOST_YIELDS for job in jobs)
    assert all(job.stints == job.yields + 1 for job in jobs)


@given(queues)
def test_only_those_whose_turn_is_earlier_go_before_a_job_that_waits(jobs: list[Job]) -> None:
    """So nothing starves: a job ends at the latest with the work of those before it, of whatever
    ran when it came, and of its own.
    """
    simulate(jobs)
    longest = max(job.work for job in jobs)
    for job in jobs:
        before = sum(one.work for one in jobs if one.place.turn <= job.place.turn)
        assert job.ended <= job.arrived + before + longest + 1e-6


@given(st.floats(400, 20_000), st.floats(1, 90), st.floats(0, 300))
def test_a_short_job_is_not_stuck_behind_a_long_one(
    long: float, short: float, arrived: float
) -> None:
    jobs = [Job(0.0, long), Job(arrived, short)]
    simulate(jobs)
    if arrived + short < long and 4 * short <= (long - arrived - STINT_SECONDS - WAITED_SECONDS):
        assert jobs[1].ended - arrived <= short + STINT_SECONDS + WAITED_SECONDS + 2 * LOOK


def test_clips_that_come_all_through_a_long_film_do_not_wait_for_its_end() -> None:
    """Two hours by hand held, as slow as was measured; one minute each, every ten minutes."""
    film = Job(0.0, estimated_work(duration=7200, size=0))
    clips = [Job(60.0 + 600 * n, estimated_work(duration=60, size=0)) for n in range(20)]
    simulate([film, *clips])
    for clip in clips:
        if 4 * clip.work <= film.work - clip.arrived:
            assert (
                clip.ended - clip.arrived <= clip.work + STINT_SECONDS + WAITED_SECONDS + 2 * LOOK
            )


def test_sound_which_begins_anew_makes_way_a_few_times_only() -> None:
    others = [Waiting(arrived=0.0, work=1.0)]
    last, over = (
        Running(arrived=0.0, work=5_000.0, done=0.0, stint=30.0, yields=yields, in_sound=True)
        for yields in (MOST_YIELDS_IN_SOUND - 1, MOST_YIELDS_IN_SOUND)
    )
    assert makes_way(last, others, now=10_000.0)
    assert not makes_way(over, others, now=10_000.0)
    assert makes_way(replace(over, in_sound=False), others, now=10_000.0)


def test_a_long_job_does_not_make_way_for_one_whose_turn_is_later() -> None:
    running = Running(arrived=0, work=4000, done=0.1, stint=600, yields=0)
    assert makes_way(running, [Waiting(500, 60)], now=600)
    assert not makes_way(running, [Waiting(3990, 60)], now=4010)


def test_a_job_that_is_nearly_done_is_not_stopped() -> None:
    running = Running(arrived=0, work=4000, done=0.97, stint=600, yields=0)
    assert not makes_way(running, [Waiting(500, 60)], now=600)


def test_what_an_idle_worker_may_take_any_moment_stops_nothing() -> None:
    running = Running(arrived=0, work=4000, done=0.1, stint=600, yields=0)
    assert not makes_way(running, [Waiting(599, 60)], now=600)


@given(st.lists(st.floats(-1e9, 1e9), max_size=20))
def test_arrivals_follow_the_order_whatever_the_clock_said(noted: list[float]) -> None:
    steady = arrivals(noted)
    assert steady == sorted(steady)
    assert all(one <= other for one, other in zip(steady, noted, strict=True))


@given(st.lists(st.floats(0, 1e6), max_size=20).map(sorted))
def test_a_clock_that_did_not_jump_is_believed(noted: list[float]) -> None:
    assert arrivals(noted) == noted


def test_a_job_written_by_a_clock_a_year_ahead_is_not_put_off_for_a_year() -> None:
    year = 365 * 86_400.0
    assert arrivals([0.0, year, 20.0]) == [0.0, 20.0, 20.0]


def test_the_length_of_a_film_tells_more_than_its_size() -> None:
    assert estimated_work(duration=7200, size=300_000_000) == 7200 * 1.7
    assert estimated_work(duration=None, size=300_000_000) == 300


def test_a_preview_ends_early_only_for_others_and_when_it_plays() -> None:
    assert preview_makes_way(plays=True, stint=3, others_wait=True)
    assert not preview_makes_way(plays=False, stint=60, others_wait=True)
    assert not preview_makes_way(plays=True, stint=1, others_wait=True)
    assert not preview_makes_way(plays=True, stint=60, others_wait=False)
