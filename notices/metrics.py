"""What leaves the house, as figures for operators; who serves them is above."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db.models import Count, Min
from prometheus_client.core import GaugeMetricFamily, Metric

from notices.channels import offered
from notices.models import Delivery

State = Delivery.State


def delivery_figures(now: dt.datetime) -> Iterator[Metric]:
    """Read from the rows. A channel that is no longer offered is there as long as its rows."""
    rows = Delivery.objects.order_by()
    counted = {
        (channel, state): n
        for channel, state, n in rows.values_list("channel", "state").annotate(n=Count("pk"))
    }
    channels = sorted({*offered(), *(channel for channel, _state in counted)})
    deliveries = GaugeMetricFamily(
        "lectern_deliveries",
        "Deliveries of messages by channel and state.",
        labels=["channel", "state"],
    )
    for channel in channels:
        for state in State.values:
            deliveries.add_metric([channel, state], counted.get((channel, state), 0))
    yield deliveries

    # Since they were told: a channel that rests puts off when they are due.
    waiting = rows.filter(state__in=(State.WAITING, State.SENDING)).values_list("channel")
    oldest = dict(waiting.annotate(oldest=Min("message__told_at")))
    age = GaugeMetricFamily(
        "lectern_delivery_age_seconds",
        "How long ago the message was told that waits longest to leave.",
        labels=["channel"],
    )
    for channel in channels:
        told = oldest.get(channel)
        age.add_metric([channel], max((now - told).total_seconds(), 0) if told else 0)
    yield age
