"""What is finished is not done again, attempts count from the last new segment, long jobs make
way, and no clock that jumps and no database that is away costs anything.
"""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from media_pipeline import work
from media_pipeline.attempt import folder_of, segments_in
from media_pipeline.ffmpeg.runner import FailureReason, MediaProcessFailed, MediaProcessStopped
from media_pipeline.jobs import (
    job_claim,
    job_enqueue,
    job_fail,
    job_release,
    job_renew,
    jobs_sweep,
)
from media_pipeline.lease_watch import LEASE_SECONDS, LeaseWatch
from media_pipeline.models import Package, TranscodeJob, VideoAsset
from media_pipeline.transitions import Claim
from media_pipeline.waiting import LONGEST_REST, job_is_due, jobs_in_order
from media_pipeline.work import job_work, queue_work
from tests.factories import VideoAssetFactory
from tests.integration.media_pipeline.conftest import FakeFilm

pytestmark = pytest.mark.django_db
State = TranscodeJob.State
Add = Callable[..., VideoAsset]
NOW = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)
YEAR = dt.timedelta(days=365)


def claimed(now: dt.datetime | None = None) -> Claim:
    TranscodeJob.objects.update(available_at=NOW)
    claim = job_claim(owner="host:1:w:1", now=now or NOW + YEAR)
    assert claim is not None
    return claim


def killed() -> None:
    """The worker dies and the sweep finds out."""
    assert jobs_sweep(now=timezone.now(), is_dead=lambda owner: True) == 1


def the_job() -> TranscodeJob:
    return TranscodeJob.objects.select_related("asset").get()


def lives(claim: Claim, *, segments: int) -> None:
    assert job_renew(claim=claim, now=NOW, step="encode", progress=0.5, segments=segments)


# -- attempts count from the last new segment ---------------------------------------------------


def test_a_job_that_moves_on_between_kills_of_its_workers_is_never_given_up(
    add_recording: Add,
) -> None:
    add_recording()
    for number in range(12):
        lives(claimed(), segments=number + 1)
        killed()
        assert (the_job().state, the_job().kills) == (State.QUEUED, 1)


def test_three_failures_at_the_same_place_are_the_end(add_recording: Add) -> None:
    add_recording()
    for _ in range(3):
        claim = claimed()
        lives(claim, segments=100)
        job_fail(claim=claim, reason="crashed", now=NOW)
    job = the_job()
    assert (job.state, job.asset.state) == (State.QUARANTINED, VideoAsset.State.FAILED)
    assert job.reason == "crashed"


def test_work_that_was_thrown_away_and_made_again_is_nothing_new(add_recording: Add) -> None:
    add_recording()
    for segments in (5, 3, 5):
        claim = claimed()
        lives(claim, segments=segments)
        job_fail(claim=claim, reason="exit", now=NOW)
    assert the_job().state == State.QUARANTINED


def test_giving_back_after_a_new_segment_leaves_all_attempts(add_recording: Add) -> None:
    add_recording()
    lives(claimed(), segments=1)
    killed()
    claim = claimed()
    lives(claim, segments=2)
    job_release(claim=claim, now=NOW)
    assert the_job().attempt == 0


# -- what is finished is taken over ---------------------------------------------------------------


def test_the_next_attempt_goes_on_from_the_one_that_came_furthest(
    add_recording: Add, film: FakeFilm
) -> None:
    add_recording()
    film.during = lambda should_stop: (_ for _ in ()).throw(MediaProcessStopped())
    film.segments = 7
    job_work()
    killed_early = claimed(timezone.now())  # dies before it has taken anything over
    killed()
    film.during = lambda should_stop: None
    film.segments = 9
    TranscodeJob.objects.update(available_at=NOW)
    assert queue_work() == 1
    assert film.found == [0, 7]
    assert not folder_of(killed_early.package_key).exists()
    assert Package.objects.count() == 1


def test_a_failed_attempt_leaves_what_is_finished_too(add_recording: Add, film: FakeFilm) -> None:
    def fails(should_stop: Callable[[], bool]) -> None:
        raise MediaProcessFailed(FailureReason.KILLED)

    add_recording()
    film.during = fails
    job_work()
    [package] = Package.objects.all()
    assert segments_in(folder_of(package.key)) == 1
    film.during = lambda should_stop: None
    TranscodeJob.objects.update(available_at=NOW)
    assert queue_work() == 1
    assert film.found == [0, 1]
    assert VideoAsset.objects.ready().exists()


