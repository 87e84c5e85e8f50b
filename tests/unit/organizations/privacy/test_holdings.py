"""How values of one's own data are shown to people and written for machines."""

import datetime as dt
import json

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from organizations.privacy.holdings import machine, shown

INSTANT = dt.datetime(2026, 11, 23, 16, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        (INSTANT, "2026年11月24日 00:30"),
        (dt.date(2026, 1, 2), "2026年1月2日"),
        (["甲", "乙"], "甲、乙"),
        (7, "7"),
        (0, "0"),
    ],
)
def test_values_are_shown_as_people_write_them(value, text):
    with translation.override("zh-hans"):
        assert shown(value) == text


def test_instants_are_utc_and_dates_iso_for_machines():
    assert machine(INSTANT.astimezone(dt.timezone(dt.timedelta(hours=8)))) == "2026-11-23T16:30:00Z"
    assert machine(dt.date(2026, 1, 2)) == "2026-01-02"


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(),
    st.dates(),
    st.datetimes(timezones=st.just(dt.UTC)),
)


@given(st.one_of(VALUES, st.lists(VALUES, max_size=4)))
def test_every_value_can_be_written_as_json(value):
    json.dumps(machine(value))
