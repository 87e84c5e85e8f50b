"""Messages are words of the catalogue with values; rows of any age still read."""

import datetime as dt

import pytest
from django.utils import translation

from notices import causes
from notices.causes import Cause, declare, stored, worded


@pytest.fixture
def cause(monkeypatch):
    monkeypatch.setattr(causes, "_causes", {})
    text = "%(title)s until %(until)s"
    return declare(Cause(code="trial", label="Trial", texts={"one": text}))


def test_values_are_put_into_the_words(cause):
    values = stored({"title": "50% off", "until": dt.date(2026, 11, 26)})
    with translation.override("zh-hans"):
        assert worded("trial", "one", values) == "50% off until 2026年11月26日"


def test_a_value_that_an_old_row_has_not_is_left_out(cause):
    assert worded("trial", "one", {"title": "x"}) == "x until "


def test_a_text_that_is_no_longer_declared_says_nothing(cause):
    assert worded("trial", "gone", {}) == ""
    assert worded("gone", "one", {}) == ""


def test_a_long_title_is_cut_and_odd_blanks_go():
    kept = stored({"title": "长" * 200, "other": "a\n b\x00c"})
    assert len(kept["title"]) == causes.LONGEST
    assert kept["title"].endswith("…")
    assert kept["other"] == "a bc"


def test_an_instant_is_refused():
    with pytest.raises(TypeError):
        stored({"at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)})


def test_a_cause_is_declared_once(cause):
    with pytest.raises(ValueError):
        declare(cause)
