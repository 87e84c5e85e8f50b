"""What operators see of messages that leave the house."""

import datetime as dt

import pytest

from media_pipeline.metrics import INSTALLATION
from notices.delivering import deliveries_work
from notices.errors import Refused
from notices.metrics import delivery_figures
from tests.integration.notices.conftest import NOON

pytestmark = pytest.mark.django_db
LATER = NOON + dt.timedelta(hours=2)


def figures(now=LATER) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for metric in delivery_figures(now)
        for sample in metric.samples
    }


def state(name: str, now=LATER) -> float:
    return figures(now)["lectern_deliveries", "sms", name]


def test_deliveries_are_counted_by_channel_and_state(told, reader, far):
    told(reader)
    assert (state("waiting"), state("sent"), state("failed")) == (1, 0, 0)
    deliveries_work(now=NOON)
    assert (state("waiting"), state("sent"), state("failed")) == (0, 1, 0)


def test_what_the_far_end_refused_has_failed(told, reader, far):
    far.ends = [Refused("no such number")]
    told(reader)
    deliveries_work(now=NOON)
    assert (state("sent"), state("failed")) == (0, 1)


def test_the_oldest_that_waits_is_named_by_its_age(told, reader, far):
    told(reader)
    told(reader, subject="b", now=NOON + dt.timedelta(hours=1))
    assert figures()["lectern_delivery_age_seconds", "sms"] == 7200
    deliveries_work(now=LATER)
    assert figures()["lectern_delivery_age_seconds", "sms"] == 0


def test_a_channel_that_nobody_uses_yet_shows_zero(far):
    assert state("waiting") == 0
    assert figures()["lectern_delivery_age_seconds", "sms"] == 0


def test_they_stand_on_the_page_of_the_workers(told, reader, far):
    told(reader)
    assert INSTALLATION.get_sample_value(
        "lectern_deliveries", {"channel": "sms", "state": "waiting"}
    )
