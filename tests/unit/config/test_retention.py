"""Periods from the environment: days, or empty for good; the kinds are those that are cleaned."""

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from config.retention import DEFAULT_DAYS, retention_days
from organizations.privacy.retention import Kind


def test_every_kind_has_a_default():
    assert set(DEFAULT_DAYS) == {str(kind) for kind in Kind}


def test_a_period_is_set_in_days_and_empty_keeps_for_good(monkeypatch):
    monkeypatch.setenv("RETENTION_CREDENTIALS_DAYS", "7")
    monkeypatch.setenv("RETENTION_LEFT_PEOPLE_DAYS", "")

    days = retention_days(environ.Env())

    assert (days["credentials"], days["left_people"], days["corrections"]) == (7, None, 365)


@pytest.mark.parametrize("days", ["a week", "-1", "1.5"])
def test_what_is_no_number_of_days_is_refused(monkeypatch, days):
    monkeypatch.setenv("RETENTION_CREDENTIALS_DAYS", days)
    with pytest.raises(ImproperlyConfigured, match="RETENTION_CREDENTIALS_DAYS"):
        retention_days(environ.Env())