def test_progress_stays_to_be_seen_while_a_job_waits_to_go_on(add_recording: Add) -> None:
    add_recording()
    lives(claimed(), segments=1)
    killed()
    assert the_job().progress == 0.5
    assert claimed().progress == 0.5


def test_a_segment_counts_when_every_rung_has_it(tmp_path: Any) -> None:
    for rung, count in (("720p", 3), ("360p", 2)):
        (tmp_path / rung).mkdir()
        for number in range(count):
            (tmp_path / rung / f"seg_{number:05d}.m4s").touch()
    (tmp_path / "audio").mkdir()
    (tmp_path / "360p" / "seg_00002.m4s.tmp").touch()
    assert segments_in(tmp_path) == 2
    assert segments_in(tmp_path / "nowhere") == 0


# -- making way ---------------------------------------------------------------------------------


def long_recording(add_recording: Add, film: FakeFilm) -> VideoAsset:
    """Sent ten minutes ago; by its size it takes an hour."""
    long = add_recording(now=timezone.now() - dt.timedelta(minutes=10))
    VideoAsset.objects.filter(pk=long.pk).update(size=4_000_000_000)
    film.duration = None  # type: ignore[assignment]
    return long


def pulse_clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The steady clock of the pulse, to be set."""
    clock = [0.0]
    monkeypatch.setattr("media_pipeline.pulse.time", SimpleNamespace(monotonic=lambda: clock[0]))
    return clock


def test_a_long_job_makes_way_at_a_segment_border_and_goes_on_afterwards(
    add_recording: Add, film: FakeFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media_pipeline.fairness.STINT_SECONDS", 0.0)
    long = long_recording(add_recording, film)
    seen: list[str] = []

    def during(should_stop: Callable[[], bool]) -> None:
        seen.append(str(TranscodeJob.objects.get(state=State.RUNNING).asset_id))
        if len(seen) > 1:
            return
        assert not should_stop()
        short = add_recording(now=timezone.now() - dt.timedelta(seconds=30))
        assert not should_stop()  # no border has been passed
        folder = folder_of(Package.objects.get(asset=long).key)
        (folder / "360p/seg_00001.m4s").touch()
        should_stop()  # the look is taken with the renewal
        assert should_stop()
        seen.append(str(short.pk))
        raise MediaProcessStopped

    film.during = during
    assert queue_work() == 3
    assert seen == [str(long.pk), seen[1], seen[1], str(long.pk)]
    job = TranscodeJob.objects.get(asset=long)
    assert (job.state, job.yields, job.attempt) == (State.DONE, 1, 1)
    assert film.found == [0, 0, 2]


def test_the_time_until_its_first_segment_is_no_stint(
    add_recording: Add, film: FakeFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy from a store, a probe: to make way after it would have been in vain."""
    long = long_recording(add_recording, film)
    clock = pulse_clock(monkeypatch)
    seen: list[bool] = []

    def during(should_stop: Callable[[], bool]) -> None:
        if seen:
            return
        add_recording(now=timezone.now() - dt.timedelta(seconds=30))
        folder = folder_of(Package.objects.get(asset=long).key)
        for number, seconds in ((1, 100.0), (2, 10.0), (3, 15.0)):
            clock[0] += seconds
            (folder / f"360p/seg_{number:05d}.m4s").touch()
            should_stop()  # the look is taken with the renewal
            seen.append(should_stop())
        raise MediaProcessStopped

    film.during = during
    assert queue_work() == 3
    assert seen == [False, False, True]


