"""The queue of record."""

import datetime as dt
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from audit.models import AuditEntry
from media_pipeline.jobs import (
    FROM_OUTSIDE,
    MOST_KILLS,
    JobStateError,
    job_claim,
    job_enqueue,
    job_fail,
    job_finish,
    job_playable,
    job_refuse,
    job_release,
    job_renew,
    job_retry,
    jobs_sweep,
)
from media_pipeline.models import Package, TranscodeJob, VideoAsset
from media_pipeline.signals import asset_ready
from media_pipeline.transitions import TRANSITIONS, Claim
from tests.factories import UserFactory, VideoAssetFactory

State = TranscodeJob.State
NOW = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)
FACTS = SimpleNamespace(
    duration=61.5,
    has_audio=True,
    loudness=-23.5,
    brightness=120.0,
    moments=(1.0, 30.5),
    bytes_total=5000,
    renditions=(
        SimpleNamespace(
            name="360p",
            width=640,
            height=360,
            bandwidth=500_000,
            average_bandwidth=300_000,
            codecs="avc1",
            bytes=4000,
        ),
    ),
)


def after(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def queued(*, size: int = 1_000_000, at: dt.datetime = NOW) -> TranscodeJob:
    return job_enqueue(asset=VideoAssetFactory(size=size), now=at)


def claimed(**options: Any) -> Claim:
    job = queued(**options)
    claim = job_claim(owner="host:1:w:1", now=NOW, job_id=job.pk)
    assert claim is not None
    return claim


def lost(now: dt.datetime = NOW) -> int:
    """Sweep after every worker has died."""
    return jobs_sweep(now=now, is_dead=lambda owner: True)


def row(claim: Claim) -> TranscodeJob:
    return TranscodeJob.objects.select_related("asset").get(pk=claim.job_id)


def finish(claim: Claim, now: dt.datetime = NOW) -> bool:
    return job_finish(claim=claim, facts=FACTS, width=641, height=361, now=now)


pytestmark = pytest.mark.django_db


def test_every_transition_starts_where_another_ends() -> None:
    starts = {state for before, _ in TRANSITIONS.values() for state in before}
    ends = {end for _, end in TRANSITIONS.values()} | {State.QUEUED}
    assert starts <= ends == set(State)


def test_a_claim_counts_the_attempt_and_takes_a_lease_and_a_package_of_its_own() -> None:
    claim = claimed()
    job = row(claim)
    assert (job.state, job.attempt, job.fence) == (State.RUNNING, 1, 1)
    assert (job.lease_owner, job.renewed_at) == ("host:1:w:1", NOW)
    [package] = job.packages.all()
    assert (package.key, package.asset, package.fence) == (claim.package_key, job.asset, 1)


def test_a_claimed_job_cannot_be_claimed_again() -> None:
    claim = claimed()
    assert job_claim(owner="host:2:w:1", now=NOW, job_id=claim.job_id) is None
    assert job_claim(owner="host:2:w:1", now=NOW) is None


def test_a_recording_has_one_active_job() -> None:
    job = queued()
    with pytest.raises(IntegrityError), transaction.atomic():
        job_enqueue(asset=job.asset, now=NOW)


def test_a_short_recording_overtakes_a_long_one_that_just_came() -> None:
    queued(size=900_000_000)
    short = queued(size=1_000_000, at=after(30))
    claim = job_claim(owner="o", now=after(31))
    assert claim is not None
    assert claim.job_id == short.pk


def test_a_long_recording_is_not_overtaken_for_ever() -> None:
    long = queued(size=900_000_000)
    queued(size=1_000_000, at=after(1000))
    claim = job_claim(owner="o", now=after(1001))
    assert claim is not None
    assert claim.job_id == long.pk


def test_a_resting_job_is_not_claimed_before_its_time() -> None:
    claim = claimed()
    job_release(claim=claim, now=NOW, reason="disk_full", pause=dt.timedelta(seconds=60))
    assert job_claim(owner="o", now=after(59)) is None
    assert job_claim(owner="o", now=after(60)) is not None


def test_renewing_moves_the_lease_and_shows_progress() -> None:
    claim = claimed()
    assert job_renew(claim=claim, now=after(10), step="encode", progress=0.5)
    job = row(claim)
    assert (job.renewed_at, job.step, job.progress) == (after(10), "encode", 0.5)


def test_a_lost_lease_cannot_be_renewed() -> None:
    claim = claimed()
    lost(after(46))
    assert not job_renew(claim=claim, now=after(47), step="encode", progress=0.5)


def test_giving_back_does_not_count_the_attempt() -> None:
    claim = claimed()
    assert job_release(claim=claim, now=NOW)
    job = row(claim)
    assert (job.state, job.attempt, job.fence) == (State.QUEUED, 0, 1)
    assert (job.lease_owner, job.renewed_at) == ("", None)


def test_finishing_publishes_package_recording_and_job_together(
    django_capture_on_commit_callbacks: Any,
) -> None:
    claim = claimed()
    heard: list[Any] = []

    def listen(**kwargs: Any) -> None:
        heard.append(kwargs["asset_id"])

    asset_ready.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            assert finish(claim, after(9))
            assert heard == []
    finally:
        asset_ready.disconnect(listen)
    asset = row(claim).asset
    assert row(claim).state == State.DONE
    assert (asset.state, asset.package_id) == (VideoAsset.State.READY, claim.package_key)
    assert (asset.duration, asset.width, asset.height) == (61.5, 641, 361)
    assert asset.loudness == -23.5
    assert (asset.ready_at, asset.first_play_at) == (after(9), after(9))
    assert [r.name for r in asset.package.renditions.all()] == ["360p"]
    assert heard == [asset.pk]


def test_what_plays_first_is_noted_once() -> None:
    claim = claimed()
    assert job_playable(claim=claim, preview="preview.mp4", now=after(2))
    assert Package.objects.get(pk=claim.package_key).preview == "preview.mp4"
    finish(claim, after(9))
    assert row(claim).asset.first_play_at == after(2)


def test_a_failed_attempt_is_tried_again_after_a_rest() -> None:
    claim = claimed()
    job_playable(claim=claim, preview="preview.mp4", now=after(2))
    assert job_fail(claim=claim, reason="exit", diagnostics="ffmpeg said", now=NOW) == State.QUEUED
    job = row(claim)
    assert (job.attempt, job.reason, job.diagnostics) == (1, "exit", "ffmpeg said")
    assert job.available_at > NOW
    assert job.asset.state == VideoAsset.State.PROCESSING


def test_a_recording_that_fails_three_times_is_given_up_with_its_reason() -> None:
    job = queued()
    moment = NOW
    for _ in range(3):
        moment += dt.timedelta(hours=1)
        claim = job_claim(owner="o", now=moment)
        assert claim is not None
        job_fail(claim=claim, reason="exit", now=moment)
    job.refresh_from_db()
    assert (job.state, job.attempt, job.reason) == (State.QUARANTINED, 3, "exit")
    assert (job.asset.state, job.asset.reason) == (VideoAsset.State.FAILED, "exit")
    assert job_claim(owner="o", now=moment + dt.timedelta(days=1)) is None


@pytest.mark.parametrize("reason", sorted(FROM_OUTSIDE))
def test_a_kill_from_outside_is_not_held_against_the_recording(reason: str) -> None:
    job = queued()
    for round_ in range(MOST_KILLS - 1):
        claim = job_claim(owner="o", now=after(200 * round_))
        assert claim is not None
        assert job_fail(claim=claim, reason=reason, now=after(200 * round_ + 50)) == State.QUEUED
    for moment in (9000, 9100):
        claim = job_claim(owner="o", now=after(moment))
        assert claim is not None
        assert job_fail(claim=claim, reason="exit", now=after(moment)) == State.QUEUED
    job.refresh_from_db()
    assert (job.attempt, job.kills) == (2, MOST_KILLS - 1)


def test_a_recording_that_kills_every_worker_is_given_up_in_the_end() -> None:
    job = queued()
    for round_ in range(MOST_KILLS):
        assert job_claim(owner="o", now=after(100 * round_)) is not None
        assert lost(after(100 * round_ + 50)) == 1
    job.refresh_from_db()
    assert (job.state, job.asset.state) == (State.QUARANTINED, VideoAsset.State.FAILED)
    assert job.reason == job.asset.reason == "worker_lost"


def test_a_refused_recording_is_not_tried_again() -> None:
    claim = claimed()
    assert job_refuse(claim=claim, reason="damaged", now=NOW)
    job = row(claim)
    assert (job.state, job.reason) == (State.REFUSED, "damaged")
    assert (job.asset.state, job.asset.reason) == (VideoAsset.State.REFUSED, "damaged")


@pytest.mark.parametrize(
    "write",
    [
        lambda claim: finish(claim),
        lambda claim: job_refuse(claim=claim, reason="damaged", now=NOW),
        lambda claim: job_fail(claim=claim, reason="exit", now=NOW),
        lambda claim: job_release(claim=claim, now=NOW),
        lambda claim: job_renew(claim=claim, now=NOW, step="x", progress=0),
        lambda claim: job_playable(claim=claim, preview="preview.mp4", now=NOW),
    ],
    ids=["finish", "refuse", "fail", "release", "renew", "playable"],
)
def test_whoever_lost_the_lease_changes_nothing(write: Callable[[Claim], object]) -> None:
    late = claimed()
    lost(after(46))
    other = job_claim(owner="host:2:w:1", now=after(47))
    assert other is not None
    before = TranscodeJob.objects.filter(pk=late.job_id).values().get()
    asset_before = VideoAsset.objects.filter(pk=late.asset_id).values().get()
    assert not write(late)
    assert TranscodeJob.objects.filter(pk=late.job_id).values().get() == before
    assert VideoAsset.objects.filter(pk=late.asset_id).values().get() == asset_before
    assert finish(other, after(60))


def test_of_two_attempts_one_publishes() -> None:
    late = claimed()
    lost(after(46))
    other = job_claim(owner="host:2:w:1", now=after(47))
    assert other is not None
    assert finish(other)
    assert not finish(late)
    assert row(late).asset.package_id == other.package_key
    assert Package.objects.get(pk=late.package_key).renditions.count() == 0


def test_a_dead_owner_of_this_host_loses_its_lease_at_once() -> None:
    claim = claimed()
    assert jobs_sweep(now=after(1), is_dead=lambda owner: owner == "host:1:w:1") == 1
    assert row(claim).state == State.QUEUED
    assert job_claim(owner="host:2:w:1", now=after(1)) is not None


def test_the_sweep_wakes_a_worker_for_what_waits(wakeups: list[int]) -> None:
    job = queued()
    jobs_sweep(now=NOW)
    assert wakeups == [job.pk]


def test_the_sweep_does_not_flood_the_broker(wakeups: list[int]) -> None:
    for _ in range(9):
        queued()
    jobs_sweep(now=NOW)
    assert len(wakeups) == 4


def test_a_wake_up_goes_out_when_the_row_is_there(
    wakeups: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = queued()
        assert wakeups == []
    assert wakeups == [job.pk]


def test_a_person_can_have_a_given_up_recording_tried_again() -> None:
    actor, job = UserFactory(), queued()
    TranscodeJob.objects.filter(pk=job.pk).update(attempt=2)
    claim = job_claim(owner="o", now=NOW)
    assert claim is not None
    job_fail(claim=claim, reason="exit", now=NOW)
    job.refresh_from_db()
    job_retry(job=job, actor=actor, now=after(5))
    job.refresh_from_db()
    assert (job.state, job.attempt, job.reason) == (State.QUEUED, 0, "")
    assert job.asset.state == VideoAsset.State.PROCESSING
    assert AuditEntry.objects.get(action="job.retry").actor == actor


def test_what_is_published_stays_so_while_it_is_tried_again() -> None:
    asset = VideoAssetFactory(ready=True)
    job = job_enqueue(asset=asset, now=NOW)
    TranscodeJob.objects.filter(pk=job.pk).update(state=State.QUARANTINED, finished_at=NOW)
    job.refresh_from_db()
    job_retry(job=job, actor=UserFactory(), now=after(5))
    asset.refresh_from_db()
    assert asset.state == VideoAsset.State.READY
    assert [one.lane for one in TranscodeJob.objects.active()] == [TranscodeJob.Lane.FULL]


def test_a_running_recording_cannot_be_tried_again() -> None:
    claim = claimed()
    with pytest.raises(JobStateError):
        job_retry(job=row(claim), actor=UserFactory(), now=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_exactly_one_gets_a_job() -> None:
    jobs = {queued(at=timezone.now()).pk for _ in range(6)}
    claims: list[Claim] = []
    start = threading.Barrier(8)

    def worker(name: str) -> None:
        try:
            start.wait()
            while (claim := job_claim(owner=name, now=timezone.now())) is not None:
                claims.append(claim)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker, args=(f"host:{n}:w:1",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claim.job_id for claim in claims) == sorted(jobs)
    assert Package.objects.count() == len(jobs)
    assert set(TranscodeJob.objects.values_list("attempt", "fence")) == {(1, 1)}