def test_a_long_job_makes_way_in_the_midst_of_its_sound(
    add_recording: Add, film: FakeFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Minutes, of a film of two hours, in which no segment comes."""
    long = long_recording(add_recording, film)
    clock = pulse_clock(monkeypatch)
    seen: list[bool] = []
    transcode = film.transcode

    def with_sound(*, on_step: Any, should_stop: Any, **options: Any) -> Any:
        if not seen:
            add_recording(now=timezone.now() - dt.timedelta(seconds=30))
            on_step("sound", 0.0)
            for seconds in (0.0, 15.0, 10.0):
                clock[0] += seconds
                should_stop()  # the look is taken with the renewal
                seen.append(should_stop())
            raise MediaProcessStopped
        return transcode(on_step=on_step, should_stop=should_stop, **options)

    monkeypatch.setattr("media_pipeline.attempt.transcode", with_sound)
    assert queue_work() == 3
    assert seen == [False, False, True]
    assert TranscodeJob.objects.get(asset=long).yields == 1


# -- clocks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [YEAR, -YEAR], ids=["forward", "backward"])
def test_a_lease_survives_jumps_of_either_clock(add_recording: Add, jump: dt.timedelta) -> None:
    add_recording()
    claim, watch = claimed(NOW), LeaseWatch()
    for number in range(40):
        # The worker's clock jumps now and then, the sweeper's at other times.
        shown = NOW + dt.timedelta(seconds=10 * number) + (jump if number % 7 > 3 else 0 * jump)
        assert job_renew(claim=claim, now=shown, step="encode", progress=0.1)
        taken = jobs_sweep(
            now=NOW + (jump if number % 5 > 2 else 0 * jump),
            is_dead=lambda owner: False,
            watch=watch,
            steady=lambda number=number: 10.0 * number,
        )
        assert taken == 0
    assert the_job().state == State.RUNNING


@pytest.mark.parametrize("jump", [YEAR, -YEAR], ids=["forward", "backward"])
def test_a_lost_lease_is_found_whatever_the_clocks_show(
    add_recording: Add, jump: dt.timedelta
) -> None:
    add_recording()
    claimed(NOW + jump)
    watch, taken = LeaseWatch(), 0
    for number in range(7):
        taken += jobs_sweep(
            now=NOW,
            is_dead=lambda owner: False,
            watch=watch,
            steady=lambda number=number: 10.0 * number,
        )
        assert taken == (10.0 * number > LEASE_SECONDS)


@pytest.mark.parametrize("jump", [YEAR, -YEAR], ids=["forward", "backward"])
def test_a_rest_written_by_a_clock_that_was_wrong_ends(
    add_recording: Add, jump: dt.timedelta
) -> None:
    add_recording()
    claim = claimed(NOW)
    job_fail(claim=claim, reason="exit", now=NOW + jump)
    assert job_is_due(now=NOW + LONGEST_REST)


def test_a_job_queued_by_a_clock_that_was_a_year_ahead_is_not_put_off() -> None:
    early = job_enqueue(asset=VideoAssetFactory(), now=NOW + YEAR)
    TranscodeJob.objects.filter(pk=early.pk).update(available_at=NOW)
    later = job_enqueue(asset=VideoAssetFactory(), now=NOW)
    order = [job.pk for job in jobs_in_order(lane="full", now=NOW)]
    assert sorted(order) == [early.pk, later.pk]
    assert order[0] == early.pk


# -- a database that is away ----------------------------------------------------------------------


def test_a_database_that_is_restarted_at_the_end_costs_no_work(
    add_recording: Add, film: FakeFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_recording()
    finish, tries = work.job_finish, []

    def away_twice(**kwargs: Any) -> bool:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("the database system is starting up")
        return finish(**kwargs)

    monkeypatch.setattr(work, "job_finish", away_twice)
    monkeypatch.setattr(work, "DATABASE_PAUSE", 0.0)
    assert job_work()
    assert (the_job().state, len(tries)) == (State.DONE, 3)


def test_a_commit_whose_answer_was_lost_is_not_undone(
    add_recording: Add, film: FakeFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = add_recording()
    finish, tries = work.job_finish, []

    def answer_lost(**kwargs: Any) -> bool:
        done = finish(**kwargs)
        tries.append(done)
        if done:
            raise OperationalError("server closed the connection unexpectedly")
        return done

    monkeypatch.setattr(work, "job_finish", answer_lost)
    monkeypatch.setattr(work, "DATABASE_PAUSE", 0.0)
    assert job_work()
    assert tries == [True, False]
    asset.refresh_from_db()
    assert asset.is_ready
    assert asset.package is not None
    assert (folder_of(asset.package.key) / "master.m3u8").is_file()


def test_a_database_that_is_away_in_the_middle_counts_against_nobody(
    add_recording: Add, film: FakeFilm
) -> None:
    def away(should_stop: Callable[[], bool]) -> None:
        raise OperationalError("the database system is in recovery mode")

    add_recording()
    film.during = away
    job_work()
    job = the_job()
    assert (job.state, job.attempt) == (State.QUEUED, 0)
    assert Package.objects.count() == 1
